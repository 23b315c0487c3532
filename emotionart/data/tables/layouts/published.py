"""Recognition of the files of published data sets, which `emotionart data import` makes tables of."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from emotionart.data.tables.meaning.numerals import to_numbers

if TYPE_CHECKING:
    import pandas as pd

_ARTEMIS = {"art_style", "painting", "emotion", "utterance"}
_FEELINGBLUE = {"emotion", "image_id", "filename", "score"}

_COLUMNS = (
    ("artelingo", {*_ARTEMIS, "language"}),
    ("artemis", _ARTEMIS),
    ("artemis", {"art_style", "painting", "emotion_histogram"}),
    ("abstract", {"'amusement'", "'anger'", "'awe'", "'content'", "'disgust'", "'excitement'", "'fear'", "'sad'"}),
)
"""Layouts and their columns, all of which no other table is likely to have; the first with all its columns counts.

The names in the file of the abstract paintings stand in single quotes.
"""

_BLOCK = re.compile(r"imageonly\s*:.+")  # a column of WikiArt Emotions


def published_layout(frame: pd.DataFrame) -> str | None:
    """The name by which `emotionart data import` knows the layout of a table; None if it is another one."""
    names = {name.casefold().strip(' "'): name for name in frame.columns}
    if {"id", "style"} <= names.keys() and any(map(_BLOCK.fullmatch, names)):
        return "wikiart-emotions"
    if names.keys() >= _FEELINGBLUE:
        image, scores = frame[names["image_id"]], to_numbers(frame[names["score"]])
        return "feelingblue" if image.str.fullmatch(r"image_\d+").all() and scores.min() < 0 else None
    return next((layout for layout, columns in _COLUMNS if columns <= names.keys()), None)
