"""Accuracy of the layers of frozen networks: logistic regression on features of the portraits, over three splits.

    python studies/frozen.py portraits/labels.csv WEIGHTS --cache FOLDER

WEIGHTS is a folder with the files that `NETWORKS` names. All layers of a network are computed in one pass and stored,
so that an interrupted study resumes. The penalty of the regression and the recommended row are chosen on validation;
test accuracy is reported beside it. Writes `studies/results/frozen.json`, which says of each work whether it is
classified correctly, and prints the tables of `studies/frozen.md`.
"""

import argparse
import json
from collections.abc import Sequence
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
CHECKED = ("validation", "test")
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


LAST_GRID = "last grid, mean"
ROWS = [
    Row(LAST_GRID, {"SqueezeNet": SQUEEZE[-1:]}, False),
    Row("last grid, mean+std", {"SqueezeNet": SQUEEZE[-1:]}, True),
    Row("pyramid, mean", of("SqueezeNet"), False),
    Row("pyramid, mean+std", of("SqueezeNet"), True),
    Row("all eight modules, mean+std", {"SqueezeNet": SQUEEZE}, True),
    Row(LAST_GRID, {"EfficientNet-Lite0": EFFICIENT[-1:]}, False),
    Row("last grid, mean+std", {"EfficientNet-Lite0": EFFICIENT[-1:]}, True),
    Row("pyramid, mean", of("EfficientNet-Lite0"), False),
    Row("pyramid, mean+std", of("EfficientNet-Lite0"), True),
    Row("all seven stages and the last grid, mean+std", {"EfficientNet-Lite0": EFFICIENT}, True),
    Row("pyramids, mean", of("SqueezeNet", "EfficientNet-Lite0"), False),
    Row("pyramids, mean+std", of("SqueezeNet", "EfficientNet-Lite0"), True),
    Row("all layers, mean+std", {"SqueezeNet": SQUEEZE, "EfficientNet-Lite0": EFFICIENT}, True),
    Row(LAST_GRID, {"VGG-16": VGG[-1:]}, False),
    Row("last grid, mean+std", {"VGG-16": VGG[-1:]}, True),
    Row("last two stages, mean+std", {"VGG-16": VGG[1:3]}, True),
    Row("pyramid, mean", of("VGG-16"), False),
    Row("pyramid, mean+std", of("VGG-16"), True),
    Row("pyramids, mean+std", of("SqueezeNet", "EfficientNet-Lite0", "VGG-16"), True),
]
BOTH = ["SqueezeNet", "EfficientNet-Lite0"]
COMPARED: list[tuple[list[str], str, list[str], str]] = [
    *(([network], "pyramid, mean+std", [network], "pyramid, mean") for network in NETWORKS),
    (BOTH, "pyramids, mean+std", BOTH, "pyramids, mean"),
    (["SqueezeNet"], "all eight modules, mean+std", ["SqueezeNet"], "pyramid, mean+std"),
    (BOTH[1:], "all seven stages and the last grid, mean+std", BOTH[1:], "pyramid, mean+std"),
    (["VGG-16"], "last two stages, mean+std", ["VGG-16"], "pyramid, mean+std"),
    (BOTH, "all layers, mean+std", ["SqueezeNet"], "all eight modules, mean+std"),
    (BOTH, "all layers, mean+std", BOTH[1:], "all seven stages and the last grid, mean+std"),
    (BOTH, "pyramids, mean+std", ["SqueezeNet"], "pyramid, mean+std"),
    ([*BOTH, "VGG-16"], "pyramids, mean+std", BOTH, "pyramids, mean+std"),
    (["VGG-16"], "last two stages, mean+std", ["SqueezeNet"], "all eight modules, mean+std"),
]
"""Rows that are compared on the same works, each with another one."""


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
    """Cross-entropy on validation, and whether each artwork of validation and test is classified correctly."""
    parts = {part: artworks.indices(part) for part in SPLITS}
    model = fit_logistic(
        {part: features[parts[part]] for part in SPLITS},
        {part: artworks.target[parts[part]] for part in ("train", "validation")},
    )
    shares = {part: predict_logistic(model, features[parts[part]], len(artworks.classes)) for part in CHECKED}
    true = shares["validation"][np.arange(len(parts["validation"])), artworks.label[parts["validation"]]]
    return {
        "loss": float(-np.log(np.clip(true, 1e-7, None)).mean()),
        **{part: shares[part].argmax(1) == artworks.label[parts[part]] for part in CHECKED},
    }


