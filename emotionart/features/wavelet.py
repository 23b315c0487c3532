"""Energy of detail at three scales, and where in the picture it lies."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from emotionart.features.hue import HSY

LEVELS = 3
CHANNELS = ("hue", "saturation", "luma")

_NOISE = 4 / 255  # detail that noise of two grey levels leaves everywhere

Detail = NDArray[np.float32]


def haar_details(channel: NDArray[np.inexact]) -> list[Detail]:
    """Magnitude of the detail, finest level first: (h/2, w/2), (h/4, w/4), (h/8, w/8), from (h, w).

    The orthonormal Haar transform, whose three detail coefficients at each place are joined to the root of the sum of
    their squared magnitudes. A hue comes as a complex number, so that 359° and 1° are neighbours.
    """
    details: list[Detail] = []
    for _ in range(LEVELS):
        a, b, c, d = channel[::2, ::2], channel[::2, 1::2], channel[1::2, ::2], channel[1::2, 1::2]
        coefficients = np.abs([a - b + c - d, a + b - c - d, a - b - c + d]) / 2
        details.append(np.sqrt(np.square(coefficients).sum(axis=0)))
        channel = (a + b + c + d) / 2
    return details


def channel_details(colours: HSY) -> list[list[Detail]]:
    """`haar_details` of hue (weighted by saturation, since greys have none), saturation and luma.

    Sides are multiples of eight.
    """
    return [haar_details(channel) for channel in (colours.colour, colours.saturation, colours.luma)]


def wavelet_energy(details: list[list[Detail]]) -> NDArray[np.float64]:
    """(9,): mean magnitude of the detail, level by level for each channel (after Datta et al. 2006, f10 to f18).

    Args:
        details: of `channel_details`.
    """
    return np.array([level.mean(dtype=np.float64) for channel in details for level in channel])


def depth_of_field(details: list[list[Detail]]) -> NDArray[np.float64]:
    """(3,): share of the coarsest detail that lies in the middle half of both sides, by channel.

    A sharp subject before a blurred ground has a large share (Datta et al. 2006, f53 to f55). To all detail as
    much is added as noise would, so that a channel without any gives a quarter, the middle's share of the area, and one
    with noise alone hardly more or less.

    Args:
        details: of `channel_details`.
    """
    shares: list[float] = []
    for channel in details:
        energy = channel[-1].astype(np.float64) + _NOISE
        height, width = energy.shape
        middle = energy[height // 4 : height - height // 4, width // 4 : width - width // 4]
        shares.append(middle.sum() / energy.sum())
    return np.array(shares)
