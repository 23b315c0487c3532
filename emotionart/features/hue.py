"""Hue, saturation and luma, with circular statistics of hue.

Hue is an angle: the arithmetic mean of 359° and 1° would be 180°. All functions here average unit vectors instead.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LUMA_WEIGHTS = (0.299, 0.587, 0.114)
"""Weights of gamma-encoded red, green and blue (ITU-R BT.601)."""

FAINT = 0.04
"""Saturation (ten grey levels) below which hues get less weight, as invisible noise changes them (*ours*)."""


@dataclass(frozen=True)
class HSY:
    """The improved hue, luma and saturation space (Hanbury 2003), without its hexagonal correction.

    Attributes:
        hue: (h, w) complex unit vectors in the direction of the hue; 0 for greys, which have no hue.
        saturation: (h, w), 0 to 1: the largest minus the smallest of R, G, B.
        luma: (h, w), 0 to 1.
    """

    hue: NDArray[np.complex64]
    saturation: NDArray[np.float32]
    luma: NDArray[np.float32]

    @property
    def colour(self) -> NDArray[np.complex64]:
        """(h, w) complex: hue times saturation, so that greys are close to each other whatever their hues."""
        return self.saturation * self.hue


def luma(picture: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(h, w), 0 to 1: Y' = 0.299 R + 0.587 G + 0.114 B of an sRGB picture (h, w, 3) uint8."""
    weighted: NDArray[np.float32] = picture.astype(np.float32) @ np.array(LUMA_WEIGHTS, np.float32) / np.float32(255)
    return weighted


def hsy(picture: NDArray[np.uint8]) -> HSY:
    """Hue, saturation and luma of an sRGB picture (h, w, 3) uint8.

    The hue points along (R − G/2 − B/2) + i √3/2 (G − B): red 0°, green 120°, blue 240°.
    """
    red, green, blue = np.moveaxis(picture.astype(np.float32), 2, 0)
    vector = (red - (green + blue) / 2) + 1j * np.float32(np.sqrt(0.75)) * (green - blue)
    length = np.abs(vector)
    hue = np.divide(vector, length, out=np.zeros_like(vector), where=length > 0)
    saturation = (picture.max(axis=2) - picture.min(axis=2)).astype(np.float32) / 255
    return HSY(hue.astype(np.complex64), saturation, luma(picture))


def mean_hue(hue: NDArray[np.complex64], weights: NDArray[np.float32]) -> complex:
    """The mean Σ w h / max(Σ w, n) of n hues h, of length 0 to 1.

    Args:
        hue: (h, w) unit vectors.
        weights: (h, w), in units of `FAINT`, so that a hardly coloured picture has a short mean.
    """
    total = np.sum(weights * hue, dtype=np.complex128)
    return complex(total / max(float(np.sum(weights, dtype=np.float64)), hue.size))


def hue_statistics(colours: HSY) -> NDArray[np.float64]:
    """(6,): cosine, sine and length of the mean hue, unweighted over coloured pixels and weighted by saturation.

    The (resultant) length measures how far the hues agree. Cosine and sine are components of the mean vector, not of
    its direction, so they fade rather than jump where hues cancel (Mardia and Jupp 2000, 2.2; weighting: Hanbury 2003).
    Pixels less saturated than `FAINT` count in proportion. All six are zero for a grey picture.
    """
    saturation = colours.saturation / np.float32(FAINT)
    means = [mean_hue(colours.hue, weights) for weights in (np.minimum(saturation, 1), saturation)]
    return np.array([part for mean in means for part in (mean.real, mean.imag, abs(mean))])


def saturation_and_luma(colours: HSY) -> NDArray[np.float64]:
    """(4,): mean and standard deviation of saturation, then of luma, each 0 to 1."""
    channels = (colours.saturation, colours.luma)
    return np.array([statistic(c, dtype=np.float64) for c in channels for statistic in (np.mean, np.std)])


def colourfulness(picture: NDArray[np.uint8]) -> float:
    """M = sqrt(σ_rg² + σ_yb²) + 0.3 sqrt(μ_rg² + μ_yb²), rg = R − G, yb = (R + G)/2 − B, for R, G, B in 0 to 255.

    Both differences are signed (Hasler and Süsstrunk 2003, equation for M(3)): a picture half red and half green is
    colourful, though |rg| is the same everywhere. Their scale: 0 not, 33 moderately, 59 quite, 109 extremely colourful.

    Args:
        picture: (h, w, 3) uint8, sRGB.
    """
    red, green, blue = np.moveaxis(picture.astype(np.float64), 2, 0)
    opponents = (red - green, (red + green) / 2 - blue)
    return float(np.hypot(*(np.std(o) for o in opponents)) + 0.3 * np.hypot(*(np.mean(o) for o in opponents)))
