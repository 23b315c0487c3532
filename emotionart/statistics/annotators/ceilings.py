"""Upper bound of accuracy under disagreement: the probability that each class wins the annotators' vote."""

from __future__ import annotations

import numpy as np
from numpy.polynomial.legendre import leggauss
from numpy.typing import NDArray
from scipy import fft, stats

Array = NDArray[np.float64]


def win_probabilities(probability: Array, votes: NDArray[np.int64]) -> Array:
    """(n, K) probability that each class becomes the hard label of each artwork.

    The hard label is the class with the most votes, ties broken at random. The largest probability is the highest
    expected accuracy of any model on the artwork; a model that knows the probabilities would name that class.

    Args:
        probability: (n, K) probability of each class in one vote; votes are independent.
        votes: (n,) number of votes.
    """
    rows, which = np.unique(np.column_stack([probability.round(12), votes]), axis=0, return_inverse=True)
    return np.stack([win_probability(row[:-1], int(row[-1])) for row in rows])[which.ravel()]


def win_probability(probability: Array, votes: int) -> Array:
    """(K,) probability that each class wins a vote.

    Numbers of votes are multinomial: independent Poisson numbers given their sum. Class k wins with c votes if no other
    class has more; if t others have as many, with probability 1 / (t + 1) = ∫ y^t dy over 0 to 1. Hence the coefficient
    of x^(votes - c) in the product over the other classes of Σ_{a<c} P(a) x^a + y P(c) x^c, integrated over y by a
    quadrature that is exact for its degree: polynomial in classes and votes, unlike enumerating all outcomes.

    Args:
        probability: (K,) probability of each class in one vote.
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
    """For each factor along the second axis, the product of all others."""
    ones = np.ones_like(factors[:, :1])
    before = np.cumprod(np.concatenate([ones, factors[:, :-1]], axis=1), axis=1)
    after = np.cumprod(np.concatenate([ones, factors[:, :0:-1]], axis=1), axis=1)[:, ::-1]
    product: NDArray[np.complex128] = before * after
    return product
