"""Concepts (TCAV, Kim et al. 2018): which classes a folder of examples pushes a network towards.

A concept activation vector is the normal of the boundary that a linear classifier finds between examples and other
works. The TCAV score is the share of a class's works whose derivative along it is positive. Captum computes it, too
(`captum.concept.TCAV`, the oracle of the tests), but takes a grid cell by cell, so that a concept has a place, and
keeps activations and vectors in files. Here a work is the mean of each unit over the grid, standardised on training
works, and going along a vector changes all cells alike.

The paper's test is another, too. It compares the scores of one folder, each against other counterexamples, with the
scores of random folders by a t-test. The folder's scores share its works, so they are not independent, and the test
finds folders of random works significant (`studies/concepts.md`). Here the folder as a whole is compared with random
folders of its size, by the mean derivative. The share would not do: for random vectors, too, it is often 0 or 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_score

from emotionart.attribution.gradient import as_grid, captured
from emotionart.attribution.network import as_floats, undisturbed
from emotionart.attribution.unit_layer import UnitLayer
from emotionart.errors import UserError, raise_together
from emotionart.explain.units.activations import Works, activations
from emotionart.figures.generated import evenly_spaced
from emotionart.progress import progress_bar
from emotionart.statistics.estimate import TAILS
from emotionart.statistics.tests import holm

FEWEST = 10
"""Examples that a concept needs."""

MOST_OTHERS = 500
"""Training works, at most, that serve as counterexamples and from which random folders are drawn."""

_STRENGTH = 0.01  # inverse regularisation; of 0.01 to 1, the one with which the gallery's objects are found best
_RANDOM = 1000  # random folders, at least
_RANDOM_OF_A_TEST = 50  # so that Holm's correction can leave a p-value of 0.02
_FOLDS, _BATCH = 5, 32

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Concept:
    """Examples of a concept.

    Attributes:
        name: the folder's name.
        pictures: (n, size, size, 3) uint8, those that are used.
        digests: digests of all files in the folder.
    """

    name: str
    pictures: NDArray[np.uint8]
    digests: frozenset[str]


@dataclass(frozen=True)
class ConceptScore:
    """What going along a concept's vector does to a class, on works of this class.

    Attributes:
        concept: the concept's name.
        examples: number of examples that were used.
        class_name: the class.
        works: number of works of the class.
        tcav: share of these works whose probability of the class grows (Kim et al.'s score).
        random_tcav, random_tcav_sd: mean and standard deviation of the same over random folders.
        z: how far the concept pushes the network towards the class: mean derivative along the vector, where each work's
            gradient has length 1, minus the mean of random folders, in their standard deviations; 0 where neither the
            concept nor any random folder has an effect.
        random_low, random_high: range of z that holds 95 % of random folders.
        p_value: two-sided p-value of z, after Holm's correction for all concepts and classes.
        accuracy: balanced accuracy of the linear classifier on examples and other works that it has not seen.
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
    """A score for each concept and each class that has works, in this order.

    Args:
        layer: whose units.
        concepts: concepts with at least `FEWEST` pictures each.
        others: (N, size, size, 3) training works.
        digests: (N,) digests of their files; a work that is in a concept's folder is no counterexample to it.
        works: (n, size, size, 3) works on which the network is examined.
        label: (n,) the classes of these works.
        classes: names of all classes.

    Raises:
        UserError: for fewer than twice `FEWEST` training works, or a folder that holds most
            of them: it would be told from fewer others than random folders are.
    """
    if len(others) < 2 * FEWEST:
        raise UserError(
            f"Random folders of {FEWEST} pictures need {2 * FEWEST} training works; this run has {len(others)}.",
            where="--concept",
            fix="a run on more works",
        )
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
    # Not from a store, even if it has these means: it may be in bfloat16, and the concept's pictures are in float32. A
    # classifier would tell the two apart by this alone.
    answers = activations(layer, _all(others), "training works").mean
    middle, spread = answers.mean(0), answers.std(0)
    spread[spread == 0] = 1  # a dead unit
    pool = (answers - middle) / spread
    sensitivities = Sensitivities(directions(layer, works, label, spread), label, np.unique(label))
    number = max(_RANDOM, _RANDOM_OF_A_TEST * len(concepts) * len(sensitivities.shown))
    nulls: dict[int, Array] = {}  # by the number of examples
    scores: list[ConceptScore] = []
    for concept, left in zip(concepts, outside, strict=True):
        few = evenly_spaced(len(concept.pictures), len(pool) // 2)
        answered = activations(layer, _all(concept.pictures[few]), concept.name).mean
        inside = (answered - middle) / spread
        if len(few) not in nulls:
            nulls[len(few)] = random_scores(pool, len(few), number, sensitivities)
        scores += _compare(concept.name, inside, pool[left], sensitivities, classes, nulls[len(few)])
    corrected = holm([one.p_value for one in scores])
    return [replace(one, p_value=float(p_value)) for one, p_value in zip(scores, corrected, strict=True)]


@dataclass(frozen=True)
class Sensitivities:
    """How the probability of each work's class changes along a vector (conceptual sensitivity, Kim et al. 2018).

    Attributes:
        gradients: (n, U) unit vectors along which the probability of each work's class grows most.
        label: (n,) classes of the works.
        shown: (S,) the classes that have works.
    """

    gradients: Array
    label: NDArray[np.int64]
    shown: NDArray[np.int64]

    def along(self, vector: Array) -> Array:
        """(2, S): for each class the share of positive derivatives along a vector (U,), and the mean derivative."""
        slope = self.gradients @ vector
        each = [slope[self.label == one] for one in self.shown]
        return np.array([[(one > 0).mean() for one in each], [one.mean() for one in each]])


def random_scores(pool: Array, size: int, number: int, sensitivities: Sensitivities) -> Array:
    """Scores (R, 2, S) of random folders, each against the works that are not in it.

    Args:
        pool: (N, U) works, standardised.
        size: number of works in a folder.
        number: R, number of folders.
        sensitivities: the network's.
    """
    generator, scores = np.random.default_rng(0), []
    for _ in progress_bar(range(number), f"trying random folders of {size}", number):
        inside = np.zeros(len(pool), dtype=bool)
        inside[generator.choice(len(pool), size, replace=False)] = True
        scores.append(sensitivities.along(concept_vector(pool[inside], pool[~inside])))
    return np.array(scores)


def _compare(
    name: str, inside: Array, outside: Array, sensitivities: Sensitivities, classes: Sequence[str], null: Array
) -> list[ConceptScore]:
    """A concept's scores, with p-values that are not corrected yet.

    Args:
        name: the concept's name.
        inside: (n, U) examples.
        outside: (N, U) other works.
        sensitivities: the network's.
        classes: names of all classes.
        null: (R, 2, S) scores of random folders.
    """
    tcav, slope = sensitivities.along(concept_vector(inside, outside))
    middle, spread = null[:, 1].mean(0), null[:, 1].std(0)
    spread[spread == 0] = 1  # no vector changes this class, so that z is 0
    low, high = (np.quantile(null[:, 1], TAILS, axis=0) - middle) / spread
    accuracy = held_out_accuracy(inside, outside)
    return [
        ConceptScore(
            concept=name,
            examples=len(inside),
            class_name=classes[one],
            works=int((sensitivities.label == one).sum()),
            tcav=float(tcav[k]),
            random_tcav=float(null[:, 0, k].mean()),
            random_tcav_sd=float(null[:, 0, k].std()),
            z=float((slope[k] - middle[k]) / spread[k]),
            random_low=float(low[k]),
            random_high=float(high[k]),
            p_value=monte_carlo_p(float(slope[k]), null[:, 1, k]),
            accuracy=accuracy,
        )
        for k, one in enumerate(sensitivities.shown)
    ]


def concept_vector(inside: Array, outside: Array) -> Array:
    """The normal (U,) of a linear boundary, from other works (N, U) towards examples (n, U).

    It is as long as the classifier makes it: the more clearly the two are told apart, the longer.
    """
    normal: Array = _classifier().fit(*_labelled(inside, outside)).coef_[0]
    return normal


def held_out_accuracy(inside: Array, outside: Array) -> float:
    """Balanced accuracy of the same classifier on examples (n, U) and other works (N, U), five-fold; 0.5 is chance."""
    folds = StratifiedKFold(_FOLDS, shuffle=True, random_state=0)
    return float(
        cross_val_score(_classifier(), *_labelled(inside, outside), cv=folds, scoring="balanced_accuracy").mean()
    )


def directions(layer: UnitLayer, works: NDArray[np.uint8], label: NDArray[np.int64], spread: Array) -> Array:
    """The direction (n, U) in which each work's probability of its class grows most, as unit vectors.

    In it all cells of a unit change alike, in units of its deviation. The gradient is that of the log odds: it points
    as the probability's own does, and does not vanish where that is nearly 1.

    Args:
        layer: whose units.
        works: (n, size, size, 3) works.
        label: (n,) classes of the works.
        spread: (U,) standard deviations of the units.
    """
    gradients = []
    starts = range(0, len(works), _BATCH)
    with undisturbed(layer.network):
        for start in progress_bar(starts, "what classes grow with", len(works), _BATCH):
            true = torch.from_numpy(label[start : start + _BATCH])[:, None]
            with captured(layer.module) as caught:
                logits = layer.network(as_floats(works[start : start + _BATCH])).double()
            others = logits.scatter(1, true, -torch.inf).logsumexp(1)
            (gradient,) = torch.autograd.grad((logits.gather(1, true)[:, 0] - others).sum(), caught["output"])
            gradients.append(as_grid(gradient).sum((2, 3)).double().numpy())
    scaled = np.concatenate(gradients) * spread
    length = np.linalg.norm(scaled, axis=1, keepdims=True)
    unit: Array = scaled / np.where(length == 0, 1, length)
    return unit


def monte_carlo_p(value: float, null: Array) -> float:
    """Two-sided p-value of a value among random ones (R,), by distances from their mean (Davison and Hinkley 1997)."""
    middle = null.mean()
    return float((1 + (np.abs(null - middle) >= abs(value - middle)).sum()) / (1 + len(null)))


def _all(pictures: NDArray[np.uint8]) -> Works:
    return Works(pictures, np.arange(len(pictures)))


def _classifier() -> LogisticRegression:
    return LogisticRegression(C=_STRENGTH, class_weight="balanced", max_iter=1000)


def _labelled(inside: Array, outside: Array) -> tuple[Array, NDArray[np.intp]]:
    return np.concatenate([inside, outside]), np.repeat((1, 0), (len(inside), len(outside)))
