"""Wavelet energy at three scales, and its location in the picture."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from emotionart.features.hue import HSY

LEVELS = 3
CHANNELS = ("hue", "saturation", "luma")

_NOISE = 4 / 255  # magnitude of the detail caused by noise of two grey levels

Detail = NDArray[np.float32]


def haar_details(channel: NDArray[np.inexact]) -> list[Detail]:
    """(h/2, w/2), (h/4, w/4), (h/8, w/8): magnitude of the detail of (h, w), finest level first.

    The root of the sum of squared magnitudes of the three detail coefficients of the orthonormal Haar transform. Hue is
    given as complex numbers, so that 359° and 1° are close.
    """
    details: list[Detail] = []
    for _ in range(LEVELS):
        a, b, c, d = channel[::2, ::2], channel[::2, 1::2], channel[1::2, ::2], channel[1::2, 1::2]
        coefficients = np.abs([a - b + c - d, a + b - c - d, a - b - c + d]) / 2
        details.append(np.sqrt(np.square(coefficients).sum(axis=0)))
        channel = (a + b + c + d) / 2
    return details


def channel_details(colours: HSY) -> list[list[Detail]]:
    """`haar_details` of hue (weighted by saturation, since greys have no hue), saturation and luma.

    Sides must be multiples of eight.
    """
    return [haar_details(channel) for channel in (colours.colour, colours.saturation, colours.luma)]


def wavelet_energy(details: list[list[Detail]]) -> NDArray[np.float64]:
    """(9,): mean magnitude of the detail at each level, channel by channel (after Datta et al. 2006, f10 to f18).

    Args:
        details: details from `channel_details`.
    """
    return np.array([level.mean(dtype=np.float64) for channel in details for level in channel])


def depth_of_field(details: list[list[Detail]]) -> NDArray[np.float64]:
    """(3,): share of the coarsest detail in the middle half of both sides, by channel.

    A sharp subject against a blurred background has a large share (Datta et al. 2006, f53 to f55). The detail of noise
    is added everywhere, so that a channel without detail gives a quarter, the middle's share of the area, and one with
    noise alone about as much.

    Args:
        details: details from `channel_details`.
    """
    shares: list[float] = []
    for channel in details:
        energy = channel[-1].astype(np.float64) + _NOISE
        height, width = energy.shape
        middle = energy[height // 4 : height - height // 4, width // 4 : width - width // 4]
        shares.append(middle.sum() / energy.sum())
    return np.array(shares)
