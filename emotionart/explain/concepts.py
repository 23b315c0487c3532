"""Concepts (TCAV, Kim et al. 2018): whether what a folder of examples has in common pushes a network towards a class.

A concept activation vector is the normal of the boundary that a linear classifier finds between examples and other works.
Two things differ from the paper and from `captum.concept.TCAV`, which computes the share of positive derivatives, too:

- Captum takes a grid cell by cell, so that an example's place would belong to the concept, and it keeps activations and
  vectors in files. Here a work is the mean of each unit over the grid, standardised on training works, and going along a
  vector changes all cells alike.
- The paper compares scores of one folder against ever other counterexamples with those of random folders, by a t-test.
  The scores share the folder, so that they are no sample: on the gallery (64 units, folders of 26 works) the test calls a
  folder of random works a concept in 40 % of cases with 10 counterexamples, and in 80 % with 30. Nor does the share tell
  many directions apart: a third of random ones reach 0 or 1. So the folder as a whole is compared with random folders of
  its size, and by its alignment, the mean cosine between its vector and the direction in which the class gains.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_score

from emotionart.attribution.network import PictureNetwork, undisturbed
from emotionart.errors import UserError
from emotionart.explain.units import activations
from emotionart.progress import progress_bar
from emotionart.statistics.tests import holm

FEWEST = 10
"""Examples that a concept needs."""

MOST_OTHERS = 500
"""Training works from which examples are told, and random folders drawn."""

_STRENGTH = 0.3  # inverse regularisation; of 0.001 to 10, the one with which the gallery's objects are found best
_RANDOM = 500  # random folders, at least
_RANDOM_OF_A_TEST = 40  # so that Holm's correction can leave a p-value of half the level
_FOLDS, _BATCH = 5, 32

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Concept:
    """Examples of a concept.

    Attributes:
        name: of their folder.
        pictures: (n, size, size, 3) uint8.
        digests: of their files' bytes.
    """

    name: str
    pictures: NDArray[np.uint8]
    digests: frozenset[str]


@dataclass(frozen=True)
class ConceptScore:
    """What going along a concept's vector does to a class, on works of this class.

    Attributes:
        concept: its name.
        examples: that were used.
        class_name: the class.
        works: of the class.
        tcav: share of these works whose probability of the class grows (Kim et al.'s score).
        random_tcav, random_tcav_sd: mean and standard deviation of the same over random folders.
        alignment: mean cosine between the vector and the direction in which the probability grows, -1 to 1.
        random_low, random_high: between which 95 % of random folders' alignments lie.
        p_value: two-sided, of an alignment so far from the mean of random folders, after Holm's correction for all
            concepts and classes.
        accuracy: balanced accuracy of the linear classifier on examples and other works that it has not seen.
    """

    concept: str
    examples: int
    class_name: str
    works: int
    tcav: float
    random_tcav: float
    random_tcav_sd: float
    alignment: float
    random_low: float
    random_high: float
    p_value: float
    accuracy: float


def score_concepts(
    network: PictureNetwork,
    concepts: Sequence[Concept],
    others: NDArray[np.uint8],
    digests: NDArray[np.object_],
    works: NDArray[np.uint8],
    label: NDArray[np.int64],
    classes: Sequence[str],
) -> list[ConceptScore]:
    """A score for each concept and each class that has works, in this order.

    Args:
        network: whose trunk gives a grid.
        concepts: with at least `FEWEST` pictures.
        others: (N, size, size, 3) training works.
        digests: (N,) of their files' bytes; those that are among the examples are told from none.
        works: (n, size, size, 3) on which the network is examined.
        label: (n,) their classes.
        classes: names of all.

    Raises:
        UserError: for a trunk that gives no grid, or fewer than twice `FEWEST` training works.
    """
    if len(others) < 2 * FEWEST:
        raise UserError(
            f"Random folders of {FEWEST} pictures need {2 * FEWEST} training works; this run has {len(others)}.",
            where="--concept",
            fix="a run on more works",
        )
    answers = activations(network, others).mean
    middle, spread = answers.mean(0), answers.std(0)
    spread[spread == 0] = 1  # a dead unit
    pool = (answers - middle) / spread
    sides = _Sides(directions(network, works, label, spread), label, np.unique(label))
    number = max(_RANDOM, _RANDOM_OF_A_TEST * len(concepts) * len(sides.shown))
    found: list[ConceptScore] = []
    for concept in concepts:
        few = spaced(len(concept.pictures), len(pool) // 2)
        inside = (activations(network, concept.pictures[few]).mean - middle) / spread
        outside = pool[[digest not in concept.digests for digest in digests]]
        tcav, alignment = sides.of(concept_vector(inside, outside))
        folders = progress_bar(_random_folders(len(pool), len(few), number), "trying random folders", number)
        random = np.array([sides.of(concept_vector(pool[one], pool[~one])) for one in folders])
        low, high = np.quantile(random[:, 1], (0.025, 0.975), axis=0)
        accuracy = held_out_accuracy(inside, outside)
        found += [
            ConceptScore(
                concept=concept.name,
                examples=len(few),
                class_name=classes[sides.shown[k]],
                works=int((label == sides.shown[k]).sum()),
                tcav=tcav[k],
                random_tcav=random[:, 0, k].mean(),
                random_tcav_sd=random[:, 0, k].std(),
                alignment=alignment[k],
                random_low=low[k],
                random_high=high[k],
                p_value=monte_carlo_p(alignment[k], random[:, 1, k]),
                accuracy=accuracy,
            )
            for k in range(len(sides.shown))
        ]
    corrected = holm([one.p_value for one in found])
    return [replace(one, p_value=float(p_value)) for one, p_value in zip(found, corrected, strict=True)]


@dataclass(frozen=True)
class _Sides:
    """On which side of a vector the works of each class lie.

    Attributes:
        towards: (n, U) unit vectors, in which each work's class grows.
        label: (n,) classes.
        shown: (S,) those that have works.
    """

    towards: Array
    label: NDArray[np.int64]
    shown: NDArray[np.int64]

    def of(self, vector: Array) -> Array:
        """(2, S): share of positive cosines with a vector, and mean cosine."""
        cosine = self.towards @ vector
        each = [cosine[self.label == one] for one in self.shown]
        return np.array([[(one > 0).mean() for one in each], [one.mean() for one in each]])


def concept_vector(inside: Array, outside: Array) -> Array:
    """The unit normal (U,) of a linear boundary, towards the examples (n, U) and away from other works (N, U)."""
    normal: Array = _classifier().fit(*_labelled(inside, outside)).coef_[0]
    return normal / np.linalg.norm(normal)


def held_out_accuracy(inside: Array, outside: Array) -> float:
    """Balanced accuracy of the same classifier on examples (n, U) and other works (N, U), five-fold; 0.5 is chance."""
    folds = StratifiedKFold(_FOLDS, shuffle=True, random_state=0)
    return float(
        cross_val_score(_classifier(), *_labelled(inside, outside), cv=folds, scoring="balanced_accuracy").mean()
    )


def directions(network: PictureNetwork, works: NDArray[np.uint8], label: NDArray[np.int64], spread: Array) -> Array:
    """The direction (n, U) in which each work's probability of its class grows most, as unit vectors.

    In it all cells of a unit change alike, in units of its deviation. The gradient is that of the log odds: it points as
    the probability's own does, and does not vanish where that is nearly 1.

    Args:
        network: whose trunk gives a grid.
        works: (n, size, size, 3).
        label: (n,) classes.
        spread: (U,) deviations of the units.
    """
    found = []
    starts = range(0, len(works), _BATCH)
    with undisturbed(network):
        for start in progress_bar(starts, "what classes grow with", len(starts)):
            batch = torch.from_numpy(np.ascontiguousarray(works[start : start + _BATCH])).permute(0, 3, 1, 2)
            with torch.no_grad():
                grid = network.features(batch.float() / 255)
            true = torch.from_numpy(label[start : start + _BATCH])[:, None]
            logits = network.head(grid.requires_grad_()).double()
            others = logits.scatter(1, true, -torch.inf).logsumexp(1)
            (gradient,) = torch.autograd.grad((logits.gather(1, true)[:, 0] - others).sum(), grid)
            found.append(gradient.sum((2, 3)).double().numpy())
    scaled = np.concatenate(found) * spread
    length = np.linalg.norm(scaled, axis=1, keepdims=True)
    unit: Array = scaled / np.where(length == 0, 1, length)
    return unit


def monte_carlo_p(value: float, null: Array) -> float:
    """Two-sided p-value of a value among random ones (R,), by their distances from the mean (Davison and Hinkley 1997)."""
    middle = null.mean()
    return float((1 + (np.abs(null - middle) >= abs(value - middle)).sum()) / (1 + len(null)))


def _classifier() -> LogisticRegression:
    return LogisticRegression(C=_STRENGTH, class_weight="balanced", max_iter=1000)


def _labelled(inside: Array, outside: Array) -> tuple[Array, NDArray[np.intp]]:
    return np.concatenate([inside, outside]), np.repeat((1, 0), (len(inside), len(outside)))


def _random_folders(works: int, size: int, number: int) -> Iterator[NDArray[np.bool_]]:
    """So many times (works,): which of them are in a random folder."""
    generator = np.random.default_rng(0)
    for _ in range(number):
        inside = np.zeros(works, dtype=bool)
        inside[generator.choice(works, size, replace=False)] = True
        yield inside


def spaced(count: int, most: int) -> NDArray[np.intp]:
    """All positions, or so many of them at equal distances."""
    return np.unique(np.linspace(0, count - 1, min(count, most)).round().astype(np.intp))
