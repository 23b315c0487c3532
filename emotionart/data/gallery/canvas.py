"""Rendering of a gallery picture: brush strokes over an underpainting, light, and canvas texture.

The result is bit-identical on every machine: geometry is computed in plain Python floats and immediately rounded to
whole pixels; pixels are changed only by integer operations of Pillow and numpy.
"""

from __future__ import annotations

import colorsys
import math
from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from emotionart.draws import draw

Colour = tuple[int, int, int]

_DIRECTIONS = 16
_FLAT = 5  # gradients below this many grey levels do not direct a stroke
_COARSE, _FINE = 24, 9  # stroke lengths in 160ths of the side


def colour(hue: float, saturation: float, brightness: float) -> Colour:
    """RGB colour of a hue in degrees and a saturation and brightness, both clipped to 0..1."""
    channels = colorsys.hsv_to_rgb(hue % 360 / 360, min(max(saturation, 0), 1), min(max(brightness, 0), 1))
    return tuple(round(channel * 255) for channel in channels)  # type: ignore[return-value]


def mix(first: Colour, second: Colour, share: float) -> Colour:
    """The colour between two others; `share` (0 to 1) is the second one's weight."""
    parts = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return tuple(parts)  # type: ignore[return-value]


def gradient(side: int, top: Colour, bottom: Colour) -> Image.Image:
    """A square with a vertical gradient between two colours."""
    steps = np.arange(side, dtype=np.int64)[:, None]
    rows = (np.array(top) * (side - 1 - steps) + np.array(bottom) * steps) // (side - 1)
    return Image.fromarray(np.repeat(rows[:, None], side, axis=1).astype(np.uint8))


def brush(picture: Image.Image, hardness: float, size: float, context: tuple[int, ...]) -> Image.Image:
    """The picture repainted in coarse, then fine strokes along its contours (after Hertzmann 1998).

    Args:
        picture: the underpainting, square.
        hardness: 0 for soft, blended strokes of similar colour, 1 for hard, separate strokes of varying colour.
        size: relative size of the strokes, about 1.
        context: numbers that determine the strokes' random scatter.
    """
    side = picture.width
    soft = picture.filter(ImageFilter.BoxBlur(max(1, side // 80)))
    painted = soft.copy()
    for layer, length in enumerate((_COARSE, _FINE)):
        reference = soft if layer == 0 else picture
        _lay_strokes(painted, reference, max(2, round(length * size * side / 160)), hardness, (*context, layer))
    blending = round((1 - hardness) * side / 90)
    return painted.filter(ImageFilter.BoxBlur(blending)) if blending else painted


def _lay_strokes(
    painted: Image.Image, reference: Image.Image, length: int, hardness: float, context: tuple[int, ...]
) -> None:
    side = painted.width
    spacing = max(2, length // 2)
    grid = np.arange(0, side, spacing, dtype=np.int64)
    scatter = draw(np.arange(len(grid) ** 2, dtype=np.uint64), *context)
    x = np.repeat(grid[None], len(grid), axis=0).ravel() + (scatter % np.uint64(spacing)).astype(np.int64)
    y = np.repeat(grid, len(grid)) + (scatter >> np.uint64(8)).astype(np.int64) % spacing
    x, y = np.minimum(x, side - 1), np.minimum(y, side - 1)
    reach = 4 + round(26 * hardness)
    shift = (scatter >> np.uint64(16)).astype(np.int64) % (2 * reach + 1) - reach
    colours = np.clip(np.asarray(reference)[y, x].astype(np.int64) + shift[:, None], 0, 255)
    wobble = (scatter >> np.uint64(32)).astype(np.int64)
    sweep = 2 + (x + 2 * y) * 5 // side + wobble % 5
    flow = _flow(reference)[y, x]
    direction = np.where(flow < 0, sweep, flow + wobble % 3 - 1) % _DIRECTIONS
    order = np.argsort(scatter >> np.uint64(40), kind="stable")
    pen = ImageDraw.Draw(painted)
    width = max(2, round(length * (0.5 - 0.18 * hardness)))
    steps = [
        (
            round(math.cos(math.pi * k / _DIRECTIONS) * length / 2),
            round(math.sin(math.pi * k / _DIRECTIONS) * length / 2),
        )
        for k in range(_DIRECTIONS)
    ]
    for left, top, turn, ink in zip(
        x[order].tolist(), y[order].tolist(), direction[order].tolist(), colours[order].tolist(), strict=True
    ):
        dx, dy = steps[turn]
        pen.line((left - dx, top - dy, left + dx, top + dy), fill=tuple(ink), width=width)


def _flow(picture: Image.Image) -> NDArray[np.int64]:
    """(side, side) directions of least change, in sixteenths of a half turn; -1 where the picture is flat."""
    grey = np.asarray(picture.convert("L").filter(ImageFilter.BoxBlur(max(1, picture.width // 50)))).astype(np.int64)
    dx, dy = np.zeros_like(grey), np.zeros_like(grey)
    dx[:, 1:-1] = grey[:, 2:] - grey[:, :-2]
    dy[1:-1] = grey[2:] - grey[:-2]
    along = _directions()[np.clip(dy, -127, 127) + 127, np.clip(dx, -127, 127) + 127]
    return np.where(np.abs(dx) + np.abs(dy) < _FLAT, -1, along)


@cache
def _directions() -> NDArray[np.int64]:
    """(255, 255) directions at a right angle to each integer gradient (dy, dx), in sixteenths of a half turn."""
    span = range(-127, 128)
    turns = [[math.atan2(dy, dx) / math.pi + 0.5 for dx in span] for dy in span]
    return np.array([[int(turn * _DIRECTIONS + 0.53) % _DIRECTIONS for turn in row] for row in turns], dtype=np.int64)


def finish(picture: Image.Image, from_left: bool, size: int) -> Image.Image:
    """The picture lit from one side, with darker corners and canvas texture, reduced to `size` pixels."""
    lit = ImageChops.multiply(picture, _light(picture.width, from_left))
    small = lit.reduce(lit.width // size)
    weave = _weave(size)
    return ImageChops.subtract(ImageChops.add(small, weave[0]), weave[1])


@cache
def _light(side: int, from_left: bool) -> Image.Image:
    y, x = np.mgrid[0:side, 0:side].astype(np.int64)
    centre = (2 * side // 5 if from_left else 3 * side // 5, 2 * side // 5)
    distance = (x - centre[0]) ** 2 + (y - centre[1]) ** 2
    level = np.clip(262 - 130 * distance // side**2, 0, 255).astype(np.uint8)
    return Image.fromarray(np.repeat(level[..., None], 3, axis=2))


@cache
def _weave(size: int) -> tuple[Image.Image, Image.Image]:
    """Grey levels that the canvas threads add to each pixel, and those that they subtract."""
    y, x = np.mgrid[0:size, 0:size].astype(np.int64)
    thread = np.where((x // 2 + y // 2) % 2 == 0, x % 2, y % 2)
    grain = (draw(np.arange(size * size, dtype=np.uint64), 7).astype(np.int64) & 7).reshape(size, size)
    relief = 6 * thread - 3 + grain - 3
    layers = (np.clip(sign * relief, 0, 255).astype(np.uint8) for sign in (1, -1))
    light, dark = (Image.fromarray(np.repeat(layer[..., None], 3, axis=2)) for layer in layers)
    return light, dark
