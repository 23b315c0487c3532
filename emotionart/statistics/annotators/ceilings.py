"""What nobody can beat where annotators disagree: the chance with which each class wins their vote."""

from __future__ import annotations

import numpy as np
from numpy.polynomial.legendre import leggauss
from numpy.typing import NDArray
from scipy import fft, stats

Array = NDArray[np.float64]


def win_probabilities(probability: Array, votes: NDArray[np.int64]) -> Array:
    """The probability that each class becomes the hard label of each artwork, (n, K).

    The hard label is the class with the most votes, drawn among equals. Its largest probability is the highest accuracy
    that any model can expect on the artwork; a model that knows the probabilities would name that class.

    Args:
        probability: (n, K) of each class in one vote, votes being independent.
        votes: (n,) number of votes.
    """
    rows, which = np.unique(np.column_stack([probability.round(12), votes]), axis=0, return_inverse=True)
    return np.stack([win_probability(row[:-1], int(row[-1])) for row in rows])[which.ravel()]


def win_probability(probability: Array, votes: int) -> Array:
    """The probability that each class wins a vote, (K,).

    Numbers of votes are multinomial: independent Poisson numbers, given their sum. Class k wins with c votes if no
    other class has more; where t others have as many, with probability 1 / (t + 1) = ∫ y^t dy over 0 to 1. Hence the
    product over the other classes of Σ_{a<c} P(a) x^a + y P(c) x^c, its coefficient of x^(votes - c), and a quadrature
    over y that is exact for its degree: polynomial in classes and votes, unlike all outcomes of the vote.

    Args:
        probability: (K,) of each class in one vote.
        votes: number of votes.
    """
    classes = len(probability)
    node, weight = (part[:, None, None] / 2 for part in leggauss(classes // 2 + 1))
    poisson = stats.poisson.pmf(np.arange(votes + 1), votes * probability[:, None])
    won = np.zeros(classes)
    for most in range(-(-votes // classes), votes + 1):
        length = fft.next_fast_len(max(classes * most, votes) + 1, real=True)
        terms = np.tile(poisson[:, : most + 1], (len(node), 1, 1))
        terms[..., -1:] *= node + 0.5
        others = fft.irfft(_product_of_others(fft.rfft(terms, length)), length)[..., votes - most]
        won += poisson[:, most] * (weight[..., 0] * others).sum(axis=0)
    won /= stats.poisson.pmf(votes, votes)
    return won


def _product_of_others(factors: NDArray[np.complex128]) -> NDArray[np.complex128]:
    """The product of all factors along the second axis but one, for each of them."""
    ones = np.ones_like(factors[:, :1])
    before = np.cumprod(np.concatenate([ones, factors[:, :-1]], axis=1), axis=1)
    after = np.cumprod(np.concatenate([ones, factors[:, :0:-1]], axis=1), axis=1)[:, ::-1]
    product: NDArray[np.complex128] = before * after
    return product