def mean_over_splits(values: Sequence[NDArray[Any]], part: str, splits: list[Artworks]) -> Estimate:
    """Mean of a value of each artwork of a part; an artwork's values in several splits count as dependent.

    So do those of an artist's works.
    """
    influence = np.zeros(len(splits[0].id))
    for value, artworks in zip(values, splits, strict=True):
        influence[artworks.indices(part)] += (value - value.mean()) / len(value) / len(splits)
    return linearised(float(np.mean([value.mean() for value in values])), influence, splits[0].unit)


def measure(row: Row, splits: list[Artworks], stored: dict[str, dict[str, NDArray[np.float32]]]) -> dict[str, Any]:
    """The results of a row."""
    features = features_of(row, stored)
    scores = [score(features, artworks) for artworks in splits]
    estimate = mean_over_splits([found["test"] for found in scores], "test", splits)
    return {
        "networks": list(row.layers),
        "features": row.name,
        "numbers": features.shape[1],
        "megabytes": features.nbytes / 1e6,
        "validation": [float(found["validation"].mean()) for found in scores],
        "validation_loss": [found["loss"] for found in scores],
        "test": [float(found["test"].mean()) for found in scores],
        "mean": estimate.value,
        "interval": estimate.interval(0, 1),
        "right": {part: [np.packbits(found[part]).tobytes().hex() for found in scores] for part in CHECKED},
    }


def right(found: dict[str, Any], part: str, splits: list[Artworks]) -> list[NDArray[np.int8]]:
    """For each split, 1 for each artwork of a part that a row classifies correctly, in their order; else 0."""
    packed = (np.frombuffer(bytes.fromhex(text), np.uint8) for text in found["right"][part])
    counts = (len(artworks.indices(part)) for artworks in splits)
    return [np.unpackbits(bits, count=count).astype(np.int8) for bits, count in zip(packed, counts, strict=True)]


def gain(found: dict[str, Any], other: dict[str, Any], part: str, splits: list[Artworks]) -> str:
    """How much more accurate a row is than another one on the same works, in points, with its 95 % interval."""
    pairs = zip(right(found, part, splits), right(other, part, splits), strict=True)
    estimate = mean_over_splits([one - two for one, two in pairs], part, splits)
    low, high = estimate.interval()
    return f"{100 * estimate.value:+.1f} ({100 * low:+.1f} to {100 * high:+.1f})"


def find(done: list[dict[str, Any]], networks: Sequence[str], features: str) -> dict[str, Any] | None:
    """The results of a row; None if it has not been measured."""
    rows = (found for found in done if found["networks"] == list(networks) and found["features"] == features)
    return next(rows, None)


def table_row(found: dict[str, Any], base: dict[str, Any], splits: list[Artworks]) -> str:
    """A row of the table in Markdown.

    Args:
        found: results of the row.
        base: results of the last grid's mean.
        splits: the portraits.
    """
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
        "" if found is base else gain(found, base, "test", splits),
    ]
    return f"| {' | '.join(cells)} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
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
        if not set(row.layers) <= set(stored):
            continue
        if find(done, list(row.layers), row.name) is None:
            done.append(measure(row, splits, stored))
            RESULTS.write_text(json.dumps(done, indent=2) + "\n")
        found, base = find(done, list(row.layers), row.name), find(done, list(row.layers)[:1], LAST_GRID)
        assert found is not None and base is not None  # the first row of each network
        print(table_row(found, base, splits), flush=True)
    for networks, features, others, other in COMPARED:
        one, two = find(done, networks, features), find(done, others, other)
        if one and two:
            names = [f"{' + '.join(row['networks'])}: {row['features']}" for row in (one, two)]
            gains = [gain(one, two, part, splits) for part in CHECKED]
            print(f"| {' | '.join([*names, *gains])} |")


if __name__ == "__main__":
    main()
