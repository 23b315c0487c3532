"""Thumbnails of artworks for a page."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from emotionart.data.pictures.decode import PictureError, decode, read_file
from emotionart.data.survey.survey import Survey
from emotionart.data.tables.table import ArtworkTable
from emotionart.draws import artwork_keys
from emotionart.figures.page import embedded_picture

_SIDE = 112  # longer side in pixels


def embedded_thumbnail(source: bytes, side: int) -> str:
    """A thumbnail as a data URL.

    Args:
        source: bytes of the picture file.
        side: longer side in pixels.

    Raises:
        PictureError: as for `decode`.
    """
    picture = decode(source, side)
    picture.thumbnail((side, side))
    return embedded_picture(np.asarray(picture), quality=75)


class Thumbnails:
    """Thumbnails of artworks, with their class, file name and artist.

    Args:
        table: the artworks.
        survey: survey of their pictures.
        classes: names of the K classes.
        label: (n,) classes, 0 to K - 1, -1 for none.
    """

    def __init__(self, table: ArtworkTable, survey: Survey, classes: Sequence[str], label: NDArray[np.int64]) -> None:
        self.table, self.survey, self.classes, self.label = table, survey, classes, label
        self.order = np.argsort(artwork_keys(f"{id}" for id in survey.id), kind="stable")

    def of(self, row: int) -> dict[str, str] | None:
        """Data URL, class, file name and artist of an artwork; None if its picture cannot be read (any more)."""
        try:
            source = embedded_thumbnail(read_file(Path(self.table.image[row])), _SIDE)
        except PictureError:
            return None
        label = self.classes[self.label[row]] if self.label[row] >= 0 else "no label"
        return {
            "source": source,
            "label": label,
            "name": Path(self.table.image[row]).name,
            "artist": str(self.table.group[row]),
        }

    def sample(self, members: NDArray[np.bool_], most: int) -> list[dict[str, str]]:
        """A fixed random sample of at most `most` of the artworks marked in `members` (n,)."""
        chosen = [row for row in self.order if members[row] and self.survey.reason[row] == ""][:most]
        return [thumbnail for row in chosen if (thumbnail := self.of(row))]
