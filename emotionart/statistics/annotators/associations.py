"""Which labels annotators give together, and which tags go with which class."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import leaves_list, linkage, optimal_leaf_ordering
from scipy.spatial.distance import squareform
from scipy.stats import binomtest

Array = NDArray[np.float64]

_CHUNK = 4096


def given_together(votes: NDArray[np.floating]) -> Array:
    """How much oftener than by chance two annotators of one artwork give two labels, (L, L), symmetric.

    The coincidences of Krippendorff's alpha over those expected from the labels' frequencies: 1 where votes do not
    depend on the artwork; on the diagonal, how well a label is agreed on. Votes that are shares of annotators, of whom
    each may name several labels, are taken as they are. nan for labels without votes, and where no artwork has two.

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
    """An order of labels in which those given together stand beside each other, (L,).

    Average linkage on 1 / (1 + ratio), its leaves in optimal order (Bar-Joseph, Gifford and Jaakkola 2001).
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
    """A tag and a class.

    Attributes:
        tag: of some artworks.
        place: of the class.
        tagged: artworks with the tag.
        both: those of them in the class.
        lift: the class's share among artworks with the tag, over its share among all.
        low, high: 95 % interval of the lift: Wilson's interval of the first share over the second.
    """

    tag: str
    place: int
    tagged: int
    both: int
    lift: float
    low: float
    high: float

    @property
    def strength(self) -> float:
        """How far the interval is from 1, as a logarithm; 0 where 1 is inside."""
        if self.low > 1:
            return float(np.log(self.low))
        return float(-np.log(self.high)) if self.high < 1 else 0.0


def tags_by_class(
    tags: Sequence[frozenset[str]], label: NDArray[np.int64], classes: int, *, fewest: int = 5, most: int = 300
) -> list[Association]:
    """Every common tag with every class that occurs, the clearest association first.

    Args:
        tags: (n,) of the artworks.
        label: (n,) their classes; -1 is none, and left out.
        classes: number K.
        fewest: artworks that a tag must have.
        most: tags that are looked at, the commonest ones.
    """
    labelled = np.flatnonzero(label >= 0).tolist()
    shares = np.bincount(label[labelled], minlength=classes) / max(len(labelled), 1)
    counts = Counter(tag for row in labelled for tag in tags[row])
    common = [tag for tag, count in counts.most_common(most) if fewest <= count < len(labelled)]
    place = {tag: number for number, tag in enumerate(common)}
    both = np.zeros((len(common), classes), np.int64)
    for row in labelled:
        for tag in tags[row]:
            if tag in place:
                both[place[tag], label[row]] += 1
    found = []
    for tag, inside in zip(common, both.tolist(), strict=True):
        for number, count in enumerate(inside):
            if shares[number] > 0:
                interval = binomtest(count, counts[tag]).proportion_ci(method="wilson")
                scaled = [value / shares[number] for value in (count / counts[tag], interval.low, interval.high)]
                found.append(Association(tag, number, counts[tag], count, *map(float, scaled)))
    return sorted(found, key=lambda one: (-one.strength, -abs(np.log(max(one.lift, 1e-9)))))
