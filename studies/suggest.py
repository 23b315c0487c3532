"""Is it worth asking for the labels that `emotionart suggest` names? A simulation on portraits whose labels are known.

    python studies/suggest.py portraits/labels.csv WEIGHTS --cache FOLDER

WEIGHTS is a folder with SqueezeNet's file of `frozen.py`. From 125 random works of the training part, labels are added
125 at a time: at random, the most uncertain works, or those that `suggest` chooses. A fifth of the labelled works
chooses the penalty of logistic regression on the last grid. Twenty draws of the first works, all tested on one test
part. Writes `studies/results/suggest.json`, and prints the table of `studies/suggest.md`.
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from frozen import SQUEEZE, layer_features, load_artworks
from numpy.typing import NDArray
from scipy import stats

from emotionart.data.artworks import Artworks
from emotionart.progress import progress_bar
from emotionart.statistics.baseline import fit_logistic, predict_logistic
from emotionart.works.suggest import suggest_labels

RESULTS = Path(__file__).parent / "results" / "suggest.json"
STEP, MOST, DRAWS = 125, 1_000, 20
STRATEGIES = ("random", "uncertain", "suggest")


def learn(strategy: str, draw: int, features: NDArray[np.float32], artworks: Artworks) -> list[float]:
    """Test accuracy with 125, 250, … labels that a strategy chooses."""
    generator = np.random.default_rng(draw)
    pool, test = generator.permutation(artworks.indices("train")), artworks.indices("test")
    chosen, accuracy = pool[:STEP], []
    while True:
        held = np.random.default_rng(draw).random(len(chosen)) < 0.2
        parts = {"train": chosen[~held], "validation": chosen[held]}
        model = fit_logistic(
            {part: features[rows] for part, rows in parts.items()},
            {part: artworks.target[rows] for part, rows in parts.items()},
        )
        right = predict_logistic(model, features[test], len(artworks.classes)).argmax(1) == artworks.label[test]
        accuracy.append(float(right.mean()))
        if len(chosen) >= MOST:
            return accuracy
        rest = pool[~np.isin(pool, chosen)]
        if strategy == "random":
            more = rest[:STEP]
        else:
            vectors = model[0].transform(features[rest])
            vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
            known = vectors if strategy == "suggest" else vectors[:, :0]
            probabilities = predict_logistic(model, features[rest], len(artworks.classes))
            more = rest[suggest_labels(known, probabilities, STEP).row]
        chosen = np.concatenate([chosen, more])


def interval(values: Sequence[float]) -> str:
    """Mean and 95 % interval over draws (Student), in points."""
    mean, error = np.mean(values), stats.sem(values)
    half = float(stats.t.ppf(0.975, len(values) - 1) * error)
    return f"{100 * mean:+.1f} ({100 * (mean - half):+.1f} to {100 * (mean + half):+.1f})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("table", type=Path)
    parser.add_argument("weights", type=Path)
    parser.add_argument("--cache", type=Path, default=Path("outputs/cache"))
    arguments = parser.parse_args()
    artworks = load_artworks(arguments.table, arguments.cache, 0)
    layers = layer_features(artworks, "SqueezeNet", arguments.weights, arguments.cache)
    grid = layers[SQUEEZE[-1]]
    features = grid[:, : grid.shape[1] // 2]
    jobs = [(strategy, draw) for draw in range(DRAWS) for strategy in STRATEGIES]
    found: dict[str, list[list[float]]] = {strategy: [] for strategy in STRATEGIES}
    for strategy, draw in progress_bar(jobs, "labels chosen", len(jobs)):
        found[strategy].append(learn(strategy, draw, features, artworks))
    RESULTS.write_text(json.dumps(found, indent=2) + "\n")
    print("| labels | random | uncertain | suggest | uncertain - random | suggest - random |")
    print("|---:|---:|---:|---:|---:|---:|")
    for index, labels in enumerate(range(STEP, MOST + 1, STEP)):
        values = {strategy: [draw[index] for draw in draws] for strategy, draws in found.items()}
        means = " | ".join(f"{100 * np.mean(values[strategy]):.1f}" for strategy in STRATEGIES)
        gains = (np.subtract(values[strategy], values["random"]) for strategy in STRATEGIES[1:])
        print(f"| {labels} | {means} | {' | '.join(interval(gain) for gain in gains)} |")


if __name__ == "__main__":
    main()
