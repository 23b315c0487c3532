"""Similarity of a picture's brushwork to four texture maps, from soft to hard.

The study multiplies similarity to texture maps by a hard-soft value but does not specify the maps: maps, hard-soft
values and the default similarity are a reconstruction.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray
from skimage.metrics import structural_similarity

Similarity = Literal["stsim", "ssim"]
HardSoft = Literal["map", "colour", "separate"]

HARD_SOFT = {"ripple": -1.0, "blot": -0.33, "grain": 0.33, "stripe": 1.0}
"""The texture maps, soft to hard, each with its hard-soft value (*ours*)."""

_SIDE = 128
_TURNS = (0, 22.5, 45)  # degrees; `orientations` adds the other quadrants
_LEVELS = 3
# The Sobel operator and its rotation by 45°; the two diagonals are mirror images.
_SOBEL_X = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], np.float32) / 8
_DIAGONAL = np.array([[0, 1, 2], [-1, 0, 1], [-2, -1, 0]], np.float32) / 8
_KERNELS = (_SOBEL_X, _SOBEL_X.T.copy(), _DIAGONAL, _DIAGONAL[:, ::-1].copy())
BANDS = ("fine detail", "vertical edges", "horizontal edges", "rising diagonals", "falling diagonals")
"""The sub-bands of each level, in the order of `subbands`."""


def _at_every_level(*bands: int) -> list[int]:
    return [len(BANDS) * level + band for level in range(_LEVELS) for band in bands]


_MIRRORED = _at_every_level(0, 1, 2, 4, 3)
_TRANSPOSED = _at_every_level(0, 2, 1, 3, 4)

_C = 1e-4
# Far below the variance of any non-empty band and far above rounding errors, so that correlations of empty bands are 0.
_EMPTY_VARIANCE = 1e-9
# Luma that varies by less than one grey level is not stretched: it has no texture, only rounding errors.
_LEAST_DEVIATION = 1 / 255


def normalise(luma: NDArray[np.float32]) -> NDArray[np.float32]:
    """(h, w) luma scaled to mean .5 and standard deviation .2, clipped to [0, 1]; near-flat pictures stay flat."""
    centred = luma - luma.mean()
    deviation = max(np.sqrt(np.square(centred).mean()), _LEAST_DEVIATION)
    return np.asarray(np.clip(centred * np.float32(0.2 / deviation) + np.float32(0.5), 0, 1), np.float32)


@cache
def texture_map(name: str, degrees: float = 0) -> NDArray[np.float32]:
    """(128, 128), mean .5 and standard deviation .2: a map of `HARD_SOFT`, rotated by `degrees`.

    - ripple: sin(2π (y + 6 sin(2π x / 64)) / 16), soft and flowing
    - blot: fractal noise of amplitude 1/f^1.8, thresholded at its mean: patches, edges of a wash
    - grain: fractal noise of amplitude 1/f^0.3: canvas, impasto
    - stripe: sign(sin(2π x / 16)), hard regular edges

    x and y are pixel centres, so that no sample falls on an edge. Noise is isotropic and not rotated.
    """
    down, right = np.mgrid[:_SIDE, :_SIDE] + 0.5
    cosine, sine = np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))
    x, y = cosine * right + sine * down, cosine * down - sine * right
    recipes: dict[str, Callable[[], NDArray[np.float64]]] = {
        "ripple": lambda: np.sin(2 * np.pi * (y + 6 * np.sin(2 * np.pi * x / 64)) / 16),
        "blot": lambda: np.sign(_fractal_noise(1.8, seed=2)),
        "grain": lambda: _fractal_noise(0.3, seed=3),
        "stripe": lambda: np.sign(np.sin(2 * np.pi * x / 16)),
    }
    values = recipes[name]()
    scaled = 0.5 + 0.2 * (values - values.mean()) / values.std()
    return np.asarray(scaled, np.float32)


def _fractal_noise(exponent: float, seed: int) -> NDArray[np.float64]:
    """(128, 128): white noise with amplitudes divided by f^exponent; zero mean."""
    spectrum = np.fft.rfft2(np.random.default_rng(seed).standard_normal((_SIDE, _SIDE)))
    frequency = np.hypot(np.fft.fftfreq(_SIDE)[:, None], np.fft.rfftfreq(_SIDE))
    frequency[0, 0] = np.inf
    noise: NDArray[np.float64] = np.fft.irfft2(spectrum / frequency**exponent, s=(_SIDE, _SIDE))
    return noise


def subbands(luma: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    """(5, h, w), (5, h/2, w/2), (5, h/4, w/4): the `BANDS` of (h, w) luma at three levels.

    The high-pass x − Gaussian(σ = 1), and Sobel derivatives along x, y and the diagonals (/8). Between levels, the
    picture is smoothed by the same Gaussian and halved by 2 x 2 means, which, unlike dropping every other pixel,
    commutes with mirroring. Both sides must be multiples of four.
    """
    levels: list[NDArray[np.float32]] = []
    for _ in range(_LEVELS):
        smooth = np.asarray(cv2.GaussianBlur(luma, (0, 0), sigmaX=1), np.float32)
        bands = np.empty((len(BANDS), *luma.shape), np.float32)
        np.subtract(luma, smooth, out=bands[0])
        for band, kernel in zip(bands[1:], _KERNELS, strict=True):
            cv2.filter2D(luma, -1, kernel, dst=band)
        levels.append(bands)
        luma = np.asarray(cv2.resize(smooth, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), np.float32)
    return levels


def band_statistics(luma: NDArray[np.float32]) -> NDArray[np.float64]:
    """(15, 3): standard deviation and autocorrelation at lag one along x and along y of each sub-band."""
    return np.concatenate([_statistics(bands) for bands in subbands(luma)])


def _statistics(bands: NDArray[np.float32]) -> NDArray[np.float64]:
    centred = bands - bands.mean(axis=(1, 2), keepdims=True)
    variance = _products(centred, centred) / centred[0].size + _EMPTY_VARIANCE
    along_x = _products(centred[:, :, 1:], centred[:, :, :-1]) / centred[0].size
    along_y = _products(centred[:, 1:], centred[:, :-1]) / centred[0].size
    return np.stack([np.sqrt(variance), along_x / variance, along_y / variance], axis=1)


def _products(x: NDArray[np.float32], y: NDArray[np.float32]) -> NDArray[np.float64]:
    """Sums of x y over each band, independent of the number of threads, unlike BLAS."""
    products: NDArray[np.float32] = np.einsum("bij,bij->b", x, y)
    return products.astype(np.float64)


def compare_statistics(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    """(…,): similarity, 0 to 1, of textures x and y, given their `band_statistics` (…, 15, 3).

    The mean over sub-bands of the cube root of
    (2 s_x s_y + C)/(s_x² + s_y² + C) · (1 − |r01_x − r01_y|/2) · (1 − |r10_x − r10_y|/2), C = 1e-4:
    the terms of STSIM (Zujovic, Pappas and Neuhoff 2013) without that of means, on bands of *ours*.
    """
    contrast = (2 * x[..., 0] * y[..., 0] + _C) / (np.square(x[..., 0]) + np.square(y[..., 0]) + _C)
    correlations = (1 - np.abs(x[..., 1:] - y[..., 1:]) / 2).prod(axis=-1)
    similarity: NDArray[np.float64] = np.cbrt(contrast * correlations).mean(axis=-1)
    return similarity


def orientations(statistics: NDArray[np.float64]) -> NDArray[np.float64]:
    """(4, 15, 3): `band_statistics` (15, 3) of the texture as it is, mirrored, transposed, and both.

    Mirroring exchanges the diagonals; transposing exchanges the other two derivatives and the two autocorrelations.
    """
    mirrored = np.stack([statistics, statistics[_MIRRORED]])
    return np.concatenate([mirrored, mirrored[:, _TRANSPOSED][..., [0, 2, 1]]])


@cache
def map_statistics() -> NDArray[np.float64]:
    """(4, 12, 15, 3): `band_statistics` of each map in `HARD_SOFT`, in all `orientations` of three rotations.

    Orientation does not matter: "stripe" represents hard regular edges, not just vertical ones.
    """
    turned = [[band_statistics(texture_map(name, degrees)) for degrees in _TURNS] for name in HARD_SOFT]
    return np.array([np.concatenate([orientations(one) for one in turns]) for turns in turned])


def similarities(luma: NDArray[np.float32], similarity: Similarity = "stsim") -> NDArray[np.float64]:
    """(4,): structural similarity of a picture to each texture map, in the order of `HARD_SOFT`.

    Args:
        luma: (128, 128), 0 to 1; normalised here.
        similarity: "stsim" compares sub-band statistics with those of a map in its most similar orientation, so that a
            picture mirrored or rotated by 90° has the same similarity, up to rounding in the filters. "ssim" compares
            aligned windows (Wang et al. 2004), as the study literally says; but over ten unrelated maps, one principal
            component explains 73 % of the variance of SSIM, and SSIM changes when the picture is mirrored or rotated.
    """
    normalised = normalise(luma)
    if similarity == "stsim":
        in_each_orientation = compare_statistics(band_statistics(normalised), map_statistics())
        return np.asarray(in_each_orientation.max(axis=1))
    return np.array(
        [
            structural_similarity(normalised, texture_map(name), data_range=1.0)  # type: ignore[no-untyped-call]
            for name in HARD_SOFT
        ]
    )


def texture_features(
    luma: NDArray[np.float32], colour_hard_soft: float, similarity: Similarity = "stsim", hard_soft: HardSoft = "map"
) -> NDArray[np.float64]:
    """(4,) or (5,): T_i = HS_i S_i, with the `similarities` S_i.

    Args:
        luma: (128, 128), 0 to 1.
        colour_hard_soft: hardness of the picture's own colours (mean of `scales.hard_soft` over its palette).
        similarity: as for `similarities`.
        hard_soft: "map": HS_i is the map's value, since texture, not colour, makes an object look hard or soft
            (Lucassen et al. 2011). "colour": HS is `colour_hard_soft` for every map, as the study literally says; that
            is nearly negative lightness (r = −.92 with brightness), so it copies brightness into all four. "separate":
            S_i alone, and `colour_hard_soft` as a fifth number.
    """
    values = similarities(luma, similarity)
    if hard_soft == "separate":
        return np.append(values, colour_hard_soft)
    hardness = np.array(list(HARD_SOFT.values())) if hard_soft == "map" else np.full(len(HARD_SOFT), colour_hard_soft)
    return np.asarray(values * hardness)
