"""Agreement of annotators, and the accuracy of an annotator.

Votes are numbers of annotators, (n, K). Shares, as published by some data sets, do not say how many there were.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from emotionart.statistics.metrics import mean_with_interval

Array = NDArray[np.float64]

Level = Literal["nominal", "ordinal", "interval"]

LEVELS = ("all agree", "majority", "no majority")
"""All votes for one class; more than half, but not all; at most half."""


def are_counted(votes: NDArray[np.floating]) -> bool:
    """Whether all votes are whole numbers, with more than one vote for some artwork."""
    return bool((votes == np.rint(votes)).all() and (votes.sum(axis=1) > 1).any())


def one_more_annotator(votes: NDArray[np.floating]) -> Array:
    """(n,) probability that an annotator names the class that most of the others named; NaN below two votes.

    Every vote is compared with the majority of the rest; tied classes count fractionally. An annotator who saw the
    other votes could not do better on average. It is slightly lower than the accuracy of one more annotator against the
    majority of all, who are one more.

    Args:
        votes: (n, K) numbers of votes.
    """
    hits = np.zeros(len(votes))
    for voted, majority in enumerate(_majorities_of_the_rest(votes)):
        hits += votes[:, voted] * majority[:, voted]
    return _of_votes(hits, votes)


def sampled_vote(probabilities: Array, votes: NDArray[np.floating]) -> Array:
    """(n,) probability that a class sampled from a model's prediction is the majority's, comparable to an annotator's.

    The model's vote replaces each annotator's in turn. The most probable class would not be comparable: a model that
    always names the most frequent class would beat any annotator.

    Args:
        probabilities: (n, K) predicted probabilities.
        votes: (n, K) numbers of votes.
    """
    hits = np.zeros(len(votes))
    for voted, majority in enumerate(_majorities_of_the_rest(votes)):
        hits += votes[:, voted] * (probabilities * majority).sum(axis=1)
    return _of_votes(hits, votes)


def _majorities_of_the_rest(votes: NDArray[np.floating]) -> Iterator[Array]:
    """Yields for each class: (n, K) share of every class in the majority when a vote for that class is left out."""
    for voted in range(votes.shape[1]):
        rest = votes.astype(np.float64)
        rest[:, voted] -= 1
        leads = rest == rest.max(axis=1, keepdims=True)
        yield leads / leads.sum(axis=1, keepdims=True)


def _of_votes(hits: Array, votes: NDArray[np.floating]) -> Array:
    total = votes.sum(axis=1)
    share: Array = np.divide(hits, total, out=np.full(len(votes), np.nan), where=total > 1)
    return share


def disagreement(votes: NDArray[np.floating]) -> Array:
    """(n,) probability that two annotators of an artwork name different classes; NaN below two votes.

    Unbiased for any number of votes: 1 - sum c (c - 1) / (m (m - 1)), whose mean over artworks is one minus the
    observed agreement of Fleiss (1971).
    """
    total = votes.sum(axis=1).astype(np.float64)
    pairs = total * (total - 1)
    same = (votes * (votes - 1)).sum(axis=1)
    share: Array = np.divide(pairs - same, pairs, out=np.full(len(votes), np.nan), where=total > 1)
    return share


def vote_entropy_bits(votes: NDArray[np.floating]) -> Array:
    """(n,) entropy of each artwork's distribution of votes in bits, 0 to log2 K; NaN without votes."""
    total = votes.sum(axis=1, keepdims=True)
    shares = np.divide(votes, total, out=np.zeros(votes.shape), where=total > 0)
    logs = np.log2(shares, out=np.zeros_like(shares), where=shares > 0)
    return np.where(total[:, 0] > 0, -(shares * logs).sum(axis=1), np.nan)


def krippendorff_alpha(
    votes: NDArray[np.floating], level: Level = "nominal", values: Array | None = None
) -> float | None:
    """Krippendorff's alpha: 1 for full agreement, 0 for agreement by chance; None if undefined.

    Unlike Fleiss' kappa, it allows a different number of votes for each artwork.

    Args:
        votes: (n, K) numbers of votes for K classes, in order unless the level is nominal.
        level: level of measurement: whether classes merely differ, by ranks, or by values.
        values: (K,) values of the classes; None numbers them from 0.
    """
    import krippendorff

    used = votes.sum(axis=0) > 0
    if not are_counted(votes) or used.sum() < 2:
        return None
    domain = np.arange(votes.shape[1], dtype=np.float64) if values is None else values
    order = np.argsort(domain[used])
    return float(
        krippendorff.alpha(
            value_counts=votes[:, used][:, order].astype(np.int64),
            value_domain=domain[used][order],
            level_of_measurement=level,
        )
    )


def levels(votes: NDArray[np.floating]) -> NDArray[np.intp]:
    """(n,) index in `LEVELS` of each artwork; -1 without votes."""
    total = votes.sum(axis=1)
    most = votes.max(axis=1, initial=0)
    level = np.where(most == total, 0, np.where(most > total / 2, 1, 2))
    return np.where(total > 0, level, -1).astype(np.intp)


def annotator_metrics(
    votes: NDArray[np.floating], group: NDArray[np.intp], probabilities: Array | None = None
) -> dict[str, Any] | None:
    """Annotators' accuracy and disagreement, with 95 % intervals; None if votes are not counts.

    Args:
        votes: (n, K) numbers of votes.
        group: (n,) numbers of the groups of dependent artworks.
        probabilities: (n, K) predicted by a model to compare; None for none.

    Returns:
        `n`, the number of artworks with at least two votes; `acc` of one more annotator; `label_noise`, how often two
        annotators name different classes; with a model, `sampled_acc`, the accuracy of votes sampled from its
        probabilities, and `lead`, its difference to an annotator's.
    """
    several = votes.sum(axis=1) > 1
    if not are_counted(votes):
        return None
    votes, group = votes[several], group[several]
    person = one_more_annotator(votes)
    result = {
        "n": len(votes),
        "acc": mean_with_interval(person, group),
        "label_noise": mean_with_interval(disagreement(votes), group),
    }
    if probabilities is not None:
        model = sampled_vote(probabilities[several], votes)
        result["sampled_acc"] = mean_with_interval(model, group)
        result["lead"] = mean_with_interval(model - person, group, low=-1)
    return result


def accuracy_by_agreement(
    hits: NDArray[np.bool_], votes: NDArray[np.floating], group: NDArray[np.intp]
) -> dict[str, Any]:
    """Accuracy by level of agreement, for the levels that occur, with 95 % intervals.

    Args:
        hits: (n,) whether each artwork's class was predicted.
        votes: (n, K) votes, or shares of them.
        group: (n,) numbers of the groups of dependent artworks.
    """
    level = levels(votes)
    by_level = {}
    for index, name in enumerate(LEVELS):
        members = level == index
        if members.any():
            by_level[name] = {"n": int(members.sum()), "acc": mean_with_interval(hits[members], group[members])}
    return by_level
