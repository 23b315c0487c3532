"""Accuracy of the layers of frozen networks: logistic regression on features of the portraits, over three splits.

    python studies/frozen.py portraits/labels.csv WEIGHTS --cache FOLDER

WEIGHTS is a folder with the files that `NETWORKS` names. All layers of a network are computed in one pass and stored,
so that an interrupted study resumes. The penalty of the regression and the recommended row are chosen on validation;
test accuracy is reported beside it. Writes `studies/results/frozen.json` and prints the table of `studies/frozen.md`.
"""

import argparse
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emotionart.classifier.evaluation.baselines import read_features
from emotionart.config.compose import compose
from emotionart.data.artworks import SPLITS, Artworks
from emotionart.inputs.backbone import BackboneRepresentation
from emotionart.run.data import build_artworks
from emotionart.statistics.baseline import fit_logistic, predict_logistic
from emotionart.statistics.estimate import Estimate, linearised

RESULTS = Path(__file__).parent / "results" / "frozen.json"
SPLIT_SEEDS = (0, 1, 2)
SIZE = 224
CENTRED = {"mean": [123.0, 117.0, 104.0], "std": [1.0, 1.0, 1.0], "scale": 1.0}
NETWORKS: dict[str, dict[str, Any]] = {
    "SqueezeNet": {
        "name": "squeezenet1_0", "source": "torchvision", "weights": "squeezenet1_0_imagenet.safetensors", **CENTRED,
        "layer": [f"features.{place}" for place in (3, 4, 5, 7, 8, 9, 10, 12)],
    },
    "EfficientNet-Lite0": {
        "name": "tf_efficientnet_lite0", "source": "timm", "weights": "tf_efficientnet_lite0_imagenet.safetensors",
        "mean": [0.5] * 3, "std": [0.5] * 3, "scale": 255.0,
        "layer": [*(f"blocks.{place}" for place in range(7)), "bn2"],
    },
    "VGG-16": {
        "name": "vgg16", "source": "torchvision", "weights": "vgg16_features_imagenet.safetensors",
        "mean": [123.68, 116.779, 103.939], "std": [1.0, 1.0, 1.0], "scale": 1.0,
        "layer": ["features.15", "features.22", "features.29", "features.30"],
    },
}  # fmt: skip


@dataclass(frozen=True)
class Row:
    """A row of the table: layers of one or more networks, with or without the standard deviations of their features."""

    name: str
    layers: dict[str, list[str]]
    deviations: bool


SQUEEZE, EFFICIENT, VGG = (network["layer"] for network in NETWORKS.values())
PYRAMIDS = {
    "SqueezeNet": ["features.5", "features.10", "features.12"],
    "EfficientNet-Lite0": ["blocks.1", "blocks.2", "blocks.4", "blocks.6"],
    "VGG-16": ["features.15", "features.22", "features.29", "features.30"],
}


def of(*networks: str) -> dict[str, list[str]]:
    """The layers of the pyramids of some networks."""
    return {network: PYRAMIDS[network] for network in networks}


ROWS = [
    Row("last grid, mean", {"SqueezeNet": SQUEEZE[-1:]}, False),
    Row("last grid, mean+std", {"SqueezeNet": SQUEEZE[-1:]}, True),
    Row("pyramid, mean", of("SqueezeNet"), False),
    Row("pyramid, mean+std", of("SqueezeNet"), True),
    Row("all eight modules, mean+std", {"SqueezeNet": SQUEEZE}, True),
    Row("last grid, mean", {"EfficientNet-Lite0": EFFICIENT[-1:]}, False),
    Row("last grid, mean+std", {"EfficientNet-Lite0": EFFICIENT[-1:]}, True),
    Row("pyramid, mean", of("EfficientNet-Lite0"), False),
    Row("pyramid, mean+std", of("EfficientNet-Lite0"), True),
    Row("all seven stages and the last grid, mean+std", {"EfficientNet-Lite0": EFFICIENT}, True),
    Row("pyramids, mean+std", of("SqueezeNet", "EfficientNet-Lite0"), True),
    Row("all layers, mean+std", {"SqueezeNet": SQUEEZE, "EfficientNet-Lite0": EFFICIENT}, True),
    Row("last grid, mean", {"VGG-16": VGG[-1:]}, False),
    Row("last grid, mean+std", {"VGG-16": VGG[-1:]}, True),
    Row("last two stages, mean+std", {"VGG-16": VGG[1:3]}, True),
    Row("pyramid, mean+std", of("VGG-16"), True),
    Row("pyramids, mean+std", of("SqueezeNet", "EfficientNet-Lite0", "VGG-16"), True),
]


def load_artworks(table: Path, cache: Path, split_seed: int) -> Artworks:
    """The portraits in four centuries, split by artist."""
    asked = ["experiment=portraits", f"data.path={table}", f"data.split_seed={split_seed}", f"cache={cache}"]
    return build_artworks(compose(asked).config, SIZE)


