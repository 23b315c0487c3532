"""One painting of the gallery, as a function of (seed, number, settings)."""

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
    """A painting and what is known of it.

    Attributes:
        picture: RGB, size x size.
        mask: of the local cue, 8-bit grey, white where it is.
        emotion: place in `NAMES` of the latent emotion.
        artist: number of the artist.
        tags: what is to be seen.
    """

    picture: Image.Image
    mask: Image.Image
    emotion: int
    artist: int
    tags: tuple[str, ...]


def paint(seed: int, number: int, size: int, global_cues: float, local_cues: float) -> Painting:
    """Painting `number` of the gallery with this seed.

    A cue follows the latent emotion with the given probability; otherwise it follows another emotion, drawn from the
    same shares, so that pictures look the same in kind but the cue tells nothing.

    Args:
        seed: of the gallery.
        number: of the painting; it does not matter how many there are.
        size: side in pixels.
        global_cues, local_cues: probabilities, 0 to 1.
    """
    return paint_cues(seed, number, size, *draw_emotions(seed, number, global_cues, local_cues))


def paint_cues(seed: int, number: int, size: int, emotion: str, everywhere: str, somewhere: str) -> Painting:
    """Painting `number` with cues that are given instead of drawn: what it would look like if they were others.

    Args:
        seed, number, size: as for `paint`.
        emotion: the latent one, which no pixel follows.
        everywhere, somewhere: emotions that the global and the local cues follow.
    """
    dice = Dice(seed, number, 0)
    _draw(dice, 0, 0)  # the rest of the painting is drawn after them
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


def telling_cues(seed: int, number: int, global_cues: float, local_cues: float) -> tuple[str, ...]:
    """Which cues of the painting follow its emotion: "global", "local", both, or none.

    Args:
        seed, number, global_cues, local_cues: as for `paint`.
    """
    emotion, everywhere, somewhere = draw_emotions(seed, number, global_cues, local_cues)
    return tuple(kind for kind, shown in (("global", everywhere), ("local", somewhere)) if shown == emotion)


def draw_emotions(seed: int, number: int, global_cues: float, local_cues: float) -> tuple[str, str, str]:
    """The latent emotion of a painting, and those that its global and its local cues follow.

    Args:
        seed, number, global_cues, local_cues: as for `paint`.
    """
    return _draw(Dice(seed, number, 0), global_cues, local_cues)


def _draw(dice: Dice, global_cues: float, local_cues: float) -> tuple[str, str, str]:
    emotion = dice.pick(NAMES, SHARES)
    # Whatever the settings, as many numbers are drawn, so that the rest of the painting is the same.
    draws = [(dice.uniform(), dice.pick(NAMES, SHARES)) for _ in range(2)]
    everywhere, somewhere = (
        emotion if chance < strength else other
        for strength, (chance, other) in zip((global_cues, local_cues), draws, strict=True)
    )
    return emotion, everywhere, somewhere
