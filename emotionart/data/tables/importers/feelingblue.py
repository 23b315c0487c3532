"""FeelingBlue (Ananthram et al. 2023): best-worst scores of abstract art for five emotions."""

from __future__ import annotations

from pathlib import Path

from emotionart.data.tables.cells import read_cells
from emotionart.data.tables.formats.delimited import Format
from emotionart.data.tables.importers.imported import (
    Imported,
    artist_and_title,
    find_column,
    pictures_beside,
    report_lines,
)
from emotionart.errors import UserError


def read_feelingblue(source: Path, pictures: Path | None) -> Imported:
    """The artworks, with a column of scores from -1 to 1 for each emotion, empty where it was not annotated.

    A score says how much more often a work was chosen as the most than as the least emotional of four. It orders works
    within one emotion, but does not compare emotions. Scores become classes only with `labels=quantiles`.

    Args:
        source: `feelingblue_relative_scores.csv`, with columns emotion, image_id, filename, score.
        pictures: folder of the named files; None for the table's own folder.

    Raises:
        UserError: for a missing column, or if no line is complete.
    """
    import numpy as np
    import pandas as pd

    frame = read_cells(source, Format(padded=False, separator=","))
    emotion, image, score = (find_column(frame, name, source) for name in ("emotion", "filename", "score"))
    number = pd.to_numeric(frame[score], errors="coerce")
    broken = ~np.isfinite(number) | (frame[[emotion, image]] == "").any(axis=1)
    report_lines(frame.index[broken].tolist(), "hold no score and are left out", source)
    if broken.all():
        raise UserError("No line of this table holds a score.", where=str(source))
    scores = frame[~broken].pivot_table(index=image, columns=emotion, values=score, aggfunc="first", fill_value="")
    names = pd.Series(scores.index, index=scores.index)
    artworks = pd.DataFrame({"image": names, **artist_and_title(names.str.replace(r"\.\w+$", "", regex=True))}).join(
        scores
    )
    return Imported(artworks, pictures_beside(source, pictures), "quantiles", scores=tuple(map(str, scores.columns)))
