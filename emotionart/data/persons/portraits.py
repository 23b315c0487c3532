"""Selection of the portraits in a table, for `data.only=portraits`."""

from __future__ import annotations

import logging

import numpy as np

from emotionart.data.tables.table import PORTRAIT, ArtworkTable
from emotionart.errors import UserError

log = logging.getLogger(__name__)


def keep_portraits(table: ArtworkTable) -> ArtworkTable:
    """The artworks that a table marks as portraits in a column, or else those with the tag "portrait".

    Raises:
        UserError: if no artwork is marked as a portrait.
    """
    by = f"column {PORTRAIT!r}"
    kept = table.portrait
    if kept is None:
        by = f"tag {PORTRAIT!r}"
        kept = np.array([PORTRAIT in tags for tags in table.tags], dtype=bool)
    if not kept.any():
        raise UserError(
            f"No artwork is called a portrait: there is no {by} that says so.",
            where="data.only=portraits",
            fix="emotionart data curate TABLE --keep portraits --out CURATED   or data.tags=COLUMN",
        )
    log.info("%d of %d artworks are portraits by their %s; the others are left out", kept.sum(), len(table), by)
    return table.take(np.flatnonzero(kept))
