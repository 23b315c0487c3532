"""A picture's disc in polar coordinates, where a turn is a shift along the angle and a mirror image runs backwards.

Neither changes the magnitudes of a Fourier transform over the angle (generic Fourier descriptors: Zhang and Lu 2002),
and the phases tell the angle (as in Reddy and Chatterji 1996).
"""

from __future__ import annotations

import cv2
import numpy as np
import scipy.fft
from numpy.typing import NDArray

SIDE = 72
"""Side, in pixels, of the grey square whose disc is looked at."""

VIEWS = (
    (0.0, 0.0, 1.0),
    *((x, y, 0.965) for x in (-0.0175, 0.0175) for y in (-0.0175, 0.0175)),
    (0.0, 0.0, 0.93),
)
"""What a copy that was cropped may show: the centre's shift in sides of the square, and the scale; first, the whole."""

ORDERS, RINGS = 14, 12
_ANGLES = 64
TURNS = 256
"""Angles at which two discs are compared."""

_BLUR = 1.0  # pixels: at the rim, samples lie 3.5 pixels apart
_FLAT = 1.0  # grey levels of contrast up to which a picture shows nothing

_PHASES = np.exp(2j * np.pi / TURNS * np.outer(np.arange(ORDERS), np.arange(TURNS))).astype(np.complex64)

Spectra = NDArray[np.complex64]


def _sampling() -> NDArray[np.float32]:
    """Where each view's angles and radii lie in the square, (2, views * angles, 2 * rings)."""
    angle = np.arange(_ANGLES)[:, None] * (2 * np.pi / _ANGLES)
    radius = (np.arange(2 * RINGS) + 0.5) / (2 * RINGS) * (SIDE / 2)
    circle = np.stack([np.cos(angle) * radius, np.sin(angle) * radius])
    middle = (SIDE - 1) / 2
    discs = [middle + SIDE * np.array([[[x]], [[y]]]) + scale * circle for x, y, scale in VIEWS]
    return np.concatenate(discs, axis=1).astype(np.float32)


_SAMPLING = _sampling()
_AREA = ((np.arange(RINGS) + 0.5) / (RINGS**2 / 2)).astype(np.float32)  # share of the disc in each ring


def polar_spectra(squares: NDArray[np.uint8], views: int = len(VIEWS)) -> Spectra:
    """Fourier coefficients over the angle of the discs in grey squares, as free of brightness and contrast as can be.

    Args:
        squares: (n, SIDE, SIDE).
        views: how many of `VIEWS`, from the first.

    Returns:
        (n, views, ORDERS, RINGS), each disc's of norm 1, or of less where it shows hardly anything.
    """
    x, y = _SAMPLING[:, : views * _ANGLES]
    discs = np.stack(
        [
            cv2.remap(cv2.GaussianBlur(square, (0, 0), _BLUR), x, y, cv2.INTER_LINEAR)
            for square in squares.astype(np.float32)
        ]
    )
    rings = discs.reshape(len(squares), views, _ANGLES, RINGS, 2).mean(axis=-1)
    rings -= (rings.mean(axis=2) @ _AREA)[..., None, None]
    spectra = scipy.fft.rfft(rings, axis=2)[:, :, :ORDERS]
    norm = np.linalg.norm(spectra, axis=(2, 3), keepdims=True)
    found: Spectra = spectra / np.maximum(norm, _FLAT * _ANGLES * np.sqrt(RINGS))
    return found


def best_turns(copies: Spectra, originals: Spectra) -> tuple[NDArray[np.float32], NDArray[np.intp], NDArray[np.bool_]]:
    """How a disc is to be turned to look most like another, for t pairs of spectra (t, ORDERS, RINGS) of norm 1.

    Returns:
        The correlation there, -1 to 1; the turn, of which `TURNS` are a full one; whether the copy is a mirror image.
    """
    straight = (copies.conj() * originals).sum(axis=-1)
    mirrored = (copies * originals).sum(axis=-1)
    likeness = np.concatenate([straight @ _PHASES, mirrored @ _PHASES], axis=1).real
    best = likeness.argmax(axis=1)
    return likeness[np.arange(len(best)), best], best % TURNS, best >= TURNS


def turn_matrix(view: int, turn: int, mirrored: bool) -> NDArray[np.float32]:
    """The affine map (2, 3) from the square of a copy to that of its original, of which it shows a view."""
    x, y, scale = VIEWS[view]
    angle = turn * 2 * np.pi / TURNS
    linear = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    if mirrored:
        linear[:, 1] *= -1
    middle = np.full(2, (SIDE - 1) / 2)
    shift = middle + SIDE * np.array([x, y]) - linear @ middle
    return np.column_stack([linear, shift]).astype(np.float32)
