"""Folders of works drawn at random, with which a concept's folder is compared."""

from __future__ import annotations

import numpy as np

from emotionart.explain.units.concept_vectors import Array, Sensitivities, concept_vector
from emotionart.progress import progress_bar


def random_scores(pool: Array, size: int, number: int, sensitivities: Sensitivities) -> Array:
    """(R, 2, S) scores of random folders, each against all works outside it.

    Args:
        pool: (N, U) standardised means of the works to draw from.
        size: number of works in a folder.
        number: number R of folders.
        sensitivities: derivatives of the classes.
    """
    generator, scores = np.random.default_rng(0), []
    for _ in progress_bar(range(number), f"trying random folders of {size}", number):
        inside = np.zeros(len(pool), dtype=bool)
        inside[generator.choice(len(pool), size, replace=False)] = True
        scores.append(sensitivities.along(concept_vector(pool[inside], pool[~inside])))
    return np.array(scores)


def monte_carlo_p(value: float, null: Array) -> float:
    """Two-sided Monte Carlo p-value by the distance from the null values' mean (Davison and Hinkley 1997, 4.2).

    Args:
        value: observed value.
        null: (R,) values under the null hypothesis.
    """
    centre = null.mean()
    return float((1 + (np.abs(null - centre) >= abs(value - centre)).sum()) / (1 + len(null)))
