"""One painting of the gallery as a function of (seed, number, settings)."""

from __future__ import annotations

from dataclasses import dataclass

from PIL import Image

from emotionart.data.gallery.canvas import brush, finish
from emotionart.data.gallery.cues import mask_cue, paint_cue
from emotionart.data.gallery.dice import Dice
from emotionart.data.gallery.emotion import EMOTIONS, NAMES, SHARES
from emotionart.data.gallery.scenes import Palette, Sheet, landscape, portrait, still_life

WORKS_OF_AN_ARTIST = 8

_SCENES = (portrait, landscape, still_life)
_SCENE_SHARES = (0.6, 0.2, 0.2)


@dataclass(frozen=True)
class Painting:
    """A painting and the facts about it.

    Attributes:
        picture: RGB, size x size.
        mask: mask of the local cue, 8-bit grey, white on the cue.
        emotion: index of the latent emotion in `NAMES`.
        artist: number of the artist.
        tags: what the painting shows.
    """

    picture: Image.Image
    mask: Image.Image
    emotion: int
    artist: int
    tags: tuple[str, ...]


def paint(seed: int, number: int, size: int, global_cues: float, local_cues: float) -> Painting:
    """Painting `number` of the gallery with this seed.

    A cue follows the latent emotion with the given probability. Otherwise it follows an emotion drawn anew with the
    same shares: such pictures look alike in style, but the cue carries no information.

    Args:
        seed: seed of the gallery.
        number: number of the painting; the result does not depend on the size of the gallery.
        size: side in pixels.
        global_cues, local_cues: probabilities, 0 to 1.
    """
    return paint_cues(seed, number, size, *draw_emotions(seed, number, global_cues, local_cues))


def paint_cues(seed: int, number: int, size: int, emotion: str, everywhere: str, somewhere: str) -> Painting:
    """Painting `number` with given instead of drawn cues: a counterfactual of `paint`.

    Args:
        seed, number, size: as for `paint`.
        emotion: latent emotion, which affects no pixel.
        everywhere, somewhere: emotions that the global and the local cues follow.
    """
    dice = Dice(seed, number, 0)
    _draw(dice, 0, 0)  # takes as many draws as `draw_emotions`, so that the rest of the painting is the same
    artist_number = number // WORKS_OF_AN_ARTIST
    artist = Dice(seed, artist_number, 1)
    cue = EMOTIONS[everywhere].everywhere
    palette = Palette(cue, artist)
    stroke, from_left = artist.uniform(0.85, 1.2), artist.uniform() < 0.5
    scene, spot, tags = dice.pick(_SCENES, _SCENE_SHARES)(2 * size, palette, artist, dice)
    skin = scene.getpixel(Sheet(scene).place(spot.face)) if spot.face else (0, 0, 0)
    assert isinstance(skin, tuple)
    painted = brush(scene, cue.hardness, stroke, (seed, number, 2))
    paint_cue(Sheet(painted), spot, EMOTIONS[somewhere].somewhere, (skin[0], skin[1], skin[2]))

    mask = Image.new("RGB", (2 * size, 2 * size))
    mask_cue(Sheet(mask), spot, EMOTIONS[somewhere].somewhere)
    return Painting(
        picture=finish(painted, from_left, size),
        mask=mask.reduce(2).convert("L"),
        emotion=NAMES.index(emotion),
        artist=artist_number,
        tags=tags,
    )


def informative_cues(seed: int, number: int, global_cues: float, local_cues: float) -> tuple[str, ...]:
    """The cues of the painting that follow its emotion: "global", "local", both or none.

    Args:
        seed, number, global_cues, local_cues: as for `paint`.
    """
    emotion, everywhere, somewhere = draw_emotions(seed, number, global_cues, local_cues)
    return tuple(kind for kind, shown in (("global", everywhere), ("local", somewhere)) if shown == emotion)


def draw_emotions(seed: int, number: int, global_cues: float, local_cues: float) -> tuple[str, str, str]:
    """The latent emotion of a painting, and the emotions that its global and local cues follow.

    Args:
        seed, number, global_cues, local_cues: as for `paint`.
    """
    return _draw(Dice(seed, number, 0), global_cues, local_cues)


def _draw(dice: Dice, global_cues: float, local_cues: float) -> tuple[str, str, str]:
    emotion = dice.pick(NAMES, SHARES)
    # The number of draws does not depend on the settings, so that the rest of the painting stays the same.
    draws = [(dice.uniform(), dice.pick(NAMES, SHARES)) for _ in range(2)]
    everywhere, somewhere = (
        emotion if chance < strength else other
        for strength, (chance, other) in zip((global_cues, local_cues), draws, strict=True)
    )
    return emotion, everywhere, somewhere
