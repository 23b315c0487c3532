"""Copies that a perceptual hash misses: mirrored, rotated, cropped or recoloured pictures.

Pictures with similar polar magnitudes are candidates. They are copies if their phases agree at some angle and the
aligned pictures agree as well. The thresholds were chosen on the portraits of `studies/copies.md`.
"""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from emotionart.cores import available_cores
from emotionart.data.pictures.alignment import match_when_aligned
from emotionart.data.pictures.polar import ORDERS, RINGS, SIDE, Spectra, best_turns, polar_spectra, turn_matrix

_BLOCK = 32  # originals compared with all pictures at once
_TRIES = 4096  # pairs whose phases are compared at once
_MOST_TRIED, _MOST_ALIGNED = 1000, 16  # per original, to bound the time when all pictures are alike
_FEW = 50  # pseudo-count that shrinks the mean spectrum towards zero
_COMPONENTS = 40
_MAGNITUDES_AGREE = 0.65
_WHITENING = 0.7  # below 1, since full whitening would give frequencies of mere noise the same weight
_PHASES_AGREE = 0.75
_TINY = 1e-6


def grey_square(picture: Image.Image) -> NDArray[np.uint8]:
    """(SIDE, SIDE) central square of an RGB picture in grey, the input of the search for copies."""
    width, height = picture.size
    short = min(width, height)
    left, top = (width - short) / 2, (height - short) / 2
    box = (left, top, left + short, top + short)
    return np.asarray(picture.convert("L").resize((SIDE, SIDE), Image.Resampling.BICUBIC, box, reducing_gap=3.0))


def find_copies(squares: NDArray[np.uint8], workers: int | None = None) -> NDArray[np.intp]:
    """(m, 2) pairs of pictures that are copies of each other, sorted, the smaller index first.

    Of a picture with more than 16 copies, only the pairs with the best 16; they suffice to link all of them. Time grows
    with the square of n, memory with n, by about 5 kB per picture.

    Args:
        squares: (n, SIDE, SIDE) squares of `grey_square`, n > 0; a blank one has no copies.
        workers: number of threads; None for one per core.
    """
    blocks = [slice(start, start + _BLOCK) for start in range(0, len(squares), _BLOCK)]
    with ThreadPoolExecutor(workers or available_cores()) as pool:
        whole = list(pool.map(lambda block: polar_spectra(squares[block], views=1)[:, 0], blocks))
        index = _Index.of(np.concatenate(whole))
        matches = _best_of_pairs(
            match
            for of_block in pool.map(lambda block: index.matches(squares[block], block.start), blocks)
            for match in of_block
        )
        copies = pool.map(lambda match: _is_copy(squares, match), matches)
        pairs = [sorted((match.copy, match.original)) for match, copy in zip(matches, copies, strict=True) if copy]
    return np.array(sorted(pairs), dtype=np.intp).reshape(-1, 2)


@dataclass(frozen=True)
class _Match:
    """Two pictures whose spectra agree: the copy's rotated, possibly mirrored disc and a view of the original."""

    copy: int
    original: int
    view: int
    turn: int
    mirrored: bool
    likeness: float


def _best_of_pairs(matches: Iterable[_Match]) -> list[_Match]:
    """The best match of each pair of pictures."""
    best: dict[frozenset[int], _Match] = {}
    for match in matches:
        pair = frozenset((match.copy, match.original))
        if pair not in best or match.likeness > best[pair].likeness:
            best[pair] = match
    return list(best.values())


