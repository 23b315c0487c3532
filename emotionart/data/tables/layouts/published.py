"""Recognition of the files of published data sets, which `emotionart data import` makes tables of."""

from __future__ import annotations

import re
from collections.abc import Sequence

_COLUMNS = {
    "artelingo": {"art_style", "painting", "emotion", "language"},
    "artemis": {"art_style", "painting"},
    "feelingblue": {"emotion", "image_id", "filename", "score"},
    "abstract": {"amusement", "anger", "awe", "content", "disgust", "excitement", "fear", "sad"},
}
"""Layout -> its columns; the first layout whose columns are all there counts."""

_BLOCK = re.compile(r"imageonly\s*:.+")  # a column of WikiArt Emotions


def published_layout(header: Sequence[str]) -> str | None:
    """The name by which `emotionart data import` knows the layout of a table with these columns; None if unknown."""
    names = {name.casefold().strip(" '\"") for name in header}
    if {"id", "style"} <= names and any(map(_BLOCK.fullmatch, names)):
        return "wikiart-emotions"
    return next((layout for layout, columns in _COLUMNS.items() if columns <= names), None)
