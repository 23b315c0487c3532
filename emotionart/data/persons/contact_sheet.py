"""Contact sheets of curated artworks, with boxes around persons."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from emotionart.data.persons.curate import Candidate
from emotionart.data.pictures.decode import decode, read_file
from emotionart.draws import artwork_keys
from emotionart.figures import plots

_PICTURES = 30  # maximum number on a sheet
_SIDE = 200  # pixels, of each picture
_CAPTION = 30  # characters per line of the caption


def draw_contact_sheet(candidates: Sequence[Candidate], title: str, confidence: float, file: Path) -> None:
    """Draws up to 30 of the candidates, always the same ones; nothing if none of them can be read.

    Args:
        candidates: artworks with one verdict.
        title: title of the sheet.
        confidence: minimum score of a person; the box of one with less is orange, and left out below half of it.
        file: PNG file to write.
    """
    order = np.argsort(artwork_keys(candidate.image.name for candidate in candidates))
    shown = [candidates[index] for index in order if not candidates[index].unreadable][:_PICTURES]
    if not shown:
        return
    if len(shown) < len(candidates):
        title += f", of which {len(shown)} are shown"
    pictures = np.stack([_thumbnail(candidate, confidence) for candidate in shown])
    plots.save(plots.sheet(pictures, [_caption(candidate) for candidate in shown], title), file)


def _caption(candidate: Candidate) -> str:
    """The file name and the reason for the decision, in at most three lines."""
    name = candidate.image.name
    reason = candidate.decision.reason.replace(" of the picture", "")
    return "\n".join(
        [name if len(name) <= _CAPTION else f"{name[: _CAPTION - 1]}…", *textwrap.wrap(reason, _CAPTION)[:2]]
    )


def _thumbnail(candidate: Candidate, confidence: float) -> NDArray[np.uint8]:
    """A picture centred on white, (200, 200, 3), with a frame around each certain or doubtful person."""
    picture = decode(read_file(candidate.image), _SIDE)
    picture.thumbnail((_SIDE, _SIDE))
    pen = ImageDraw.Draw(picture)
    for *corners, score in candidate.boxes.tolist():
        if score >= confidence / 2:
            scaled = [corner * side for corner, side in zip(corners, picture.size * 2, strict=True)]
            pen.rectangle(scaled, outline=plots.BLUE if score >= confidence else plots.ORANGE, width=2)
    square = Image.new("RGB", (_SIDE, _SIDE), "white")
    square.paste(picture, ((_SIDE - picture.width) // 2, (_SIDE - picture.height) // 2))
    return np.asarray(square)
