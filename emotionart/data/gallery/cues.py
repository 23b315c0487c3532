"""The local cues: facial expressions, tears and things, painted over everything else so that they stay legible.

All things have the same two colours and nearly the same area: they differ in shape, but hardly in mean colour.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from emotionart.data.gallery.canvas import Colour, mix
from emotionart.data.gallery.emotion import Local
from emotionart.data.gallery.scenes import Point, Sheet, Spot

_LIGHT: Colour = (246, 226, 172)
_DARK: Colour = (58, 36, 30)
_LINE: Colour = (52, 30, 30)
_LIP: Colour = (150, 62, 62)


def paint_cue(sheet: Sheet, spot: Spot, cue: Local, skin: Colour) -> None:
    """Paints the thing and, if there is a face, its expression."""
    if spot.face is not None:
        _face(sheet, spot.face, spot.face_size, cue, skin)
    _THINGS[cue.thing](sheet, spot.thing, spot.scale)


def mask_cue(sheet: Sheet, spot: Spot, cue: Local) -> None:
    """Marks in white where `paint_cue` paints: the thing and the facial features."""
    white = (255, 255, 255)
    x, y = spot.thing
    sheet.ellipse((x, y), (16 * spot.scale, 16 * spot.scale), white)
    if spot.face is not None:
        (x, y), half = spot.face, spot.face_size
        sheet.ellipse((x, y - half * 0.16), (half * 0.85, half * 0.42), white)
        sheet.ellipse((x, y + half * 0.72), (half * 0.55, half * 0.38), white)
        if cue.tear:
            sheet.ellipse((x - half * 0.45, y + half * 0.4), (half * 0.22, half * 0.5), white)


def _face(sheet: Sheet, centre: Point, half: float, cue: Local, skin: Colour) -> None:
    x, y = centre
    shadow = mix(skin, (70, 30, 30), 0.5)
    sheet.line(
        [(x + 1, y - half * 0.1), (x + half * 0.16, y + half * 0.34), (x - half * 0.1, y + half * 0.38)], shadow, 1.8
    )
    for side in (-1, 1):
        eye = (x + side * half * 0.44, y - half * 0.08)
        opening = half * (0.04 + 0.14 * cue.eye)
        iris = min(half * 0.13, opening)
        sheet.ellipse(eye, (half * 0.26, opening + 0.6), shadow)
        sheet.ellipse(eye, (half * 0.23, opening), mix((232, 224, 212), skin, 0.25))
        sheet.ellipse(eye, (iris, iris), (44, 36, 40))
        lid = [(eye[0] - half * 0.26, eye[1]), (eye[0], eye[1] - opening - 0.6), (eye[0] + half * 0.26, eye[1])]
        sheet.line(lid, _LINE, 1.8)
        inner, outer = 0.40 + 0.13 * cue.brow, 0.40 - 0.08 * cue.brow + 0.06 * cue.open
        brow = [
            (x + side * half * 0.18, y - inner),
            (x + side * half * 0.46, y - half * 0.46),
            (x + side * half * 0.72, y - outer),
        ]
        sheet.line(brow, _LINE, 2.6)
    mouth = y + half * 0.74
    curve = [
        (x + half * 0.36 * step / 4, mouth + half * 0.2 * cue.smile * (0.5 - (step / 4) ** 2)) for step in range(-4, 5)
    ]
    if cue.open > 0:
        sheet.ellipse((x, mouth), (half * (0.3 - 0.1 * cue.open), half * 0.26 * cue.open + 1), _LINE)
    sheet.line(_at(centre, half, curve), mix(_LIP, _LINE, 0.3), 3.2)
    if cue.tear:
        for drop in (0.18, 0.42, 0.66):
            sheet.ellipse((x - half * 0.45, y + half * drop), (half * 0.07, half * 0.11), (232, 244, 255))


def _outlined(sheet: Sheet, points: list[Point]) -> None:
    sheet.polygon(points, _LIGHT)
    sheet.line([*points, points[0], points[1]], _DARK, 2.2)


def _turned(centre: Point, radius: float, angles: list[float], radii: list[float]) -> list[Point]:
    """Points at angles (degrees, clockwise from the top) and radii (fractions of `radius`) around a centre."""
    x, y = centre
    return [
        (x + radius * r * math.sin(math.radians(a)), y - radius * r * math.cos(math.radians(a)))
        for a, r in zip(angles, radii, strict=True)
    ]


def _at(centre: Point, scale: float, points: Sequence[Point]) -> list[Point]:
    return [(centre[0] + scale * x, centre[1] + scale * y) for x, y in points]


def _dagger(sheet: Sheet, c: Point, s: float) -> None:
    _outlined(sheet, _at(c, s, [(0, -17), (5, -9), (4, 7), (-4, 7), (-5, -9)]))
    sheet.line(_at(c, s, [(-11, 7), (11, 7)]), _DARK, 5 * s)
    sheet.line(_at(c, s, [(0, 7), (0, 16)]), _DARK, 5 * s)


def _skull(sheet: Sheet, c: Point, s: float) -> None:
    _outlined(
        sheet, _turned(c, 13 * s, [-140, -100, -60, -20, 20, 60, 100, 140], [0.9, 1, 1.05, 1.05, 1.05, 1.05, 1, 0.9])
    )
    for side in (-1, 1):
        sheet.ellipse((c[0] + side * 5 * s, c[1] - 1 * s), (3.6 * s, 4.2 * s), _DARK)
    sheet.line(_at(c, s, [(-4, 9), (4, 9)]), _DARK, 3 * s)


def _ring(sheet: Sheet, c: Point, s: float) -> None:
    sheet.ellipse(c, (14 * s, 14 * s), _DARK)
    sheet.ellipse(c, (12 * s, 12 * s), _LIGHT)
    sheet.ellipse(c, (6 * s, 6 * s), _DARK)


def _candle(sheet: Sheet, c: Point, s: float) -> None:
    _outlined(sheet, _at(c, s, [(-5, -3), (5, -3), (5, 16), (-5, 16)]))
    _outlined(sheet, _at(c, s, [(0, -18), (4, -10), (0, -5), (-4, -10)]))


def _star(sheet: Sheet, c: Point, s: float) -> None:
    _outlined(sheet, _turned(c, 17 * s, [36.0 * k for k in range(10)], [1, 0.45] * 5))


def _heart(sheet: Sheet, c: Point, s: float) -> None:
    points = [(0, 14), (-13, 0), (-13, -8), (-7, -12), (0, -6), (7, -12), (13, -8), (13, 0)]
    _outlined(sheet, _at(c, s, points))


def _grapes(sheet: Sheet, c: Point, s: float) -> None:
    for x, y in ((-9, -7), (0, -8), (9, -7), (-5, 0), (5, 0), (0, 8)):
        sheet.ellipse((c[0] + x * s, c[1] + y * s), (6 * s, 6 * s), _DARK)
        sheet.ellipse((c[0] + x * s, c[1] + y * s), (4.6 * s, 4.6 * s), _LIGHT)


def _cup(sheet: Sheet, c: Point, s: float) -> None:
    sheet.ellipse((c[0] + 11 * s, c[1]), (6 * s, 6 * s), _DARK)
    _outlined(sheet, _at(c, s, [(-11, -10), (11, -10), (8, 12), (-8, 12)]))


def _book(sheet: Sheet, c: Point, s: float) -> None:
    _outlined(sheet, _at(c, s, [(-15, -10), (0, -6), (15, -10), (15, 9), (0, 13), (-15, 9)]))
    sheet.line(_at(c, s, [(0, -6), (0, 13)]), _DARK, 2.5 * s)


def _flower(sheet: Sheet, c: Point, s: float) -> None:
    sheet.line(_at(c, s, [(0, 0), (2, 17)]), _DARK, 2.5 * s)
    for x, y in _turned((c[0], c[1] - 4 * s), 8 * s, [60.0 * k for k in range(6)], [1] * 6):
        sheet.ellipse((x, y), (4.8 * s, 4.8 * s), _LIGHT)
    sheet.ellipse((c[0], c[1] - 4 * s), (4.5 * s, 4.5 * s), _DARK)


def _leaf(sheet: Sheet, c: Point, s: float) -> None:
    _outlined(sheet, _at(c, s, [(-14, 12), (-9, -3), (2, -11), (14, -12), (11, 1), (1, 9)]))
    sheet.line(_at(c, s, [(-16, 14), (9, -8)]), _DARK, 2 * s)


def _bird(sheet: Sheet, c: Point, s: float) -> None:
    _outlined(sheet, _at(c, s, [(-17, -9), (-4, -3), (0, -14), (6, -3), (17, -1), (7, 6), (-6, 9)]))
    sheet.ellipse((c[0] + 9 * s, c[1]), (1.6 * s, 1.6 * s), _DARK)


_THINGS: dict[str, Callable[[Sheet, Point, float], None]] = {
    "dagger": _dagger,
    "skull": _skull,
    "ring": _ring,
    "candle": _candle,
    "star": _star,
    "heart": _heart,
    "grapes": _grapes,
    "cup": _cup,
    "book": _book,
    "flower": _flower,
    "leaf": _leaf,
    "bird": _bird,
}
