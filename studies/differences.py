"""Type I error and power of the comparison of two rows, by simulation with a known truth.

    python studies/differences.py                  # the tables of docs/statistics.md; --repeats 2000

Two models are trained with S and T seeds and tested on the same n artworks. Artworks, artists and seeds are drawn anew
each time: "different" should mean that other artworks and other seeds would give the same order. "Before" is another
test: the larger of two p-values, of a permutation test over artworks (or artists) and of Welch's test over seeds.
"""

import argparse
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from emotionart.statistics.crossed import Hits, accuracy_difference, pooled, seed_variance

ACCURACY = 0.6
COMMON, OWN, NOISE = 1.0, 0.4, 0.6  # variances of an artwork's difficulty: for all models, for one model, for one run
ARTIST = 0.25  # share of the first two that is common to all works of an artist
WORKS_OF_ARTIST = 5


@dataclass(frozen=True)
class Design:
    """The design of a simulated comparison of two rows.

    Attributes:
        artworks: number of test artworks.
        artists: whether they are grouped by artists, with unequal numbers of works.
        deviation: standard deviation of accuracy over seeds that does not come from the choice of artworks.
        seeds: numbers of seeds of the two rows.
        difference: difference of their expected accuracies.
        baseline: whether the second row does not depend on seeds.
    """

    artworks: int
    artists: bool
    deviation: float
    seeds: tuple[int, int]
    difference: float = 0.0
    baseline: bool = False

    def draw(self, generator: np.random.Generator) -> tuple[Hits, Hits, NDArray[np.intp]]:
        """Draws hits (S, n) and (T, n), and the number of each artwork's group (n,)."""
        artist, shared = np.arange(self.artworks), 0.0
        if self.artists:
            size, shared = generator.lognormal(sigma=0.75, size=self.artworks // WORKS_OF_ARTIST), ARTIST
            artist = np.unique(generator.choice(len(size), self.artworks, p=size / size.sum()), return_inverse=True)[1]

        def hardness(variance: float) -> NDArray[np.float64]:
            of_artist, of_work = generator.normal(size=(2, self.artworks))
            return np.sqrt(variance) * (np.sqrt(shared) * of_artist[artist] + np.sqrt(1 - shared) * of_work)

        common, rows = hardness(COMMON), []
        for seeds, wanted, fixed in zip(
            self.seeds, (ACCURACY + self.difference, ACCURACY), (False, self.baseline), strict=True
        ):
            quantile, spread = stats.norm.ppf(wanted), np.sqrt(COMMON + OWN + NOISE)
            over_seeds = 0.0 if fixed else self.deviation * spread / stats.norm.pdf(quantile)
            ease = quantile * np.hypot(spread, over_seeds) + generator.normal(0, over_seeds, (seeds, 1))
            noise = generator.normal(0, np.sqrt(NOISE), (seeds, self.artworks))
            rows.append(ease > common + hardness(OWN) + noise)
        return rows[0], rows[1], artist


def before(a: Hits, b: Hits, group: NDArray[np.intp], fixed: bool) -> float:
    """The larger of two p-values, over artworks (permutation test, by its normal limit) and over seeds."""
    by_group = np.bincount(group, a.mean(axis=0) - b.mean(axis=0))
    over_artworks = 2 * stats.norm.sf(abs(by_group.sum()) / np.sqrt((by_group**2).sum() or 1))
    if min(len(a), len(b)) > 1:
        rows = [(row.mean(), row.mean(axis=1).std(ddof=1), len(row)) for row in (a, b)]
        over_seeds = stats.ttest_ind_from_stats(*rows[0], *rows[1], equal_var=False).pvalue
        return float(np.fmax(over_artworks, over_seeds))
    accuracy = a.mean(axis=1)
    scatter = accuracy.std(ddof=1) * np.sqrt((not fixed) + 1 / len(accuracy)) if len(a) > 1 else 0
    return max(over_artworks, 2 * stats.t.sf(abs(accuracy.mean() - b.mean()) / scatter, len(a) - 1) if scatter else 0)


def after(a: Hits, b: Hits, group: NDArray[np.intp], fixed: bool) -> float:
    """The p-value with the variances over artworks and over seeds."""
    return accuracy_difference(a, b, group, fixed=fixed).p_value()


def found(design: Design, repeats: int) -> tuple[float, float]:
    """The rejection rates at the 5 % level, before and after."""
    generator = np.random.default_rng(0)
    p_values = []
    for _ in range(repeats):
        a, b, group = design.draw(generator)
        p_values.append([test(a, b, group, design.baseline) for test in (before, after)])
    old, new = (np.array(p_values) < 0.05).mean(axis=0)
    return float(old), float(new)


def detectable(design: Design, rows: int, repeats: int) -> str:
    """The difference that is detected with a power of 80 %, as a table of `rows` rows reports it: median, 5 to 95 %."""
    generator = np.random.default_rng(0)
    told = []
    for _ in range(repeats):
        a, b, group = design.draw(generator)
        drawn = [(a, b, group), *(design.draw(generator) for _ in range(rows // 2 - 1))]
        seeds = pooled(seed_variance(hits, own) for *pair, own in drawn for hits in pair)
        told.append(100 * accuracy_difference(a, b, group, seeds=seeds).detectable())
    return "{1:.1f} ({0:.1f} to {2:.1f})".format(*np.quantile(told, [0.05, 0.5, 0.95]))


def line(name: str, cells: list[str]) -> None:
    """A row of a Markdown table."""
    print("| " + " | ".join([name, *cells]) + " |", flush=True)


def main() -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=2000)
    repeats = parser.parse_args().repeats
    worlds = [
        (
            f"n = {artworks}, {'artists' if artists else 'works alone'}, {100 * sd:g} points",
            Design(artworks, artists, sd, (2, 2)),
        )
        for artworks in (125, 500)
        for artists in (False, True)
        for sd in (0.006, 0.02)
    ]

    print("\nType I error in %, before → after, by seeds of the two rows\n")
    seeds = [(2, 2), (3, 3), (5, 5), (10, 10), (2, 5), (5, 1), (1, 1)]
    line("", [f"{a} and {b}" for a, b in seeds] + ["2 and a baseline", "5 and a baseline"])
    line("---", ["---:"] * (len(seeds) + 2))
    for name, world in worlds:
        designs = [replace(world, seeds=pair) for pair in seeds]
        designs += [replace(world, seeds=(count, 1), baseline=True) for count in (2, 5)]
        line(name, ["{:.1f} → {:.1f}".format(*(100 * share for share in found(one, repeats))) for one in designs])

    print("\nPower in %, before → after; the detectable difference in points, as tables of 2 and 8 rows tell it\n")
    told = [(2, 2), (2, 8), (5, 8)]
    heads = [f"{points} points, {count} seeds" for count in (2, 5) for points in (5, 10)]
    line("", heads + [f"{count} seeds, {rows} rows" for count, rows in told])
    line("---", ["---:"] * (len(heads) + len(told)))
    for name, world in worlds:
        designs = [
            replace(world, seeds=(count, count), difference=difference)
            for count in (2, 5)
            for difference in (0.05, 0.1)
        ]
        cells = ["{:.0f} → {:.0f}".format(*(100 * share for share in found(one, repeats))) for one in designs]
        cells += [detectable(replace(world, seeds=(count, count)), rows, repeats // 4) for count, rows in told]
        line(name, cells)


if __name__ == "__main__":
    main()
