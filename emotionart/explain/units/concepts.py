"""Concepts (TCAV, Kim et al. 2018): classes that a folder of examples pushes a network towards.

The TCAV score is the share of a class's works whose derivative along the concept's vector is positive.

The significance test differs from the paper's, a t-test between the scores of one folder against several sets of
counterexamples and those of random folders. The scores of one folder share its works, so they are not independent, and
the t-test finds folders of random works significant (`studies/concepts.md`). Here the folder as a whole is compared
with random folders of its size by the mean derivative. The TCAV score itself is unsuitable: it is often 0 or 1 for
random vectors, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from emotionart.attribution.unit_layer import UnitLayer
from emotionart.errors import UserError, raise_together
from emotionart.explain.units.activations import Works, activations
from emotionart.explain.units.concept_vectors import (
    Array,
    Sensitivities,
    class_gradients,
    concept_vector,
    held_out_accuracy,
)
from emotionart.explain.units.random_folders import monte_carlo_p, random_scores
from emotionart.spacing import evenly_spaced
from emotionart.statistics.estimate import TAILS
from emotionart.statistics.significance import holm

FEWEST_EXAMPLES = 10
"""Minimum number of examples of a concept."""

MOST_OTHERS = 500
"""Maximum number of training works as counterexamples, from which random folders are drawn, too."""

_FEWEST_RANDOM = 1000  # minimum number of random folders
_RANDOM_PER_TEST = 50  # random folders per test, so that a p-value can be 0.02 after Holm's correction


@dataclass(frozen=True)
class Concept:
    """Examples of a concept.

    Attributes:
        name: name of the folder.
        pictures: (n, size, size, 3) uint8 pictures of the examples.
        digests: digests of all files in the folder, which may be more.
    """

    name: str
    pictures: NDArray[np.uint8]
    digests: frozenset[str]


@dataclass(frozen=True)
class ConceptScore:
    """The effect of a concept on a class, measured on works of the class.

    Attributes:
        concept: name of the concept.
        examples: number of examples that were used.
        class_name: name of the class.
        works: number of works of the class.
        tcav: TCAV score: share of the works whose probability of the class grows along the concept's vector.
        random_tcav, random_tcav_sd: mean and standard deviation of the score over random folders.
        z: mean derivative along the vector, with each work's gradient scaled to length 1, as a z-score among random
            folders; 0 if neither the concept nor any random folder has an effect.
        random_low, random_high: 2.5 % and 97.5 % quantiles of z over random folders.
        p_value: two-sided p-value of z, after Holm's correction for all concepts and classes.
        accuracy: cross-validated balanced accuracy of the linear classifier on examples and other works.
    """

    concept: str
    examples: int
    class_name: str
    works: int
    tcav: float
    random_tcav: float
    random_tcav_sd: float
    z: float
    random_low: float
    random_high: float
    p_value: float
    accuracy: float


def score_concepts(
    layer: UnitLayer,
    concepts: Sequence[Concept],
    others: NDArray[np.uint8],
    digests: NDArray[np.object_],
    works: NDArray[np.uint8],
    label: NDArray[np.int64],
    classes: Sequence[str],
) -> list[ConceptScore]:
    """The scores of each concept on each class that has works, concept by concept.

    Args:
        layer: layer of the units.
        concepts: concepts with at least `FEWEST_EXAMPLES` pictures each.
        others: (N, size, size, 3) uint8, training works.
        digests: (N,) digests of their files; a work in a concept's folder is not a counterexample to it.
        works: (n, size, size, 3) uint8, works on which derivatives are computed.
        label: (n,) classes of these works.
        classes: names of all classes.

    Raises:
        UserError: for fewer than twice `FEWEST_EXAMPLES` training works, or a folder that holds most of them, which
            would have fewer counterexamples than random folders have.
    """
    if len(others) < 2 * FEWEST_EXAMPLES:
        raise UserError(
            f"Random folders of {FEWEST_EXAMPLES} pictures need {2 * FEWEST_EXAMPLES} training works; this run has "
            f"{len(others)}.",
            where="--concept",
            fix="a run on more works",
        )
    is_counterexample = _counterexamples(concepts, digests)
    # Not from the feature store, even if it has these means: it may be in bfloat16, and the concept's pictures are in
    # float32, so that a classifier could separate them by their precision alone.
    means = activations(layer, Works.all_of(others), "training works").mean
    centre, scale = means.mean(0), means.std(0)
    scale[scale == 0] = 1  # a dead unit
    pool = (means - centre) / scale
    sensitivities = Sensitivities(class_gradients(layer, works, label, scale), label, np.unique(label))
    number = max(_FEWEST_RANDOM, _RANDOM_PER_TEST * len(concepts) * len(sensitivities.classes))
    nulls: dict[int, Array] = {}  # by the number of examples
    scores: list[ConceptScore] = []
    for concept, counter in zip(concepts, is_counterexample, strict=True):
        used = evenly_spaced(len(concept.pictures), len(pool) // 2)
        means = activations(layer, Works.all_of(concept.pictures[used]), concept.name).mean
        if len(used) not in nulls:
            nulls[len(used)] = random_scores(pool, len(used), number, sensitivities)
        examples = (means - centre) / scale
        scores += _compare(concept.name, examples, pool[counter], sensitivities, classes, nulls[len(used)])
    corrected = holm([one.p_value for one in scores])
    return [replace(one, p_value=float(p_value)) for one, p_value in zip(scores, corrected, strict=True)]


def _counterexamples(concepts: Sequence[Concept], digests: NDArray[np.object_]) -> list[NDArray[np.bool_]]:
    """For each concept, (N,) whether each training work is outside its folder.

    Raises:
        UserError: for folders that hold most of the works.
    """
    outside = [np.array([digest not in concept.digests for digest in digests]) for concept in concepts]
    raise_together(
        UserError(
            f"This folder holds most of the run's training works: {(~left).sum()} of {len(left)} that were looked at.",
            where=f"--concept {concept.name}",
            fix="a folder of at most half of them",
        )
        for concept, left in zip(concepts, outside, strict=True)
        if left.sum() < len(left) // 2
    )
    return outside


def _compare(
    name: str, examples: Array, others: Array, sensitivities: Sensitivities, classes: Sequence[str], null: Array
) -> list[ConceptScore]:
    """A concept's scores, with uncorrected p-values.

    Args:
        name: name of the concept.
        examples: (n, U) standardised means of the examples.
        others: (N, U) standardised means of the counterexamples.
        sensitivities: derivatives of the classes.
        classes: names of all classes.
        null: (R, 2, S) scores of random folders.
    """
    tcav, derivative = sensitivities.along(concept_vector(examples, others))
    mean, deviation = null[:, 1].mean(0), null[:, 1].std(0)
    deviation[deviation == 0] = 1  # no vector changes this class, so that z is 0
    low, high = (np.quantile(null[:, 1], TAILS, axis=0) - mean) / deviation
    accuracy = held_out_accuracy(examples, others)
    return [
        ConceptScore(
            concept=name,
            examples=len(examples),
            class_name=classes[k],
            works=int((sensitivities.label == k).sum()),
            tcav=float(tcav[index]),
            random_tcav=float(null[:, 0, index].mean()),
            random_tcav_sd=float(null[:, 0, index].std()),
            z=float((derivative[index] - mean[index]) / deviation[index]),
            random_low=float(low[index]),
            random_high=float(high[index]),
            p_value=monte_carlo_p(float(derivative[index]), null[:, 1, index]),
            accuracy=accuracy,
        )
        for index, k in enumerate(sensitivities.classes)
    ]
