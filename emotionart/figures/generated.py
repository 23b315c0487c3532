"""Figures of a GAN: sheets of pictures, animations, and the training curves of both networks."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from operator import itemgetter
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from emotionart.figures.plots import BLUE, GREEN, GREY, ORANGE, open_axes, panels
from emotionart.files import atomic_write
from emotionart.spacing import evenly_spaced

Pictures = NDArray[np.uint8]
Font = ImageFont.ImageFont | ImageFont.FreeTypeFont

VALIDATION_KID = "gan/val_kid_"
"""How the names of KID to validation pictures begin; the name of the features follows."""

_GAP, _SHOWN_SIDE = 2, 64
_LINE, _PADDING = 12, 6  # pixels of a line of a caption, and around it
_CAPTION = _LINE + _PADDING
_MOST_FRAMES, _FRAME_MS, _LAST_FRAME_MS = 80, 150, 2_000
_VIDEO_MS = 80


def as_pictures(values: NDArray[np.float32]) -> Pictures:
    """Generated values (n, 3, h, w) in -1..1 as 8-bit pictures (n, h, w, 3); NaN becomes grey."""
    return ((np.clip(np.nan_to_num(values), -1, 1) + 1) * 127.5).round().astype(np.uint8).transpose(0, 2, 3, 1)


def sheet(
    pictures: Pictures, columns: int, captions: Sequence[str] = (), rows: Sequence[str] = ()
) -> NDArray[np.uint8]:
    """Pictures (n, s, s, 3) in rows on white; small ones are enlarged by whole factors, pixel by pixel.

    Args:
        pictures: pictures of one size.
        columns: pictures in a row.
        captions: text below each picture, of as many lines each; lines are cut to its width. Empty for none.
        rows: text left of each row; empty for none.
    """
    factor = max(1, _SHOWN_SIDE // pictures.shape[1])
    pictures = pictures.repeat(factor, axis=1).repeat(factor, axis=2)
    side, font = pictures.shape[1], ImageFont.load_default()
    left = _GAP + math.ceil(max((font.getlength(name) + 2 * _GAP for name in rows), default=0))
    below = _PADDING + _LINE * (captions[0].count("\n") + 1) if captions else 0
    width, height = side + _GAP, side + _GAP + below
    canvas = np.full((-(-len(pictures) // columns) * height + _GAP, left + columns * width, 3), 255, dtype=np.uint8)
    corners = [((n // columns) * height + _GAP, (n % columns) * width + left) for n in range(len(pictures))]
    for picture, (y, x) in zip(pictures, corners, strict=True):
        canvas[y : y + side, x : x + side] = picture
    drawn = Image.fromarray(canvas)
    ink = ImageDraw.Draw(drawn)
    for n, name in enumerate(rows):
        ink.text((left - 2 * _GAP, n * height + _GAP + side // 2), name, fill="black", anchor="rm", font=font)
    for caption, (y, x) in zip(captions, corners, strict=bool(captions)):
        for n, line in enumerate(caption.split("\n")):
            place = x + side // 2, y + side + _GAP + n * _LINE
            ink.text(place, _cut(line, side, font), fill="black", anchor="ma", font=font)
    return np.asarray(drawn)


def _cut(text: str, width: int, font: Font) -> str:
    """The text, or its beginning and an ellipsis, in at most `width` pixels."""
    if font.getlength(text) <= width:
        return text
    return next((cut for n in range(len(text) - 1, 0, -1) if font.getlength(cut := f"{text[:n]}…") <= width), "…")


def save_sheet(
    pictures: Pictures, columns: int, path: Path, captions: Sequence[str] = (), rows: Sequence[str] = ()
) -> None:
    """Writes a sheet as PNG, atomically; arguments as for `sheet`."""
    with atomic_write(path) as partial:
        Image.fromarray(sheet(pictures, columns, captions, rows)).save(partial, "PNG")


def save_video(pictures: Pictures, path: Path) -> None:
    """Writes pictures (n, s, s, 3) as an endless animated WebP, small ones enlarged as in sheets, atomically."""
    frames = [Image.fromarray(sheet(picture[None], 1)) for picture in pictures]
    with atomic_write(path) as partial:
        frames[0].save(partial, "WEBP", save_all=True, append_images=frames[1:], duration=_VIDEO_MS, loop=0, quality=90)


def save_progress(frames: Sequence[Path], captions: Sequence[str], path: Path) -> None:
    """Writes an animated GIF of sheets, each under its caption; many are thinned evenly, keeping the first and last.

    Args:
        frames: PNG files of one size, in order.
        captions: one caption per frame.
        path: output file.
    """
    images = []
    for index in evenly_spaced(len(frames), _MOST_FRAMES):
        with Image.open(frames[index]) as picture:
            canvas = Image.new("RGB", (picture.width, picture.height + _CAPTION), "white")
            canvas.paste(picture, (0, _CAPTION))
        ImageDraw.Draw(canvas).text((4, 3), captions[index], fill="black")
        images.append(canvas)
    durations = [_FRAME_MS] * (len(images) - 1) + [_LAST_FRAME_MS]
    with atomic_write(path) as partial:
        images[0].save(partial, "GIF", save_all=True, append_images=images[1:], duration=durations, loop=0)


def training_curves(history: Sequence[Mapping[str, float]], *, stacked: bool = False) -> Figure:
    """Losses of both networks, the mean sign of the discriminator's logits and, if it was measured, KID over time.

    Args:
        history: one row per report, with `gan/images` and, where known, `gan/d_loss`, `gan/g_loss`,
            `gan/sign_real`, `gan/sign_heldout`, `gan/sign_fake`, `gan/val_kid_<features>`.
        stacked: whether the panels are one below the other, for a phone.
    """
    measured = next((name for row in history for name in row if name.startswith(VALIDATION_KID)), None)
    figure, (losses, signs, *others) = panels(3 if measured else 2, 14 if measured else 10, 3.8, stacked=stacked)
    lines = (
        (losses, "gan/d_loss", "discriminator", BLUE),
        (losses, "gan/g_loss", "generator", ORANGE),
        (signs, "gan/sign_real", "training pictures", BLUE),
        (signs, "gan/sign_heldout", "held-out pictures", GREEN),
        (signs, "gan/sign_fake", "generated pictures", ORANGE),
    )
    for axes, name, label, colour in lines:
        points = [(row["gan/images"] / 1_000, row[name]) for row in history if name in row]
        axes.plot(*zip(*points, strict=True), color=colour, marker=".", label=label)
    losses.set_title("Loss", fontsize=10)
    signs.set_title(
        "Mean sign of D's logit (blue well above green:\nit has memorised the training pictures)", fontsize=10
    )
    signs.set_ylim(-1.05, 1.05)
    signs.axhline(0, color=GREY, linewidth=1)
    if measured:
        _draw_quality(others[0], history, measured)
    for axes in (losses, signs, *others):
        axes.set_xlabel("thousand images seen")
        open_axes(axes)
        axes.legend(framealpha=0.9, edgecolor="none", fontsize=8)  # lines may run behind it
    return figure


def _draw_quality(axes: Axes, history: Sequence[Mapping[str, float]], name: str) -> None:
    """Draws the finite values of a metric over the images seen, and marks the first of its lowest ones."""
    points = [(row["gan/images"] / 1_000, row[name]) for row in history if math.isfinite(row.get(name, math.nan))]
    axes.set_title(
        f"KID on {name.removeprefix(VALIDATION_KID)}\n(to validation pictures; lower is better)", fontsize=10
    )
    axes.plot(*zip(*points, strict=True), color=BLUE, marker=".", label="generated pictures")
    if points:
        images, lowest = min(points, key=itemgetter(1))
        label = f"best: {lowest:.3f} after {1_000 * images:,.0f} images"
        axes.plot(images, lowest, color=ORANGE, marker="o", markersize=9, fillstyle="none", linestyle="", label=label)
        axes.set_ylim(min(0.0, lowest), 1.05 * max(kid for _, kid in points))
