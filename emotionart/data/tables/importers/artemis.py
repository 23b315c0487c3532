"""ArtEmis (Achlioptas et al. 2021) and ArtELingo (Mohamed et al. 2022): one row per vote, or per painting."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from emotionart.data.tables.cells import read_cells
from emotionart.data.tables.formats.delimited import Format
from emotionart.data.tables.importers.imported import (
    VOTES,
    Imported,
    artist_and_title,
    constant_within,
    find_column,
    pictures_beside,
    report_lines,
)
from emotionart.errors import UserError

if TYPE_CHECKING:
    import pandas as pd

_EMOTIONS = (
    *("amusement", "awe", "contentment", "excitement", "anger", "disgust", "fear", "sadness"),
    "something else",
)
_HISTOGRAM = "emotion_histogram"


def read_artemis(source: Path, pictures: Path | None) -> Imported:
    """The artworks of ArtEmis or ArtELingo, each with the histogram of its votes.

    A painting's name is not unique: it may occur under several styles. The artist is the part of the name before the
    first underscore. A column `emotion_histogram` holds nine counts, in the order of the authors' code. A split is kept
    if all votes of every painting are in one part of it.

    Args:
        source: `artemis_dataset_release_v0.csv`, `image-emotion-histogram.csv`, `artelingo.csv`, or one like them.
        pictures: folder of `<art_style>/<painting>.jpg`; None for the file's own folder.

    Raises:
        UserError: for a missing column, or if no line is complete.
    """
    frame = read_cells(source, Format(padded=False, separator=","))
    style, painting = (find_column(frame, name, source) for name in ("art_style", "painting"))
    histogram = _HISTOGRAM in map(str.casefold, frame.columns)
    emotion = find_column(frame, _HISTOGRAM if histogram else "emotion", source)
    broken = (frame[[style, painting, emotion]] == "").any(axis=1)
    report_lines(frame.index[broken].tolist(), "name no painting or no emotion and are left out", source)
    frame = frame[~broken]
    if frame.empty:
        raise UserError("No line of this table names a painting and an emotion.", where=str(source))
    image = frame[style] + "/" + frame[painting] + ".jpg"
    votes = _histograms(frame[emotion], image, source) if histogram else _counted(frame[emotion], image)
    first = frame.loc[~image.duplicated()]
    artworks = first[[]].assign(image=image[first.index], **artist_and_title(first[painting]))
    artworks["tags"] = first[style].str.replace("_", " ")
    split = next((name for name in frame.columns if name.casefold() == "split"), None)
    if split and constant_within(frame[split], image, source):
        artworks["split"] = first[split]
    return Imported(
        artworks.join(votes.add_prefix(VOTES), on="image", how="inner"), pictures_beside(source, pictures), "artemis"
    )


def _counted(emotion: pd.Series[str], image: pd.Series[str]) -> pd.DataFrame:
    import pandas as pd

    row, paintings = image.factorize()
    column, emotions = emotion.str.casefold().factorize(sort=True)
    counts = np.bincount(row * len(emotions) + column, minlength=len(paintings) * len(emotions))
    return pd.DataFrame(counts.reshape(len(paintings), -1), index=paintings, columns=emotions)


def _histograms(cells: pd.Series[str], image: pd.Series[str], source: Path) -> pd.DataFrame:
    import pandas as pd

    counts = cells.map(_numbers)
    whole = counts.notna()
    report_lines(cells.index[~whole].tolist(), "hold no nine counts and are left out", source)
    if not whole.any():
        raise UserError("No line of this table holds nine counts.", where=str(source))
    histograms = pd.DataFrame(counts[whole].tolist(), index=image[whole], columns=pd.Index(_EMOTIONS))
    return histograms.groupby(level=0).sum()  # a painting may have several rows


def _numbers(cell: str) -> list[float] | None:
    """The nine counts in a cell such as "[0, 2, 5, 0, 0, 0, 1, 0, 0]"; None for another cell."""
    try:
        row = json.loads(cell)
    except (ValueError, RecursionError):
        return None
    whole = isinstance(row, list) and len(row) == len(_EMOTIONS) and all(type(number) in (int, float) for number in row)
    return row if whole and all(math.isfinite(number) and number >= 0 for number in row) else None