@dataclass(frozen=True)
class _Index:
    """Index of the whole discs of n pictures, to compare with views of other pictures.

    Attributes:
        mean: (d,) mean root magnitudes of all pictures.
        projection: (d, components) projection of deviations from the mean to axes along which chance similarity is
            rare.
        magnitudes: (n, components) projected magnitudes of norm 1, or zeros for a blank picture.
        weight: (ORDERS, RINGS) whitening weights of spectra.
        spectra: (n, ORDERS, RINGS) whitened spectra of norm 1.
    """

    mean: NDArray[np.float32]
    projection: NDArray[np.float32]
    magnitudes: NDArray[np.float32]
    weight: NDArray[np.float32]
    spectra: Spectra

    @classmethod
    def of(cls, whole: Spectra) -> _Index:
        """Builds the index from the spectra of whole discs, (n, ORDERS, RINGS)."""
        roots = _root_magnitudes(whole)
        # With few pictures the mean is close to zero and nearly all pairs become candidates, which is affordable.
        mean = roots.sum(axis=0) / (len(roots) + _FEW)
        scale = np.maximum(np.sqrt(((roots - mean) ** 2).mean(axis=0)), _TINY)
        deviation = (roots - mean) / scale
        variance, axes = np.linalg.eigh(deviation.T @ deviation / len(roots))
        variance, axes = variance[-_COMPONENTS:], axes[:, -_COMPONENTS:]
        projection = axes / np.maximum(variance, _TINY) ** 0.25 / scale[:, None]
        weight = np.maximum(np.sqrt((np.abs(whole) ** 2).mean(axis=0)), _TINY) ** -_WHITENING
        return cls(mean, projection, _project(whole, mean, projection), weight, _unit(whole * weight, axes=2))

    def matches(self, squares: NDArray[np.uint8], start: int) -> list[_Match]:
        """Matches between views of originals and the indexed pictures.

        Args:
            squares: (b, SIDE, SIDE) grey squares of the originals.
            start: index of the first original among the pictures.
        """
        views = polar_spectra(squares)
        projected = _project(views, self.mean, self.projection)
        # One matrix product; with three axes, NumPy would compute one per original.
        likeness = projected.reshape(-1, projected.shape[-1]) @ self.magnitudes.T
        shape = (*views.shape[:2], len(self.magnitudes))
        original, view, copy = np.unravel_index(_candidates(likeness.reshape(shape)), shape)
        other = original + start != copy
        original, view, copy = original[other], view[other], copy[other]
        views = _unit(views * self.weight, axes=2)
        tries = [slice(first, first + _TRIES) for first in range(0, len(copy), _TRIES)]
        turns = [best_turns(self.spectra[copy[some]], views[original[some], view[some]]) for some in tries]
        if not turns:
            return []
        agreement, turn, mirrored = (np.concatenate(values) for values in zip(*turns, strict=True))
        return [
            _Match(
                copy=int(copy[row]),
                original=int(original[row]) + start,
                view=int(view[row]),
                turn=int(turn[row]),
                mirrored=bool(mirrored[row]),
                likeness=float(agreement[row]),
            )
            for row in _best_of_each(original, copy, agreement)
        ]


def _candidates(likeness: NDArray[np.float32]) -> NDArray[np.intp]:
    """Flat indices of similarities (b, views, n) above the threshold, at most `_MOST_TRIED` best per original."""
    indices = []
    for number, row in enumerate(likeness.reshape(len(likeness), -1)):
        hits = np.flatnonzero(row >= _MAGNITUDES_AGREE)
        if len(hits) > _MOST_TRIED:
            hits = np.sort(hits[np.argpartition(row[hits], -_MOST_TRIED)[-_MOST_TRIED:]])
        indices.append(hits + number * row.size)
    return np.concatenate(indices)


def _best_of_each(
    original: NDArray[np.intp], copy: NDArray[np.intp], agreement: NDArray[np.float32]
) -> NDArray[np.intp]:
    """Indices of tries (t,) whose phases agree: the best of each pair, and at most `_MOST_ALIGNED` per original."""
    rows = np.flatnonzero(agreement > _PHASES_AGREE)
    rows = rows[np.lexsort((-agreement[rows], copy[rows], original[rows]))]
    pair = np.stack([original[rows], copy[rows]])
    rows = rows[np.r_[True, (pair[:, 1:] != pair[:, :-1]).any(axis=0)][: len(rows)]]
    rows = rows[np.lexsort((-agreement[rows], original[rows]))]
    rank = np.arange(len(rows)) - np.searchsorted(original[rows], original[rows])
    best: NDArray[np.intp] = rows[rank < _MOST_ALIGNED]
    return best


def _root_magnitudes(spectra: Spectra) -> NDArray[np.float32]:
    """(..., ORDERS * RINGS) square roots of magnitudes, so that the strongest do not dominate."""
    roots: NDArray[np.float32] = np.sqrt(np.abs(spectra)).reshape(*spectra.shape[:-2], ORDERS * RINGS)
    return roots


def _project(spectra: Spectra, mean: NDArray[np.float32], projection: NDArray[np.float32]) -> NDArray[np.float32]:
    """(..., components) magnitudes projected on the axes of an index, of norm 1; zeros for a blank picture."""
    shows = np.linalg.norm(spectra, axis=(-2, -1)) > 0.99
    return np.where(shows[..., None], _unit((_root_magnitudes(spectra) - mean) @ projection, axes=1), 0)


def _unit(values: NDArray[Any], axes: int) -> NDArray[Any]:
    """The values divided by their norm over the last `axes` axes."""
    norm = np.linalg.norm(values, axis=tuple(range(-axes, 0)), keepdims=True)
    unit: NDArray[Any] = values / np.maximum(norm, _TINY)
    return unit


def _is_copy(squares: NDArray[np.uint8], match: _Match) -> bool:
    guess = turn_matrix(match.view, match.turn, match.mirrored)
    return match_when_aligned(squares[match.copy], squares[match.original], guess)
