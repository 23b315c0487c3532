"""Itten's contrasts between the dominant colours of a picture."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from emotionart.features.colour import Palette
from emotionart.features.scales import chroma, hue_angle, warm_cool

CONTRASTS = ("hue", "light_dark", "cold_warm", "complementary", "saturation", "extension")


def itten_contrasts(palette: Palette) -> NDArray[np.float64]:
    """(6,), in the order of `CONTRASTS`: six of the seven contrasts of Itten 1961, in formulas of *ours*.

    The contrast of a quantity q is the mean difference Σ_ij w_i w_j |q_i − q_j| between two points of the picture:
    light-dark with q = L / 100, saturation with q = C / 100, cold-warm with q the scale of Ou et al. 2004.

    - hue: 1 − |Σ_j w_j C_j exp(i h_j)| / Σ_j w_j C_j, the disagreement of the hues, weighted by chroma
    - complementary: Σ_ij w_i w_j (1 − cos(h_i − h_j)) / 2 · min(C_i, C_j) / 100
    - extension: 1 − entropy of the shares / log 5, 0 for five colours with equal shares

    The seventh, simultaneous contrast, arises in the eye and cannot be computed from pixels.
    """
    weights, lightness, colour = palette.weights, palette.lab[:, 0], chroma(palette.lab)
    hue = np.exp(1j * hue_angle(palette.lab))
    pairs = np.outer(weights, weights)

    def mean_difference(quantity: NDArray[np.float64]) -> float:
        return float((pairs * np.abs(quantity[:, None] - quantity)).sum())

    coloured = float(weights @ colour)
    opposed = (1 - (hue[:, None] * hue.conj()).real) / 2
    return np.array(
        [
            1 - abs((weights * colour) @ hue) / coloured if coloured > 0 else 0.0,
            mean_difference(lightness / 100),
            mean_difference(warm_cool(palette.lab)),
            float((pairs * opposed * np.minimum(colour[:, None], colour)).sum()) / 100,
            mean_difference(colour / 100),
            1 + float(weights @ np.log(weights)) / np.log(5),
        ]
    )
