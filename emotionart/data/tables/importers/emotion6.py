"""Emotion6 (Peng et al. 2015): one row per picture, with valence, arousal and the shares of seven emotions."""

from __future__ import annotations

import re
from pathlib import Path

from emotionart.data.tables.cells import read_cells
from emotionart.data.tables.formats.delimited import Format
from emotionart.data.tables.importers.imported import Imported, find_column, pictures_beside, votes_of

_EMOTIONS = ("anger", "disgust", "fear", "joy", "sadness", "surprise", "neutral")
_FILE = "ground_truth.txt"


def read_emotion6(source: Path) -> Imported:
    """The pictures of Emotion6, with the shares of annotators' answers, and valence and arousal from 1 to 9.

    A picture's folder is the word by which it was found, not a label.

    Args:
        source: folder with `ground_truth.txt` and `images/<word>/<number>.jpg`, or the path of `ground_truth.txt`.

    Raises:
        UserError: for a missing file or column, or if no line is complete.
    """
    path = source / _FILE if source.is_dir() else source
    frame = read_cells(path, Format(padded=False, separator="\t"))
    frame.columns = frame.columns.map(lambda name: re.sub(r"[\[\]]|prob\.", "", name).strip())
    image = find_column(frame, "image_filename", path)
    votes, whole = votes_of(frame, {name: find_column(frame, name, path) for name in _EMOTIONS}, path)
    measured = {name: frame[find_column(frame, name, path)] for name in ("valence", "arousal")}
    artworks = frame[[]].assign(image=frame[image], **measured).join(votes)[whole]
    return Imported(artworks, pictures_beside(path, path.parent / "images"), "emotions")
