"""The twelve emotions of the gallery's paintings, and the cues of each.

The colours follow the palettes for happy, sad and angry in the Berkeley Color Project's ratings. Everything else is
invented for testing and makes no claim about art.
"""

from __future__ import annotations

from typing import NamedTuple


class Global(NamedTuple):
    """Cues of the picture as a whole.

    Attributes:
        hue: main hue, degrees.
        saturation: 0 to 1.
        brightness: 0 to 1.
        hardness: brush hardness, 0 (soft, blended) to 1 (hard, separate strokes).
    """

    hue: int
    saturation: float
    brightness: float
    hardness: float


class Local(NamedTuple):
    """Cues confined to one place in the picture.

    Attributes:
        smile: curve of the mouth, -1 (down) to 1 (up).
        open: how far the mouth is open, 0 to 1.
        brow: inner ends of the brows, -1 (low, together) to 1 (raised).
        eye: how far the eyes are open, 0 to 1.
        tear: whether the face has a tear.
        thing: object held in the hand, or standing in the landscape or on the table.
    """

    smile: float
    open: float
    brow: float
    eye: float
    tear: bool
    thing: str


class Emotion(NamedTuple):
    """An emotion: the fraction of paintings that show it, and its cues."""

    share: float
    everywhere: Global
    somewhere: Local


EMOTIONS: dict[str, Emotion] = {
    "anger": Emotion(0.08, Global(5, 0.80, 0.42, 1.0), Local(-0.7, 0.2, -1.0, 0.8, False, "dagger")),
    "disgust": Emotion(0.06, Global(72, 0.55, 0.38, 0.8), Local(-0.9, 0.0, -0.5, 0.4, False, "skull")),
    "envy": Emotion(0.06, Global(140, 0.55, 0.42, 0.7), Local(-0.2, 0.0, -0.6, 0.5, False, "ring")),
    "fear": Emotion(0.08, Global(265, 0.40, 0.27, 0.6), Local(-0.4, 0.6, 0.9, 1.0, False, "candle")),
    "joy": Emotion(0.10, Global(45, 0.80, 0.80, 0.6), Local(1.0, 0.4, 0.4, 0.8, False, "star")),
    "love": Emotion(0.09, Global(335, 0.50, 0.72, 0.1), Local(0.7, 0.0, 0.3, 0.6, False, "heart")),
    "lust": Emotion(0.06, Global(350, 0.72, 0.48, 0.2), Local(0.4, 0.2, 0.1, 0.4, False, "grapes")),
    "na": Emotion(0.09, Global(28, 0.12, 0.50, 0.4), Local(0.0, 0.0, 0.0, 0.7, False, "cup")),
    "neutral": Emotion(0.14, Global(38, 0.24, 0.57, 0.4), Local(0.1, 0.0, 0.1, 0.7, False, "book")),
    "optimism": Emotion(0.08, Global(82, 0.60, 0.72, 0.4), Local(0.6, 0.0, 0.5, 0.8, False, "flower")),
    "sadness": Emotion(0.09, Global(215, 0.38, 0.36, 0.1), Local(-1.0, 0.0, 0.8, 0.4, True, "leaf")),
    "surprise": Emotion(0.07, Global(185, 0.62, 0.62, 0.9), Local(0.0, 1.0, 1.0, 1.0, False, "bird")),
}
NAMES: tuple[str, ...] = tuple(EMOTIONS)
SHARES: tuple[float, ...] = tuple(emotion.share for emotion in EMOTIONS.values())
