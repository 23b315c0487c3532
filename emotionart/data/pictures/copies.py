"""Copies of a picture that its perceptual hash does not see: mirrored, turned, cropped or recoloured ones.

Pictures whose polar magnitudes agree are candidates; they are copies if their phases agree at some angle and the
pictures themselves once they are aligned. The thresholds were chosen on the portraits of `studies/copies.md`.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from emotionart.data.pictures.alignment import match_when_aligned
from emotionart.data.pictures.polar import ORDERS, RINGS, SIDE, Spectra, best_turns, polar_spectra, turn_matrix

_BLOCK = 32  # originals that are compared with all pictures at once
_TRIES = 4096  # pairs whose phases are compared at once
_MOST_TRIED, _MOST_ALIGNED = 1000, 16  # for one original: where all pictures are alike, time still ends
_FEW = 50  # pictures: so many tell as much of what pictures have in common as none
_COMPONENTS = 40
_MAGNITUDES_AGREE = 0.65
_WHITENING = 0.7  # with 1, frequencies that hold hardly more than noise would count as much as any
_PHASES_AGREE = 0.75
_TINY = 1e-6


def grey_square(picture: Image.Image) -> NDArray[np.uint8]:
    """The central square of an RGB picture in grey, (SIDE, SIDE): all that a search for its copies needs."""
    width, height = picture.size
    short = min(width, height)
    left, top = (width - short) / 2, (height - short) / 2
    box = (left, top, left + short, top + short)
    return np.asarray(picture.convert("L").resize((SIDE, SIDE), Image.Resampling.BICUBIC, box, reducing_gap=3.0))


def find_copies(squares: NDArray[np.uint8], workers: int | None = None) -> NDArray[np.intp]:
    """Pairs of pictures of which one is a copy of the other, (m, 2), in order, the smaller number first.

    All pairs, unless a picture has more than 16 copies: then those with the best of them, which link them as well.
    Time grows with the square of n, memory with n, by some 5 kB a picture.

    Args:
        squares: (n, SIDE, SIDE) as `grey_square` gives them, n > 0; one that shows nothing is a copy of none.
        workers: threads; None takes one for each core.
    """
    blocks = [slice(start, start + _BLOCK) for start in range(0, len(squares), _BLOCK)]
    with ThreadPoolExecutor(workers or os.cpu_count() or 1) as pool:
        whole = list(pool.map(lambda block: polar_spectra(squares[block], views=1)[:, 0], blocks))
        index = _Index.of(np.concatenate(whole))
        matches = _best_of_pairs(
            match
            for found in pool.map(lambda block: index.matches(squares[block], block.start), blocks)
            for match in found
        )
        copies = pool.map(lambda match: _is_copy(squares, match), matches)
        pairs = [sorted((match.copy, match.original)) for match, copy in zip(matches, copies, strict=True) if copy]
    return np.array(sorted(pairs), dtype=np.intp).reshape(-1, 2)


@dataclass(frozen=True)
class _Match:
    """Two pictures whose spectra agree: the copy's whole disc, turned, maybe mirrored, and a view of the original."""

    copy: int
    original: int
    view: int
    turn: int
    mirrored: bool
    likeness: float


def _best_of_pairs(matches: Iterable[_Match]) -> list[_Match]:
    """Of several matches between two pictures, the best."""
    best: dict[frozenset[int], _Match] = {}
    for match in matches:
        pair = frozenset((match.copy, match.original))
        if pair not in best or match.likeness > best[pair].likeness:
            best[pair] = match
    return list(best.values())


