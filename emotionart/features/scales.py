"""Psychophysical scales: formulas fitted to viewers' ratings of single colours."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from emotionart.features.colour import Palette

Scale = Callable[[NDArray[np.float64]], NDArray[np.float64]]

# Reference population for standardisation: rounded mean and standard deviation of a picture's mean luma and mean
# saturation over 3,700 portraits and paintings (*ours*).
_LUMA = (0.25, 0.10)
_SATURATION = (0.12, 0.06)


def chroma(lab: NDArray[np.float64]) -> NDArray[np.float64]:
    """(…,): chroma C = sqrt(a*² + b*²) of (…, 3) CIELAB."""
    return np.asarray(np.hypot(lab[..., 1], lab[..., 2]))


def hue_angle(lab: NDArray[np.float64]) -> NDArray[np.float64]:
    """(…,): hue angle h of (a*, b*) in radians, −π to π, of (…, 3) CIELAB."""
    return np.arctan2(lab[..., 2], lab[..., 1])


def warm_cool(lab: NDArray[np.float64]) -> NDArray[np.float64]:
    """−0.5 + 0.02 C^1.07 cos(h − 50°); positive is warm (Ou et al. 2004, part I)."""
    warmth: NDArray[np.float64] = -0.5 + 0.02 * chroma(lab) ** 1.07 * np.cos(hue_angle(lab) - np.deg2rad(50))
    return warmth


def heavy_light(lab: NDArray[np.float64]) -> NDArray[np.float64]:
    """−2.1 + 0.05 (100 − L); positive is heavy (Ou et al. 2004, part I)."""
    return -2.1 + 0.05 * (100 - lab[..., 0])


def active_passive(lab: NDArray[np.float64]) -> NDArray[np.float64]:
    """−1.1 + 0.03 sqrt(C² + (L − 50)²); positive is active (Ou et al. 2004, part I)."""
    return -1.1 + 0.03 * np.hypot(chroma(lab), lab[..., 0] - 50)


def hard_soft(lab: NDArray[np.float64]) -> NDArray[np.float64]:
    """11.1 + 0.03 (100 − L) − 11.4 C^0.02; positive is hard (Ou et al. 2004, part I).

    C is clipped to at least 1, since the formula diverges on greys.
    """
    return 11.1 + 0.03 * (100 - lab[..., 0]) - 11.4 * np.maximum(chroma(lab), 1) ** 0.02


SCALES: dict[str, Scale] = {
    "warm_cool": warm_cool,
    "heavy_light": heavy_light,
    "active_passive": active_passive,
    "hard_soft": hard_soft,
}


def palette_scale(palette: Palette, scale: Scale) -> tuple[float, float]:
    """Mean and standard deviation of a scale over the colours of a palette, weighted by their shares."""
    values = scale(palette.lab)
    mean = palette.weights @ values
    return float(mean), float(np.sqrt(palette.weights @ np.square(values - mean)))


def pleasure_arousal_dominance(luma: float, saturation: float) -> NDArray[np.float64]:
    """(3,): P = 0.69 B + 0.22 S, A = −0.31 B + 0.60 S, D = −0.76 B + 0.32 S, B and S standardised.

    Valdez and Mehrabian 1994. Dark pictures dominate: the sign of B in D is negative.

    Args:
        luma: the picture's mean luma, 0 to 1; standardised by other paintings' it is B.
        saturation: the picture's mean saturation, 0 to 1; standardised likewise it is S.
    """
    b, s = ((value - mean) / deviation for value, (mean, deviation) in ((luma, _LUMA), (saturation, _SATURATION)))
    return np.array([0.69 * b + 0.22 * s, -0.31 * b + 0.60 * s, -0.76 * b + 0.32 * s])
