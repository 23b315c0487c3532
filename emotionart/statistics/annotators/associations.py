"""Associations of labels given to the same artwork, and of tags with classes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import leaves_list, linkage, optimal_leaf_ordering
from scipy.spatial.distance import squareform
from scipy.stats import binomtest

from emotionart.statistics.estimate import LEVEL

Array = NDArray[np.float64]

_CHUNK = 4096
_FEWEST = 5  # number of artworks with a common tag
_MOST_TAGS = 300


def coincidence_ratios(votes: NDArray[np.floating]) -> Array:
    """(L, L), symmetric: how much more often than by chance two annotators of one artwork give two labels.

    The coincidences of Krippendorff's alpha divided by those expected from the labels' frequencies: 1 if votes do not
    depend on the artwork; on the diagonal, the agreement on a label. Shares of annotators, each of whom may name
    several labels, are used directly. NaN for labels without votes, and if no artwork has two votes.

    Args:
        votes: (n, L) numbers of votes, or shares.
    """
    counted = bool((votes == np.rint(votes)).all())
    total = votes.sum(axis=1).astype(np.float64)
    several = total > (1 if counted else 0)
    used, sums = votes[several].astype(np.float64), total[several]
    observed = np.zeros((votes.shape[1], votes.shape[1]))
    for start in range(0, len(used), _CHUNK):
        part, size = used[start : start + _CHUNK], sums[start : start + _CHUNK, None]
        weighted = part / (size - 1 if counted else size)
        observed += weighted.T @ part
        if counted:
            observed -= np.diag(weighted.sum(axis=0))
    often = used.sum(axis=0)
    expected = np.outer(often, often)
    if counted:
        expected -= np.diag(often)
    expected /= max(often.sum() - counted, 1)
    ratio: Array = np.divide(observed, expected, out=np.full(observed.shape, np.nan), where=expected > 0)
    return ratio


def similar_order(together: Array) -> NDArray[np.intp]:
    """(L,) order of labels that places labels given together next to each other.

    Average linkage on 1 / (1 + ratio), with optimal leaf ordering (Bar-Joseph, Gifford and Jaakkola 2001).
    """
    if len(together) < 3:
        return np.arange(len(together))
    distance = 1 / (1 + np.nan_to_num(together))
    np.fill_diagonal(distance, 0)
    condensed = squareform((distance + distance.T) / 2, checks=False)
    order: NDArray[np.intp] = leaves_list(optimal_leaf_ordering(linkage(condensed, "average"), condensed))
    return order


@dataclass(frozen=True)
class Association:
    """Association of a tag with a class.

    Attributes:
        tag: the tag.
        class_index: index of the class.
        tagged: number of artworks with the tag.
        both: number of artworks with the tag and the class.
        lift: the class's share among artworks with the tag divided by its share among all.
        low, high: 95 % interval of the lift: Wilson's interval of the first share divided by the second.
    """

    tag: str
    class_index: int
    tagged: int
    both: int
    lift: float
    low: float
    high: float

    @property
    def strength(self) -> float:
        """Distance of the interval from 1 on the logarithmic scale; 0 if it contains 1."""
        if self.low > 1:
            return float(np.log(self.low))
        return float(-np.log(self.high)) if self.high < 1 else 0.0


def tags_by_class(tags: Sequence[frozenset[str]], label: NDArray[np.int64], classes: int) -> list[Association]:
    """Associations of every common tag with every class that occurs, strongest first.

    Common are those of the 300 most frequent tags that at least five artworks have, and not all of them.

    Args:
        tags: (n,) tags of the artworks.
        label: (n,) classes of the artworks; those with -1 (no class) are left out.
        classes: number K of classes.
    """
    labelled = np.flatnonzero(label >= 0).tolist()
    shares = np.bincount(label[labelled], minlength=classes) / max(len(labelled), 1)
    counts = Counter(tag for row in labelled for tag in tags[row])
    common = [tag for tag, count in counts.most_common(_MOST_TAGS) if _FEWEST <= count < len(labelled)]
    index = {tag: number for number, tag in enumerate(common)}
    both = np.zeros((len(common), classes), np.int64)
    for row in labelled:
        for tag in tags[row]:
            if tag in index:
                both[index[tag], label[row]] += 1
    associations = []
    for tag, inside in zip(common, both.tolist(), strict=True):
        for number, count in enumerate(inside):
            if shares[number] > 0:
                interval = binomtest(count, counts[tag]).proportion_ci(1 - LEVEL, method="wilson")
                scaled = [value / shares[number] for value in (count / counts[tag], interval.low, interval.high)]
                associations.append(Association(tag, number, counts[tag], count, *map(float, scaled)))
    return sorted(associations, key=lambda one: (-one.strength, -abs(np.log(max(one.lift, 1e-9)))))
