"""How often cross-validated tables err, and what they find: simulated rows whose true accuracy is known.

    python studies/cross_validation.py --repetitions 300

Each repetition draws a collection of four classes, by artists or work by work, and cross-validates two rows in 5 folds
and 2 repeats: ridge regression on two sets of 25 features each. Where both sets tell as much, no row is better, and a
test that finds one errs; "power" leaves out some of the second one's telling features. Prints the tables of
docs/statistics.md.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from emotionart.data.tables.split import fold_positions, split_artworks
from emotionart.statistics.cross_validation import corrected_resampled, fold_differences, pooled_factor
from emotionart.statistics.crossed import accuracy_difference, mean_accuracy
from emotionart.statistics.estimate import LEVEL
from emotionart.statistics.tests import difference_p

CLASSES, FEATURES, FOLDS, REPEATS = 4, 25, 5, 2

Array = NDArray[np.float64]
Classes = NDArray[np.intp]


@dataclass
class Rates:
    """What is counted over repetitions: errors or findings of each test, and the interval's ends."""

    single: list[bool] = field(default_factory=list)
    plain: list[bool] = field(default_factory=list)
    corrected: list[bool] = field(default_factory=list)
    conservative: list[bool] = field(default_factory=list)
    accuracy: list[float] = field(default_factory=list)
    ends: list[tuple[float, float]] = field(default_factory=list)
    plain_ends: list[tuple[float, float]] = field(default_factory=list)


def draw(
    works: int, artists: bool, telling: int, generator: np.random.Generator
) -> tuple[Array, Array, Classes, Classes]:
    """Two sets of features (n, 25), classes (n,) and groups (n,) of a collection."""
    size = generator.lognormal(1, 0.8, works).astype(int) + 1 if artists else np.ones(works, dtype=int)
    group = np.repeat(np.arange(works), size)[:works].astype(np.intp)
    taste = generator.integers(0, CLASSES, works)
    own = generator.integers(0, CLASSES, works)
    label = (np.where(generator.random(works) < 0.6, taste[group], own) if artists else own).astype(np.intp)
    sets = []
    for count in (10, telling):
        centre = np.zeros((CLASSES, FEATURES))
        centre[:, :count] = 0.55 * np.eye(CLASSES)[:, np.arange(count) % CLASSES]
        hand = 0.6 * generator.normal(size=(works, FEATURES)) if artists else np.zeros((works, FEATURES))
        sets.append(centre[label] + hand[group] + generator.normal(size=(works, FEATURES)))
    return sets[0], sets[1], label, group


def hits(features: Array, label: Classes, part: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Whether ridge regression that learnt from what is not tested is right on what is."""
    learnt, tested = part != "test", part == "test"
    one_hot = np.eye(CLASSES)[label[learnt]]
    inner = np.c_[np.ones(len(features)), features]
    weights = np.linalg.solve(inner[learnt].T @ inner[learnt] + 5 * np.eye(FEATURES + 1), inner[learnt].T @ one_hot)
    right: NDArray[np.bool_] = (inner[tested] @ weights).argmax(axis=1) == label[tested]
    return right


def repeat(works: int, artists: bool, telling: int, seed: int, rates: Rates) -> None:
    """Adds one repetition to the rates."""
    generator = np.random.default_rng([seed, works, artists, telling])
    first, second, label, group = draw(works, artists, telling, generator)
    id = np.array([f"{number}" for number in range(works)], dtype=object)
    who = np.array([f"artist {number}" if artists else "" for number in group], dtype=object)
    raw = np.array([f"class {number}" for number in label], dtype=object)
    found = np.zeros((2, REPEATS, works), dtype=bool)
    fold = np.zeros((REPEATS, works), dtype=np.intp)
    for again in range(REPEATS):
        for number in range(FOLDS):
            place = fold_positions(number, FOLDS)
            part = split_artworks(id, who, np.arange(works), 100 * seed + again, label=raw, test=place)
            fold[again, part == "test"] = again * FOLDS + number
            for row, features in enumerate((first, second)):
                found[row, again, part == "test"] = hits(features, label, part)
    a, b = found
    differences = fold_differences(a, b, (fold, fold))
    factor = pooled_factor(works)
    rates.corrected.append(difference_p(a, b, group, factor=factor) < LEVEL)
    rates.plain.append(accuracy_difference(a, b, group).p_value() < LEVEL)
    rates.conservative.append(corrected_resampled(differences, FOLDS).p_value() < LEVEL)
    rates.accuracy.append(float(a.mean()))
    rates.ends.append(mean_accuracy(a, group, factor=factor).interval(0, 1))
    rates.plain_ends.append(mean_accuracy(a, group).interval(0, 1))
    part = split_artworks(id, who, np.arange(works), 100 * seed, label=raw)
    members = np.unique(group[part == "test"], return_inverse=True)[1]
    one, other = (hits(features, label, part)[None] for features in (first, second))
    rates.single.append(difference_p(one, other, members) < LEVEL)


def coverage(rates: Rates, ends: list[tuple[float, float]]) -> float:
    """How often intervals hold the mean accuracy of all repetitions."""
    truth = float(np.mean(rates.accuracy))
    return float(np.mean([low <= truth <= high for low, high in ends]))


def main() -> None:
    """Prints the table, a line for each world."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repetitions", type=int, default=300)
    parser.add_argument("--works", type=int, nargs="+", default=[125, 250, 500, 2000])
    arguments = parser.parse_args()
    print("| | single split | pooled | pooled, corrected | Nadeau and Bengio | power: single split | pooled, corrected "
          "| Nadeau and Bengio | interval holds: pooled | corrected |")  # fmt: skip
    print("| --- |" + " ---: |" * 9)
    for works in arguments.works:
        for artists in (False, True):
            equal, better = Rates(), Rates()
            for seed in range(arguments.repetitions):
                repeat(works, artists, 10, seed, equal)
                repeat(works, artists, 6, seed, better)
            kinds = [equal.single, equal.plain, equal.corrected, equal.conservative]
            shares = [np.mean(kind) for kind in (*kinds, better.single, better.corrected, better.conservative)]
            shares += [coverage(equal, equal.plain_ends), coverage(equal, equal.ends)]
            world = "artists" if artists else "works alone"
            print(
                f"| n = {works}, {world} | " + " | ".join(f"{100 * share:.1f}" for share in shares) + " |", flush=True
            )


if __name__ == "__main__":
    main()
