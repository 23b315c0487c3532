"""Abstract paintings (Machajdik and Hanbury 2010): one row per artwork, its name in single quotes, 8 vote counts."""

from __future__ import annotations

from pathlib import Path

from emotionart.data.tables.cells import read_cells
from emotionart.data.tables.formats.delimited import Format
from emotionart.data.tables.importers.imported import Imported, find_column, pictures_beside, report_lines, votes_of
from emotionart.errors import UserError

_EMOTIONS = ("Amusement", "Anger", "Awe", "Content", "Disgust", "Excitement", "Fear", "Sad")


def read_abstract(source: Path, pictures: Path | None) -> Imported:
    """The artworks of `ABSTRACT_groundTruth.csv`.

    The file names are in the first column that is not an emotion, whatever its heading.

    Args:
        source: the file of votes.
        pictures: folder of pictures; None for the file's own folder.

    Raises:
        UserError: for a missing column, or if no line is complete.
    """
    frame = read_cells(source, Format(quote="'", padded=False))
    emotions = {name.casefold(): find_column(frame, name, source) for name in _EMOTIONS}
    names = [column for column in frame.columns if column not in emotions.values()]
    if not names:
        raise UserError("No column of this table can hold file names.", where=str(source))
    nameless = frame[names[0]] == ""
    report_lines(frame.index[nameless].tolist(), "name no picture and are left out", source)
    frame = frame[~nameless]
    votes, whole = votes_of(frame, emotions, source)
    artworks = frame[[]].assign(image=frame[names[0]]).join(votes)[whole]
    return Imported(artworks, pictures_beside(source, pictures), "mikels8")
