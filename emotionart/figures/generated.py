"""Pictures of generated art: sheets, animations of training, and the training curves of both networks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from emotionart.figures.plots import BLUE, GREEN, GREY, ORANGE, open_axes
from emotionart.files import atomic_write

Pictures = NDArray[np.uint8]

_GAP, _SHOWN_SIDE, _CAPTION = 2, 64, 18
_MOST_FRAMES, _FRAME_MS, _LAST_FRAME_MS = 80, 150, 2_000
_VIDEO_MS = 80


def as_pictures(values: NDArray[np.float32]) -> Pictures:
    """Generated values (n, 3, h, w) in -1..1 as 8-bit pictures (n, h, w, 3); NaN becomes grey."""
    return ((np.clip(np.nan_to_num(values), -1, 1) + 1) * 127.5).round().astype(np.uint8).transpose(0, 2, 3, 1)


def sheet(pictures: Pictures, columns: int) -> NDArray[np.uint8]:
    """Pictures (n, s, s, 3) in rows on white; small ones are enlarged by whole factors, pixel by pixel.

    Args:
        pictures: pictures of one size.
        columns: pictures in a row.
    """
    factor = max(1, _SHOWN_SIDE // pictures.shape[1])
    pictures = pictures.repeat(factor, axis=1).repeat(factor, axis=2)
    rows, side = -(-len(pictures) // columns), pictures.shape[1] + _GAP
    canvas = np.full((rows * side + _GAP, columns * side + _GAP, 3), 255, dtype=np.uint8)
    for place, picture in enumerate(pictures):
        top, left = (place // columns) * side + _GAP, (place % columns) * side + _GAP
        canvas[top : top + side - _GAP, left : left + side - _GAP] = picture
    return canvas


def save_sheet(pictures: Pictures, columns: int, path: Path) -> None:
    """Writes a sheet as PNG, atomically."""
    with atomic_write(path) as partial:
        Image.fromarray(sheet(pictures, columns)).save(partial, "PNG")


def save_strip(pictures: Pictures, captions: Sequence[str], path: Path) -> None:
    """Writes pictures (n, s, s, 3) side by side as PNG, each above its caption, atomically."""
    row = Image.fromarray(sheet(pictures, len(pictures)))
    canvas = Image.new("RGB", (row.width, row.height + _CAPTION), "white")
    canvas.paste(row, (0, 0))
    ink, side = ImageDraw.Draw(canvas), (row.width - _GAP) // len(pictures)
    for place, caption in enumerate(captions):
        ink.text((place * side + side // 2, row.height), caption, fill="black", anchor="ma")
    with atomic_write(path) as partial:
        canvas.save(partial, "PNG")


def save_video(pictures: Pictures, path: Path) -> None:
    """Writes pictures (n, s, s, 3) as an endless animated WebP, small ones enlarged as in sheets, atomically."""
    frames = [Image.fromarray(sheet(picture[None], 1)) for picture in pictures]
    with atomic_write(path) as partial:
        frames[0].save(partial, "WEBP", save_all=True, append_images=frames[1:], duration=_VIDEO_MS, loop=0, quality=90)


def evenly_spaced(count: int, most: int) -> NDArray[np.intp]:
    """All positions from 0 to `count` - 1, or `most` of them at equal distances, with the first and the last."""
    return np.unique(np.linspace(0, count - 1, min(count, most)).round().astype(np.intp))


def save_progress(frames: Sequence[Path], captions: Sequence[str], path: Path) -> None:
    """Writes an animated GIF of sheets, each under its caption; many are thinned evenly, keeping the first and last.

    Args:
        frames: PNG files of one size, in order.
        captions: one caption per frame.
        path: output file.
    """
    images = []
    for place in evenly_spaced(len(frames), _MOST_FRAMES):
        with Image.open(frames[place]) as picture:
            canvas = Image.new("RGB", (picture.width, picture.height + _CAPTION), "white")
            canvas.paste(picture, (0, _CAPTION))
        ImageDraw.Draw(canvas).text((4, 3), captions[place], fill="black")
        images.append(canvas)
    durations = [_FRAME_MS] * (len(images) - 1) + [_LAST_FRAME_MS]
    with atomic_write(path) as partial:
        images[0].save(partial, "GIF", save_all=True, append_images=images[1:], duration=durations, loop=0)


def curves(history: Sequence[Mapping[str, float]]) -> Figure:
    """Both networks' losses, and the mean sign of the discriminator's logits, over the images seen.

    Args:
        history: one row per report, with `gan/images` and, where known, `gan/d_loss`, `gan/g_loss`,
            `gan/sign_real`, `gan/sign_heldout`, `gan/sign_fake`.
    """
    figure = Figure(figsize=(10, 3.8), layout="constrained")
    losses, signs = figure.subplots(1, 2)
    lines = (
        (losses, "gan/d_loss", "discriminator", BLUE),
        (losses, "gan/g_loss", "generator", ORANGE),
        (signs, "gan/sign_real", "training pictures", BLUE),
        (signs, "gan/sign_heldout", "held-out pictures", GREEN),
        (signs, "gan/sign_fake", "generated pictures", ORANGE),
    )
    for axes, name, label, colour in lines:
        known = [(row["gan/images"] / 1_000, row[name]) for row in history if name in row]
        axes.plot(*zip(*known, strict=True), color=colour, marker=".", label=label)
    losses.set(title="Loss", xlabel="thousand images seen")
    signs.set(
        title="Mean sign of D's logit\n(blue well above green: it has memorised the training pictures)",
        xlabel="thousand images seen",
        ylim=(-1.05, 1.05),
    )
    signs.title.set_fontsize(10)
    losses.title.set_fontsize(10)
    signs.axhline(0, color=GREY, linewidth=1)
    for axes in (losses, signs):
        open_axes(axes)
        axes.legend(frameon=False, fontsize=8)
    return figure
