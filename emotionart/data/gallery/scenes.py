"""The scenes: portraits, landscapes, still lifes. Each function draws an underpainting and places the local cue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from PIL import Image, ImageDraw

from emotionart.data.gallery.canvas import Colour, colour, gradient, mix
from emotionart.data.gallery.dice import Dice
from emotionart.data.gallery.emotion import Global

Point = tuple[float, float]

UNITS = 160
"""Side of a picture in the units of all positions and lengths."""


class Palette:
    """The colours of one painting, around its main hue, saturation and brightness."""

    def __init__(self, cue: Global, artist: Dice) -> None:
        self.hue = cue.hue + artist.uniform(-9, 9)
        self.saturation = cue.saturation * artist.uniform(0.85, 1.15)
        self.brightness = cue.brightness + artist.uniform(-0.04, 0.04)

    def tone(self, brightness: float, turn: float = 0, saturation: float = 1) -> Colour:
        """The main colour with brightness and saturation scaled and the hue turned by `turn` degrees."""
        return colour(self.hue + turn, self.saturation * saturation, self.brightness * brightness)

    def tinted(self, other: Colour, share: float) -> Colour:
        """An object's colour, shaded to the painting's brightness and mixed with `share` of its main colour."""
        shaded = mix((0, 0, 0), other, min(1.0, 0.45 + 0.65 * self.brightness))
        return mix(shaded, self.tone(1.15), share)


@dataclass
class Sheet:
    """A square to draw on, in units of a 160th of its side."""

    image: Image.Image

    def __post_init__(self) -> None:
        self._pen = ImageDraw.Draw(self.image)
        self._unit = self.image.width / UNITS

    def place(self, point: Point) -> tuple[int, int]:
        """A point in whole pixels."""
        return round(point[0] * self._unit), round(point[1] * self._unit)

    def ellipse(self, centre: Point, radii: Point, fill: Colour) -> None:
        """Draws a filled ellipse."""
        (x, y), (rx, ry) = centre, radii
        self._pen.ellipse((*self.place((x - rx, y - ry)), *self.place((x + rx, y + ry))), fill=fill)

    def polygon(self, points: Sequence[Point], fill: Colour) -> None:
        """Draws a filled polygon."""
        self._pen.polygon([self.place(point) for point in points], fill=fill)

    def line(self, points: Sequence[Point], fill: Colour, width: float) -> None:
        """Draws a line with round joints."""
        pixels = max(1, round(width * self._unit))
        self._pen.line([self.place(point) for point in points], fill=fill, width=pixels, joint="curve")


class Spot(NamedTuple):
    """Place of the local cue in a scene.

    Attributes:
        thing: centre of the thing.
        scale: scale of the thing; 1 is 30 units across.
        face: centre of the face, or None.
        face_size: half the face's width.
    """

    thing: Point
    scale: float
    face: Point | None
    face_size: float


SKINS: tuple[Colour, ...] = ((244, 214, 188), (228, 184, 148), (192, 140, 102), (146, 98, 68), (104, 68, 48))
HAIRS: tuple[Colour, ...] = ((48, 34, 28), (92, 58, 36), (150, 104, 58), (196, 158, 98), (128, 120, 116), (24, 22, 26))


def portrait(side: int, palette: Palette, artist: Dice, dice: Dice) -> tuple[Image.Image, Spot, tuple[str, ...]]:
    """Head and shoulders against a plain or draped background, with a hand in a lower corner."""
    sheet = Sheet(gradient(side, palette.tone(0.62, -14), palette.tone(0.95, 12)))
    woman = dice.uniform() < 0.5
    left = artist.uniform() < 0.5
    lean = dice.uniform(-5, 5)
    x, y = 80 + artist.uniform(-7, 7) + lean, 66 + dice.uniform(-4, 4)
    half = 25 + artist.uniform(-2, 2)
    if artist.uniform() < 0.4:
        _drape(sheet, palette, left)
    skin, hair = palette.tinted(dice.pick(SKINS), 0.22), palette.tinted(dice.pick(HAIRS), 0.2)
    cloth, cloth_light = palette.tone(0.5, artist.uniform(-40, 40)), palette.tone(0.78, 10, 0.9)

    if woman:
        sheet.ellipse((x, y + 8), (half * 1.45, half * 1.75), hair)
    sheet.polygon([(x - 66, 160), (x - 56, 128), (x - 20, 108), (x + 20, 108), (x + 56, 128), (x + 66, 160)], cloth)
    sheet.polygon([(x - 12, 106), (x, 140), (x + 12, 106)], cloth_light)
    sheet.line([(x - 13, 106), (x, 140), (x + 13, 106)], palette.tone(1.2, 0, 0.6), 2.5)
    sheet.polygon([(x - 11, y + 18), (x + 11, y + 18), (x + 14, 112), (x - 14, 112)], mix(skin, (40, 20, 20), 0.3))
    sheet.ellipse((x, y), (half, half * 1.32), skin)
    shade = 1 if left else -1
    sheet.ellipse((x + shade * half * 0.55, y + 2), (half * 0.45, half * 1.12), mix(skin, (50, 24, 30), 0.28))
    sheet.ellipse((x + shade * half * 0.3, y), (half * 0.5, half * 1.18), mix(skin, (50, 24, 30), 0.1))
    sheet.ellipse(
        (x - shade * half * 0.35, y - half * 0.75), (half * 0.38, half * 0.26), mix(skin, (255, 250, 240), 0.35)
    )
    _hair(sheet, (x, y), half, hair, woman, dice)
    for cheek in (-0.5, 0.5):
        sheet.ellipse((x + half * cheek, y + half * 0.38), (half * 0.2, half * 0.16), mix(skin, (214, 92, 92), 0.3))
    hand = (x + shade * 40, 138.0)
    sheet.line([(x + shade * 58, 160), hand], mix(cloth, (0, 0, 0), 0.25), 17)
    sheet.ellipse((hand[0], hand[1] - 3), (9, 8), mix(skin, (60, 30, 30), 0.1))
    spot = Spot((hand[0], hand[1] - 17), 1.0, (x, y), half)
    return sheet.image, spot, ("portrait", "woman" if woman else "man")


def _drape(sheet: Sheet, palette: Palette, left: bool) -> None:
    edge = 0 if left else 160
    inward = 1 if left else -1
    for fold in range(4):
        near, far = edge + inward * 13 * fold, edge + inward * (13 * fold + 15)
        tone = palette.tone(0.5 if fold % 2 else 0.75, 25)
        sheet.polygon([(near, 0), (far, 0), (far - inward * 14, 160), (near - inward * 14, 160)], tone)


def _hair(sheet: Sheet, head: Point, half: float, hair: Colour, woman: bool, dice: Dice) -> None:
    x, y = head
    part = dice.uniform(-8, 8)
    top = y - half * 1.42
    brow = y - half * 0.62
    crown = [
        (x - half * 1.06, y),
        (x - half * 1.02, y - half),
        (x, top),
        (x + half * 1.02, y - half),
        (x + half * 1.06, y),
    ]
    sheet.polygon([*crown, (x + half * 0.82, brow + 3), (x + part, brow - 5), (x - half * 0.82, brow + 3)], hair)
    light = mix(hair, (255, 240, 215), 0.22)
    sheet.line([(x - half * 0.7, y - half * 0.9), (x - half * 0.1, top + 4), (x + half * 0.4, top + 5)], light, 3)
    if woman:
        for side in (-1, 1):
            sheet.line([(x + side * half, y - 8), (x + side * half * 1.15, y + 22), (x + side * half, 112)], hair, 10)


def landscape(side: int, palette: Palette, artist: Dice, dice: Dice) -> tuple[Image.Image, Spot, tuple[str, ...]]:
    """A cloudy sky, receding hills, a river and trees."""
    horizon = 70 + artist.uniform(-8, 8)
    sheet = Sheet(gradient(side, palette.tone(0.75, 10), palette.tone(1.25, -12, 0.6)))
    for _ in range(4):
        x, y = dice.uniform(0, 160), dice.uniform(8, horizon - 22)
        for puff in range(4):
            size = dice.uniform(8, 16)
            sheet.ellipse((x + 11 * puff, y + dice.uniform(-3, 3)), (size, size * 0.42), palette.tone(1.35, -8, 0.35))
    for layer, tone in enumerate((0.85, 0.66, 0.5)):
        base = horizon + 16 * layer
        ridge = [(20.0 * step, base + dice.uniform(-9, 9)) for step in range(9)]
        sheet.polygon([(0, 160), *ridge, (160, 160)], palette.tone(tone, 12 * layer - 10))
    water = palette.tone(1.1, 20, 0.6)
    bend = dice.uniform(40, 120)
    sheet.polygon([(bend, 106), (bend + 6, 106), (bend - 8, 126), (bend + 44, 160), (bend - 38, 160)], water)
    for _ in range(3 + round(artist.uniform(0, 3))):
        _tree(sheet, palette, (dice.uniform(4, 156), dice.uniform(112, 128)), dice)
    spot = Spot((dice.uniform(34, 126), 124), 1.15, None, 0)
    return sheet.image, spot, ("landscape", "river")


def _tree(sheet: Sheet, palette: Palette, foot: Point, dice: Dice) -> None:
    x, y = foot
    height = dice.uniform(24, 40)
    sheet.line([(x, y), (x + dice.uniform(-3, 3), y - height * 0.6)], palette.tinted((66, 46, 34), 0.3), 3)
    for _ in range(6):
        leaf = palette.tone(dice.uniform(0.42, 0.75), dice.uniform(-20, 30))
        sheet.ellipse((x + dice.uniform(-9, 9), y - height * dice.uniform(0.5, 1.0)), (8, 7), leaf)


def still_life(side: int, palette: Palette, artist: Dice, dice: Dice) -> tuple[Image.Image, Spot, tuple[str, ...]]:
    """A jug, a bowl of fruit and a cloth on a table in front of a dark wall."""
    sheet = Sheet(gradient(side, palette.tone(0.5, -10), palette.tone(0.78, 8)))
    edge = 104 + artist.uniform(-5, 5)
    sheet.polygon([(0, edge), (160, edge - 3), (160, 160), (0, 160)], palette.tone(0.92, 22, 0.8))
    sheet.polygon([(0, edge), (160, edge - 3), (160, edge + 4), (0, edge + 7)], palette.tone(1.2, 22, 0.6))
    fold = dice.uniform(10, 60)
    sheet.polygon(
        [(fold, edge + 2), (fold + 46, edge + 2), (fold + 34, 160), (fold + 4, 160)], palette.tone(1.25, 0, 0.25)
    )
    sheet.line([(fold + 14, edge + 2), (fold + 12, 160)], palette.tone(0.95, 0, 0.35), 3)
    mirrored = artist.uniform() < 0.5
    bowl, jug, thing = (104.0, 44.0, 74.0) if mirrored else (56.0, 116.0, 88.0)
    _jug(sheet, jug, palette.tone(0.62, 150, 0.7))
    for _ in range(7):
        fruit = palette.tone(dice.uniform(0.75, 1.2), dice.uniform(-30, 30), 1.15)
        x, y = bowl + dice.uniform(-19, 19), 92 + dice.uniform(-8, 2)
        sheet.ellipse((x, y), (9, 9), fruit)
        sheet.ellipse((x - 3, y - 3), (2.5, 2), mix(fruit, (255, 255, 255), 0.6))
    dish = palette.tone(0.8, 190, 0.5)
    sheet.polygon([(bowl - 30, 95), (bowl + 30, 95), (bowl + 17, 114), (bowl - 17, 114)], dish)
    sheet.line([(bowl - 30, 95), (bowl + 30, 95)], mix(dish, (255, 255, 255), 0.4), 2.5)
    return sheet.image, Spot((thing + dice.uniform(-8, 8), 128), 1.1, None, 0), ("still life", "fruit")


def _jug(sheet: Sheet, x: float, glaze: Colour) -> None:
    right = [(8, 42), (7, 58), (19, 80), (14, 112)]
    outline = [(x + dx, y) for dx, y in right] + [(x - dx, y) for dx, y in reversed(right)]
    sheet.polygon(outline, glaze)
    sheet.line([(x - 10, 70), (x - 12, 98)], mix(glaze, (255, 255, 250), 0.5), 4)
    sheet.line([(x + 8, 48), (x + 25, 60), (x + 18, 82)], mix(glaze, (0, 0, 0), 0.25), 4)
