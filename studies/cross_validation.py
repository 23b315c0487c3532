"""Coverage of the pooled interval of a cross-validated row, and error rates of its test, by simulation.

    python studies/cross_validation.py             # the table of studies/cross_validation.md; --repeats 400

Works of four classes are drawn anew each time, each with two sets of features. A row is ridge regression on one set,
cross-validated in five folds of whole artists, twice. The true value is the mean accuracy on other works of such a
model, trained on 80 % of as many works. The two rows are equally good (type I error) or differ (power).
Writes `studies/results/cross_validation.json`.
"""

import argparse
import json
from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from emotionart.statistics.cross_validation import corrected_resampled, fold_differences, pooled_factor
from emotionart.statistics.crossed import accuracy_difference, mean_accuracy
from emotionart.statistics.estimate import LEVEL
from emotionart.statistics.significance import difference_p, permutation_p

RESULTS = Path(__file__).parent / "results" / "cross_validation.json"
CLASSES, FOLDS, REPEATS, PENALTY = 4, 5, 2, 10.0
SIGNAL, STRONGER = 1.4, 1.6  # length of each class mean's vector; for the better row
ARTIST = 0.4  # standard deviation of the artists' effect on each feature
WORKS_OF_ARTIST = 5
FRESH = 4_000  # works to measure the true accuracy on

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class World:
    """The distribution of works: class means of the two sets of features, and whether there are artists."""

    means: Floats
    artists: bool

    def draw(self, works: int, generator: np.random.Generator) -> tuple[Floats, NDArray[np.int64], NDArray[np.intp]]:
        """Draws features (2, n, d), classes (n,), and the number of each work's artist (n,)."""
        label = generator.integers(CLASSES, size=works)
        count = self.means.shape[2]
        features = self.means[:, label] + generator.normal(size=(2, works, count))
        if not self.artists:
            return features, label, np.arange(works)
        size = generator.lognormal(sigma=0.75, size=max(works // WORKS_OF_ARTIST, 2))
        artist = generator.choice(len(size), works, p=size / size.sum())
        features += ARTIST * generator.normal(size=(2, len(size), count))[:, artist]
        return features, label, np.unique(artist, return_inverse=True)[1].astype(np.intp)


def fit(features: Floats, label: NDArray[np.int64]) -> Callable[[Floats], NDArray[np.int64]]:
    """Fits ridge regression of the classes and returns its prediction function."""
    centre, target = features.mean(axis=0), np.eye(CLASSES)[label]
    centred = features - centre
    weights = np.linalg.solve(
        centred.T @ centred + PENALTY * np.eye(features.shape[1]), centred.T @ (target - target.mean(0))
    )
    return lambda new: np.asarray(((new - centre) @ weights + target.mean(0)).argmax(axis=1))


def folds(artist: NDArray[np.intp], generator: np.random.Generator) -> NDArray[np.intp]:
    """The fold of each work (n,): artists in random order, divided into folds of about equal numbers of works."""
    order = generator.permutation(artist.max() + 1)
    size = np.bincount(artist)
    passed = np.empty(len(size))
    passed[order] = np.cumsum(size[order]) - size[order] / 2
    return np.asarray((passed * FOLDS / len(artist)).astype(np.intp)[artist])


def simulate(world: World, works: int, repeats: int, generator: np.random.Generator) -> dict[str, float]:
    """Coverage of intervals, rejection rates of tests, and the ratio of variances."""
    truth, means, pooled = [], [], []
    intervals: dict[str, list[tuple[float, float]]] = {"as it is": [], "corrected": []}
    rejected: dict[str, list[bool]] = {name: [] for name in ("one split", "uncorrected", "corrected", "conservative")}
    for _ in range(repeats):
        features, label, artist = world.draw(works, generator)
        fresh, fresh_label, _ = world.draw(FRESH, generator)
        fold = np.stack([folds(artist, generator) for _ in range(REPEATS)])
        hits = np.zeros((2, REPEATS, works), dtype=bool)
        accuracy = np.zeros((2, REPEATS, FOLDS))
        for row, repeat, number in product(range(2), range(REPEATS), range(FOLDS)):
            tested = fold[repeat] == number
            predict = fit(features[row][~tested], label[~tested])
            hits[row, repeat, tested] = predict(features[row][tested]) == label[tested]
            accuracy[row, repeat, number] = (predict(fresh[row]) == fresh_label).mean()
        truth.append(accuracy.mean(axis=(1, 2)))
        means.append(hits[0].mean())
        factor = pooled_factor(works)
        pooled.append(mean_accuracy(hits[0], artist).variance)
        for name, used in (("as it is", 1.0), ("corrected", factor)):
            intervals[name].append(mean_accuracy(hits[0], artist, factor=used).interval(0, 1))
        rejected["uncorrected"].append(accuracy_difference(*hits, artist).p_value() < LEVEL)
        rejected["corrected"].append(difference_p(*hits, artist, factor=factor) < LEVEL)
        numbered = fold + FOLDS * np.arange(REPEATS)[:, None]
        conservative = corrected_resampled(fold_differences(*hits, (numbered, numbered)), FOLDS)
        rejected["conservative"].append(conservative.p_value() < LEVEL)
        one = fold[0] == 0  # a fifth of the works, as the test part of a single split
        rejected["one split"].append(permutation_p(hits[0, 0, one], hits[1, 0, one], artist[one]) < LEVEL)
    known = np.mean(truth, axis=0)
    covered = {name: np.mean([low <= known[0] <= high for low, high in found]) for name, found in intervals.items()}
    return {
        "accuracy": float(known[0]),
        "difference": float(known[1] - known[0]),
        "variance": float(np.var(means, ddof=1) / np.mean(pooled)),
        **{f"covered, {name}": float(share) for name, share in covered.items()},
        **{f"rejected, {name}": float(np.mean(found)) for name, found in rejected.items()},
    }


def main() -> None:
    """Simulates each design and prints one line of the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=400)
    parser.add_argument("--features", type=int, nargs="+", default=[20, 200])
    parser.add_argument("--works", type=int, nargs="+", default=[125, 250, 500, 2_000])
    arguments = parser.parse_args()
    generator, found = np.random.default_rng(0), []
    designs = product(arguments.features, arguments.works, (False, True), (False, True))
    for features, works, artists, better in designs:
        directions = generator.normal(size=(2, CLASSES, features))
        directions /= np.sqrt((directions**2).sum(axis=2, keepdims=True).mean(axis=1, keepdims=True))
        # The same geometry in both sets of features makes the rows equally good.
        directions[1] = directions[0] @ np.linalg.qr(generator.normal(size=(features, features)))[0]
        signal = np.array([SIGNAL, STRONGER if better else SIGNAL])[:, None, None]
        told = simulate(World(signal * directions, artists), works, arguments.repeats, generator)
        found.append({"features": features, "works": works, "artists": artists, **told})
        print(
            "  ".join(
                f"{key} {value if isinstance(value, int) else f'{value:.3f}'}" for key, value in found[-1].items()
            )
        )
    RESULTS.write_text(json.dumps({"repeats": arguments.repeats, "found": found}, indent=1) + "\n")


if __name__ == "__main__":
    main()