@dataclass(frozen=True)
class _Index:
    """The whole discs of n pictures, to be compared with the views of any.

    Attributes:
        mean: (d,) root magnitudes that pictures have in common.
        projection: (d, components), of what differs, to axes along which chance likeness is rare.
        magnitudes: (n, components) of norm 1, or 0 for a picture that shows nothing.
        weight: (ORDERS, RINGS) that whitens spectra.
        spectra: (n, ORDERS, RINGS) whitened, of norm 1.
    """

    mean: NDArray[np.float32]
    projection: NDArray[np.float32]
    magnitudes: NDArray[np.float32]
    weight: NDArray[np.float32]
    spectra: Spectra

    @classmethod
    def of(cls, whole: Spectra) -> _Index:
        """The index of pictures' whole discs, (n, ORDERS, RINGS)."""
        roots = _root_magnitudes(whole)
        # Of few pictures hardly anything is taken off: nearly all of them are candidates then, as well they may be.
        mean = roots.sum(axis=0) / (len(roots) + _FEW)
        scale = np.maximum(np.sqrt(((roots - mean) ** 2).mean(axis=0)), _TINY)
        deviation = (roots - mean) / scale
        variance, axes = np.linalg.eigh(deviation.T @ deviation / len(roots))
        variance, axes = variance[-_COMPONENTS:], axes[:, -_COMPONENTS:]
        projection = axes / np.maximum(variance, _TINY) ** 0.25 / scale[:, None]
        weight = np.maximum(np.sqrt((np.abs(whole) ** 2).mean(axis=0)), _TINY) ** -_WHITENING
        return cls(mean, projection, _project(whole, mean, projection), weight, _unit(whole * weight, axes=2))

    def matches(self, squares: NDArray[np.uint8], start: int) -> list[_Match]:
        """Those of the pictures that match a view of an original.

        Args:
            squares: (b, SIDE, SIDE) of the originals.
            start: number of the first of them among the pictures.
        """
        views = polar_spectra(squares)
        projected = _project(views, self.mean, self.projection)
        # One product of matrices; of three axes, NumPy would make one for each original.
        likeness = projected.reshape(-1, projected.shape[-1]) @ self.magnitudes.T
        shape = (*views.shape[:2], len(self.magnitudes))
        original, view, copy = np.unravel_index(_candidates(likeness.reshape(shape)), shape)
        other = original + start != copy
        original, view, copy = original[other], view[other], copy[other]
        views = _unit(views * self.weight, axes=2)
        tries = [slice(first, first + _TRIES) for first in range(0, len(copy), _TRIES)]
        found = [best_turns(self.spectra[copy[some]], views[original[some], view[some]]) for some in tries]
        if not found:
            return []
        agreement, turn, mirrored = (np.concatenate(values) for values in zip(*found, strict=True))
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
    """Where magnitudes (b, views, n) are alike enough to be tried, flat; of a crowd around an original, the nearest."""
    found = []
    for number, row in enumerate(likeness.reshape(len(likeness), -1)):
        hits = np.flatnonzero(row >= _MAGNITUDES_AGREE)
        if len(hits) > _MOST_TRIED:
            hits = np.sort(hits[np.argpartition(row[hits], -_MOST_TRIED)[-_MOST_TRIED:]])
        found.append(hits + number * row.size)
    return np.concatenate(found)


def _best_of_each(
    original: NDArray[np.intp], copy: NDArray[np.intp], agreement: NDArray[np.float32]
) -> NDArray[np.intp]:
    """Of tries (t,), the rows of those whose phases agree: for each pair the best, for each original the best few."""
    rows = np.flatnonzero(agreement > _PHASES_AGREE)
    rows = rows[np.lexsort((-agreement[rows], copy[rows], original[rows]))]
    pair = np.stack([original[rows], copy[rows]])
    rows = rows[np.r_[True, (pair[:, 1:] != pair[:, :-1]).any(axis=0)][: len(rows)]]
    rows = rows[np.lexsort((-agreement[rows], original[rows]))]
    rank = np.arange(len(rows)) - np.searchsorted(original[rows], original[rows])
    best: NDArray[np.intp] = rows[rank < _MOST_ALIGNED]
    return best


def _root_magnitudes(spectra: Spectra) -> NDArray[np.float32]:
    """(..., ORDERS * RINGS); the root, so that the strongest do not decide alone."""
    roots: NDArray[np.float32] = np.sqrt(np.abs(spectra)).reshape(*spectra.shape[:-2], ORDERS * RINGS)
    return roots


def _project(spectra: Spectra, mean: NDArray[np.float32], projection: NDArray[np.float32]) -> NDArray[np.float32]:
    """Magnitudes on the axes of an index, of norm 1; 0 where a picture shows nothing."""
    shows = np.linalg.norm(spectra, axis=(-2, -1)) > 0.99
    return np.where(shows[..., None], _unit((_root_magnitudes(spectra) - mean) @ projection, axes=1), 0)


def _unit(values: NDArray[Any], axes: int) -> NDArray[Any]:
    """The values divided by their norm over the last axes."""
    norm = np.linalg.norm(values, axis=tuple(range(-axes, 0)), keepdims=True)
    unit: NDArray[Any] = values / np.maximum(norm, _TINY)
    return unit


def _is_copy(squares: NDArray[np.uint8], match: _Match) -> bool:
    guess = turn_matrix(match.view, match.turn, match.mirrored)
    return match_when_aligned(squares[match.copy], squares[match.original], guess)