def layer_features(artworks: Artworks, network: str, weights: Path, cache: Path) -> dict[str, NDArray[np.float32]]:
    """Means and standard deviations (n, 2 C) of each layer with C channels, in the order of the artworks."""
    settings = {**NETWORKS[network], "weights": str(weights / NETWORKS[network]["weights"])}
    representation = BackboneRepresentation(
        **settings, pool="mean+std", size=SIZE, precision="float32", freeze="all", fit="squash"
    )
    with representation.prepare(artworks, ["identity"], None, cache) as inputs:
        parts = read_features(artworks, inputs.evaluation)
    features = np.empty((len(artworks.id), *representation.shape), dtype=np.float32)
    for part in SPLITS:
        features[artworks.indices(part)] = parts[part]
    widths = [shape[0] for shape in representation.network.output_shapes(SIZE)]
    return dict(zip(representation.layers, np.split(features, np.cumsum(widths)[:-1], axis=1), strict=True))


def features_of(row: Row, stored: dict[str, dict[str, NDArray[np.float32]]]) -> NDArray[np.float32]:
    """The features (n, D) of a row: the means of each layer, and its standard deviations if the row has them."""
    layers = [stored[network][layer] for network, names in row.layers.items() for layer in names]
    return np.concatenate([layer if row.deviations else layer[:, : layer.shape[1] // 2] for layer in layers], axis=1)


def score(features: NDArray[np.float32], artworks: Artworks) -> dict[str, Any]:
    """Accuracy and cross-entropy on validation, and whether each test artwork is classified correctly."""
    parts = {part: artworks.indices(part) for part in SPLITS}
    model = fit_logistic(
        {part: features[parts[part]] for part in SPLITS},
        {part: artworks.target[parts[part]] for part in ("train", "validation")},
    )
    shares = {part: predict_logistic(model, features[parts[part]], len(artworks.classes)) for part in parts}
    right = {part: shares[part].argmax(1) == artworks.label[parts[part]] for part in parts}
    true = shares["validation"][np.arange(len(parts["validation"])), artworks.label[parts["validation"]]]
    return {
        "validation": float(right["validation"].mean()),
        "loss": float(-np.log(np.clip(true, 1e-7, None)).mean()),
        "test": right["test"],
    }


def mean_over_splits(right: list[NDArray[np.bool_]], splits: list[Artworks]) -> Estimate:
    """Mean test accuracy; repeated tests of an artwork, and an artist's works, count as dependent."""
    influence = np.zeros(len(splits[0].id))
    for correct, artworks in zip(right, splits, strict=True):
        influence[artworks.indices("test")] += (correct - correct.mean()) / len(correct) / len(splits)
    return linearised(float(np.mean([correct.mean() for correct in right])), influence, splits[0].unit)


def measure(row: Row, splits: list[Artworks], stored: dict[str, dict[str, NDArray[np.float32]]]) -> dict[str, Any]:
    """The results of a row."""
    features = features_of(row, stored)
    scores = [score(features, artworks) for artworks in splits]
    estimate = mean_over_splits([found["test"] for found in scores], splits)
    return {
        "networks": list(row.layers),
        "features": row.name,
        "numbers": features.shape[1],
        "megabytes": features.nbytes / 1e6,
        "validation": [found["validation"] for found in scores],
        "validation_loss": [found["loss"] for found in scores],
        "test": [float(found["test"].mean()) for found in scores],
        "mean": estimate.value,
        "interval": estimate.interval(0, 1),
    }


def table_row(found: dict[str, Any]) -> str:
    """A row of the table in Markdown."""
    low, high = found["interval"]
    cells = [
        " + ".join(found["networks"]),
        found["features"],
        f"{found['numbers']:,}",
        f"{found['megabytes']:.0f}",
        str(len(found["networks"])),
        f"{np.mean(found['validation_loss']):.3f}",
        f"{100 * np.mean(found['validation']):.1f}",
        " / ".join(f"{100 * accuracy:.1f}" for accuracy in found["test"]),
        f"{100 * found['mean']:.1f}",
        f"{100 * low:.1f} to {100 * high:.1f}",
    ]
    return f"| {' | '.join(cells)} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("table", type=Path)
    parser.add_argument("weights", type=Path)
    parser.add_argument("--cache", type=Path, default=Path("outputs/cache"))
    parser.add_argument("--networks", nargs="+", choices=NETWORKS, default=list(NETWORKS))
    arguments = parser.parse_args()
    splits = [load_artworks(arguments.table, arguments.cache, seed) for seed in SPLIT_SEEDS]
    stored = {
        network: layer_features(splits[0], network, arguments.weights, arguments.cache)
        for network in arguments.networks
    }
    done = json.loads(RESULTS.read_text()) if RESULTS.exists() else []
    for row in ROWS:
        known = any(found["networks"] == list(row.layers) and found["features"] == row.name for found in done)
        if not known and set(row.layers) <= set(stored):
            done.append(measure(row, splits, stored))
            RESULTS.write_text(json.dumps(done, indent=2) + "\n")
            print(table_row(done[-1]), flush=True)


if __name__ == "__main__":
    main()
