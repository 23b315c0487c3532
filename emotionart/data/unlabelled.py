"""Pictures without labels as a source of artworks."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from pathlib import Path

import numpy as np

from emotionart.data.source import Source, Table
from emotionart.data.tables.cells import read_header
from emotionart.data.tables.layouts.folder import pictures_in
from emotionart.data.tables.table import ArtworkTable
from emotionart.errors import UserError


@dataclass(frozen=True, kw_only=True)
class Pictures(Source):
    """The pictures of a folder and its subfolders, whatever these are called; nothing is known of them."""

    path: str

    def read(self, cache: Path) -> ArtworkTable:
        """A row for each picture, without labels, tags and artists."""
        images = [str(path) for path in pictures_in(Path(self.path).resolve())]
        if not images:
            raise UserError("There is no picture in this folder.", where=self.path)
        return ArtworkTable(
            image=np.array(images, dtype=object),
            labels=(),
            votes=np.zeros((len(images), 0), dtype=np.float32),
            group=np.full(len(images), "", dtype=object),
            tags=(frozenset(),) * len(images),
        )


def unlabelled_source(source: Source) -> Source:
    """What `unlabelled` names: a folder of pictures, or a table with the columns of the labelled one, but for labels.

    A table may hold the labelled artworks as well. It needs no column of artists; whatever else it says is not read.
    `only` holds for a table, by its own columns; of a folder all pictures are taken.

    Args:
        source: of the labelled artworks, whose `unlabelled` is not None.
    """
    assert source.unlabelled is not None
    path = Path(source.unlabelled)
    # Copies are looked for later, among all pictures at once.
    common = {item.name: getattr(source, item.name) for item in fields(Source)} | {"near_duplicates": None}
    if path.is_dir():
        return Pictures(**common | {"only": None}, path=str(path))
    table = source if isinstance(source, Table) else Table(**common, path=str(path))
    known = table.group in read_header(path, table.layout.form)
    return replace(
        table,
        path=str(path),
        near_duplicates=None,
        label=None,
        votes=None,
        weight=None,
        label_separator=None,
        annotation=None,
        rows="votes",
        tags=table.tags if table.only else None,
        id=None,
        split=None,
        group=table.group if known else None,
    )
