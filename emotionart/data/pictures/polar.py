"""A picture's disc in polar coordinates, where rotation shifts the angle and mirroring reverses it.

Neither changes the magnitudes of a Fourier transform over the angle (generic Fourier descriptors: Zhang and Lu 2002);
the phases give the angle of rotation (as in Reddy and Chatterji 1996).
"""

from __future__ import annotations

import cv2
import numpy as np
import scipy.fft
from numpy.typing import NDArray

SIDE = 72
"""Side in pixels of the grey square that contains the disc."""

VIEWS = (
    (0.0, 0.0, 1.0),
    *((x, y, 0.965) for x in (-0.0175, 0.0175) for y in (-0.0175, 0.0175)),
    (0.0, 0.0, 0.93),
)
"""Crops that a copy may show: shift of the centre as a fraction of the side, and scale; first, the whole picture."""

ORDERS, RINGS = 14, 12
_ANGLES = 64
TURNS = 256
"""Number of angles at which two discs are compared."""
_BLUR = 1.0  # pixels; samples at the rim are 3.5 pixels apart
_FLAT = 1.0  # contrast in grey levels below which a picture counts as blank

_PHASES = np.exp(2j * np.pi / TURNS * np.outer(np.arange(ORDERS), np.arange(TURNS))).astype(np.complex64)

Spectra = NDArray[np.complex64]


def _sampling() -> NDArray[np.float32]:
    """(2, views * angles, 2 * rings) pixel coordinates of each view's angles and radii in the square."""
    angle = np.arange(_ANGLES)[:, None] * (2 * np.pi / _ANGLES)
    radius = (np.arange(2 * RINGS) + 0.5) / (2 * RINGS) * (SIDE / 2)
    circle = np.stack([np.cos(angle) * radius, np.sin(angle) * radius])
    middle = (SIDE - 1) / 2
    discs = [middle + SIDE * np.array([[[x]], [[y]]]) + scale * circle for x, y, scale in VIEWS]
    return np.concatenate(discs, axis=1).astype(np.float32)


_SAMPLING = _sampling()
_AREA = ((np.arange(RINGS) + 0.5) / (RINGS**2 / 2)).astype(np.float32)  # fraction of the disc's area in each ring


def polar_spectra(squares: NDArray[np.uint8], views: int = len(VIEWS)) -> Spectra:
    """Fourier coefficients over the angle of the discs in grey squares, normalised for brightness and contrast.

    Args:
        squares: (n, SIDE, SIDE) uint8 grey levels.
        views: number of `VIEWS` to compute, from the first.

    Returns:
        (n, views, ORDERS, RINGS); each disc has norm 1, or less if it is nearly blank.
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
    normalised: Spectra = spectra / np.maximum(norm, _FLAT * _ANGLES * np.sqrt(RINGS))
    return normalised


def best_turns(copies: Spectra, originals: Spectra) -> tuple[NDArray[np.float32], NDArray[np.intp], NDArray[np.bool_]]:
    """Rotations that best align t pairs of discs, given their spectra (t, ORDERS, RINGS) of norm 1.

    Returns:
        For each pair, (t,): the correlation after rotation, -1 to 1; the rotation in units of a full turn / `TURNS`;
        whether the copy is mirrored.
    """
    straight = (copies.conj() * originals).sum(axis=-1)
    mirrored = (copies * originals).sum(axis=-1)
    likeness = np.concatenate([straight @ _PHASES, mirrored @ _PHASES], axis=1).real
    best = likeness.argmax(axis=1)
    return likeness[np.arange(len(best)), best], best % TURNS, best >= TURNS


def turn_matrix(view: int, turn: int, mirrored: bool) -> NDArray[np.float32]:
    """(2, 3) affine map from a copy's square to its original's, of which the copy shows a view."""
    x, y, scale = VIEWS[view]
    angle = turn * 2 * np.pi / TURNS
    linear = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    if mirrored:
        linear[:, 1] *= -1
    middle = np.full(2, (SIDE - 1) / 2)
    shift = middle + SIDE * np.array([x, y]) - linear @ middle
    return np.column_stack([linear, shift]).astype(np.float32)
