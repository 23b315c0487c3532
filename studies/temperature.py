"""How much the temperature of a calibrated model costs if it is fitted on few artworks, by simulation.

    python studies/temperature.py                  # a table of docs/statistics.md; --repeats 100

A model of four classes has logits z, and the truth is softmax(z / T). Worlds differ in the logits' standard deviation
(0.3: hardly above chance, to 2) and in T (0.5 to 2.5). The cost is the divergence of the calibrated probabilities from
the true ones, on other artworks of the same world.
"""

import argparse
from collections.abc import Callable
from itertools import product

import numpy as np
from differences import line
from numpy.typing import NDArray
from scipy.special import rel_entr, softmax

from emotionart.statistics.calibration.temperature import apply_temperature, fit_temperature

CLASSES, OTHERS = 4, 1000  # classes, and artworks that the cost is measured on
WIDTHS, TRUTHS = (0.3, 1.0, 2.0), (0.5, 0.7, 1.0, 1.5, 2.5)

Array = NDArray[np.float64]


def smoothed(target: Array) -> Array:
    """Targets with one artwork added to each class, as in Platt (1999)."""
    return (len(target) * target + 1) / (len(target) + target.shape[1])


METHODS: dict[str, Callable[[Array, Array], float]] = {
    "not calibrated": lambda probabilities, target: 1.0,
    "maximum likelihood": lambda probabilities, target: fit_temperature(probabilities, target, np.inf),
    "smoothed targets (Platt)": lambda probabilities, target: fit_temperature(probabilities, smoothed(target), np.inf),
    "prior 0.25": lambda probabilities, target: fit_temperature(probabilities, target, 0.25),
    "prior 0.5 (used)": lambda probabilities, target: fit_temperature(probabilities, target, 0.5),
    "prior 1": lambda probabilities, target: fit_temperature(probabilities, target, 1.0),
}


def draw(generator: np.random.Generator, count: int, width: float, truth: float) -> tuple[Array, Array, Array]:
    """Predicted and true probabilities (count, K), and one-hot classes drawn from the true ones."""
    logits = generator.normal(0, width, (count, CLASSES))
    shares = softmax(logits / truth, axis=1)
    label = (shares.cumsum(axis=1) > generator.random((count, 1))).argmax(axis=1)
    return softmax(logits, axis=1), shares, np.eye(CLASSES)[label]


def costs(count: int, repeats: int) -> dict[str, float]:
    """Mean divergence over all worlds of each method, in thousandths of a nat."""
    generator = np.random.default_rng(0)
    found: dict[str, list[float]] = {name: [] for name in METHODS}
    for width, truth in product(WIDTHS, TRUTHS):
        others, shares, _ = draw(generator, OTHERS, width, truth)
        for _ in range(repeats):
            probabilities, _, target = draw(generator, count, width, truth)
            for name, fit in METHODS.items():
                calibrated = apply_temperature(others, fit(probabilities, target))
                found[name].append(1000 * float(rel_entr(shares, calibrated).sum(axis=1).mean()))
    return {name: float(np.mean(values)) for name, values in found.items()}


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=100)
    repeats = parser.parse_args().repeats
    line("validation artworks", list(METHODS))
    line("---", ["---:"] * len(METHODS))
    for count in (20, 60, 125, 500, 2000):
        line(str(count), [f"{cost:.1f}" for cost in costs(count, repeats).values()])


if __name__ == "__main__":
    main()
