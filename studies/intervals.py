"""Coverage of intervals, and error rates of the calibration test, by simulation with a known truth.

    python studies/intervals.py                    # two tables of docs/statistics.md; --repeats 2000

Artists, their works and the predictions of a model are drawn anew each time. "Before" is the percentile
bootstrap over artists.
"""

import argparse

import numpy as np
from differences import line
from numpy.typing import NDArray

from emotionart.statistics.calibration.error import calibrated_error, calibration_error, calibration_p
from emotionart.statistics.metrics import estimates

METRICS = ("acc", "balanced_acc", "f1_macro", "nll")
MEANS = [0, 3]
CLASSES = np.log([0.4, 0.3, 0.2, 0.1])  # very unequal class frequencies
RESAMPLES = 500

Drawn = tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.intp]]


def draw(generator: np.random.Generator, artists: int, works: int, even: bool) -> Drawn:
    """Draws probabilities (n, K), labels (n,) and artists (n,); an artist's works are similar in class and looks."""
    size = np.ones(artists) if even else generator.lognormal(sigma=0.8, size=artists)
    artist = np.repeat(np.arange(artists), np.maximum(1, np.round(works * size / size.sum())).astype(int))
    shape, of_artist = (len(artist), len(CLASSES)), (2, artists, len(CLASSES))
    habit, look = generator.normal(0, 0.5, of_artist)
    labels = (CLASSES + habit[artist] + generator.gumbel(size=shape)).argmax(axis=1)
    logits = CLASSES + 1.5 * np.eye(len(CLASSES))[labels] + look[artist] + 0.9 * generator.gumbel(size=shape)
    shares = np.exp(logits)
    return shares / shares.sum(axis=1, keepdims=True), labels, artist


def values(drawn: Drawn) -> NDArray[np.float64]:
    """The value of each of `METRICS`."""
    found = estimates(drawn[0], drawn[1], None, drawn[2])
    return np.array([found[name].value for name in METRICS])


def percentiles(
    generator: np.random.Generator, terms: NDArray[np.float64], group: NDArray[np.intp]
) -> NDArray[np.float64]:
    """Bounds (2, columns) of the percentile bootstrap's intervals for the means of terms (n, columns)."""
    groups = int(group.max()) + 1
    sums = np.stack([np.bincount(group, column, groups) for column in (*terms.T, np.ones(len(group)))], axis=1)
    drawn = generator.multinomial(groups, np.full(groups, 1 / groups), RESAMPLES) @ sums
    return np.quantile(drawn[:, :-1] / drawn[:, -1:], [0.025, 0.975], axis=0)


def coverage(artists: int, works: int, even: bool, truth: NDArray[np.float64], repeats: int) -> list[str]:
    """Coverage of the intervals in %: before → after for means, after for other metrics."""
    generator = np.random.default_rng(0)
    old, new = [], []
    for _ in range(repeats):
        probabilities, labels, artist = draw(generator, artists, works, even)
        found = estimates(probabilities, labels, None, artist)
        low, high = np.array([found[name].interval(0, np.inf if name == "nll" else 1) for name in METRICS]).T
        new.append((low <= truth) & (truth <= high))
        right = probabilities.argmax(axis=1) == labels
        terms = np.stack([right, -np.log(probabilities[np.arange(len(labels)), labels])], axis=1)
        low, high = percentiles(generator, terms, artist)
        old.append((low <= truth[MEANS]) & (truth[MEANS] <= high))
    cells = [f"{100 * share:.1f}" for share in np.mean(new, axis=0)]
    for place, share in zip(MEANS, np.mean(old, axis=0), strict=True):
        cells[place] = f"{100 * share:.1f} → {cells[place]}"
    return cells


def calibration(artworks: int, artists: bool, repeats: int) -> list[str]:
    """Measured and expected error of calibrated models; rejection rates of these and overconfident ones, in %."""
    generator = np.random.default_rng(0)
    group = np.arange(artworks) // (5 if artists else 1)
    measured, expected, wrong, right = [], [], 0, 0
    for _ in range(repeats):
        confidence = generator.uniform(0.3, 0.98, artworks)
        # A third of the works share their artist's outcome (right or wrong), each with its own confidence.
        of_artist, of_work, mixed = generator.random((3, artworks))
        level = np.where(mixed < 1 / 3, of_artist[group], of_work)
        outcome = (level < confidence).astype(float)
        sharp = 1 / (1 + (1 / confidence - 1) ** (1 / 0.6))
        measured.append(calibration_error(confidence, outcome))
        wrong += calibration_p(confidence, outcome, group) < 0.05
        right += calibration_p(sharp, outcome, group) < 0.05
        if len(expected) < 20:
            expected.append(calibrated_error(confidence, np.ones(artworks, np.int64), seed=0))
    return [
        f"{np.mean(measured):.3f}",
        f"{np.mean(expected):.3f}",
        f"{100 * wrong / repeats:.1f}",
        f"{100 * right / repeats:.0f}",
    ]


def main() -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=2000)
    repeats = parser.parse_args().repeats
    truth = values(draw(np.random.default_rng(1), 20_000, 400_000, even=True))

    print("\nCoverage of 95 % intervals in %, before → after\n")
    line("", list(METRICS))
    line("---", ["---:"] * len(METRICS))
    for groups, works in ((6, 120), (10, 120), (21, 168), (60, 300)):
        for even in (True, False):
            name = f"{groups} artists, {works} works, sizes {'even' if even else 'log-normal'}"
            line(name, coverage(groups, works, even, truth, repeats))

    print("\nCalibrated models, and those of temperature 0.6\n")
    line("", ["error", "expected", "called uncalibrated, %", "temperature 0.6 found, %"])
    line("---", ["---:"] * 4)
    for artworks in (125, 500, 2000):
        for artists in (False, True):
            name = f"n = {artworks}, {'artists' if artists else 'works alone'}"
            line(name, calibration(artworks, artists, repeats))


if __name__ == "__main__":
    main()
