"""The effect of leaks: the same pictures, split after augmentation, by artwork, and by artist.

    python studies/leak.py labels.csv --group artist --labels periods --weights squeezenet1_0.safetensors

500 works in four views; accuracy of logistic regression and nearest neighbour on mean-pooled SqueezeNet features, on
25 % of the data, with intervals over five splits. Without arguments: the gallery, and random weights.
Writes `studies/results/leak.json` and `docs/figures/leak.png`.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import torch
import torchvision
from matplotlib.figure import Figure
from safetensors.torch import load_file
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupShuffleSplit
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from emotionart.config.compose import compose
from emotionart.config.overrides import quote
from emotionart.data.pictures.views import parse_views
from emotionart.figures import plots
from emotionart.run.data import build_artworks
from emotionart.statistics.baseline import majority_share

RESULTS = Path(__file__).parent / "results"
FIGURES = Path(__file__).parents[1] / "docs" / "figures"
WORKS, SIZE, SPLITS = 500, 160, 5
VIEWS = ("identity", "flip", "rotate:8", "rotate:-8")
MEAN = (123.0, 117.0, 104.0)  # subtracted from pixels in 0..255 for the given weights


@torch.inference_mode()
def features(pictures: np.ndarray, weights: str | None) -> np.ndarray:
    """Mean-pooled features (n, 512) of pictures (n, SIZE, SIZE, 3)."""
    torch.manual_seed(0)
    network = torchvision.models.squeezenet1_0()
    if weights is not None:
        network.load_state_dict(load_file(weights))
    network.eval()
    shifted = (torch.from_numpy(pictures).float() - torch.tensor(MEAN)).permute(0, 3, 1, 2)
    return torch.cat([network.features(part).mean((2, 3)) for part in shifted.split(50)]).numpy()


def accuracies(x: np.ndarray, label: np.ndarray, unit: np.ndarray) -> dict[str, list[float]]:
    """Accuracies of both classifiers on several random splits that do not divide a `unit`."""
    models = {
        "logistic regression": make_pipeline(StandardScaler(), LogisticRegression(C=0.01, max_iter=500)),
        "nearest neighbour": make_pipeline(StandardScaler(), KNeighborsClassifier(1)),
    }
    found: dict[str, list[float]] = {name: [] for name in models}
    for train, test in GroupShuffleSplit(SPLITS, test_size=0.25, random_state=0).split(x, groups=unit):
        for name, model in models.items():
            found[name].append(float(model.fit(x[train], label[train]).score(x[test], label[test])))
    return found


def draw(found: dict[str, dict[str, list[float]]], majority: float, subject: str) -> Figure:
    """The figure, with a point for each split."""
    figure = Figure(figsize=(7.5, 3.6), layout="constrained")
    axes = figure.subplots()
    for index, by_model in enumerate(found.values()):
        for (name, values), colour, shift in zip(
            by_model.items(), (plots.BLUE, plots.ORANGE), (-0.1, 0.1), strict=True
        ):
            label = name if index == 0 else None
            axes.plot([index + shift] * len(values), values, "o", color=colour, alpha=0.6, label=label)
            axes.hlines(np.mean(values), index + shift - 0.08, index + shift + 0.08, color=colour)
    axes.axhline(majority, color=plots.GREY, linestyle="--", linewidth=1, label=f"majority {majority:.0%}")
    axes.set_xticks(range(len(found)), found)
    axes.set(ylim=(0, 1), ylabel="accuracy on the test split", title=f"The same {subject}, split in three ways")
    axes.yaxis.set_major_formatter("{x:.0%}")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, fontsize=8)
    return figure


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("table", nargs="?")
    parser.add_argument("--group", default="artist")
    parser.add_argument("--labels", default="as_is")
    parser.add_argument("--weights")
    arguments = parser.parse_args()
    asked: list[str] = []
    if arguments.table:
        asked += ["data=table", f"data.path={quote(arguments.table)}", f"data.group={arguments.group}"]
        asked += [f"labels={arguments.labels}"]
    artworks = build_artworks(compose(asked).config, SIZE)
    chosen = np.sort(np.random.default_rng(0).permutation(len(artworks.id))[:WORKS])
    pictures = artworks.pixels[artworks.row[chosen]]
    x = np.concatenate(
        [features(np.stack([view(p) for p in pictures]), arguments.weights) for view in parse_views(VIEWS)]
    )
    label, copies = np.tile(artworks.label[chosen], len(VIEWS)), len(VIEWS)
    artist = np.where(artworks.group[chosen] == "", artworks.id[chosen], artworks.group[chosen]).astype(str)
    found = {
        "views\n(after augmenting)": accuracies(x, label, np.arange(len(x))),
        "artworks": accuracies(x, label, np.tile(np.arange(len(chosen)), copies)),
        "artists": accuracies(x, label, np.tile(artist, copies)),
    }
    majority = majority_share(label)
    for name, by_model in found.items():
        means = ", ".join(f"{model} {np.mean(values):.1%}" for model, values in by_model.items())
        print(f"split by {' '.join(name.split())}: {means}")
    print(f"majority {majority:.1%}")
    (RESULTS / "leak.json").write_text(json.dumps({**found, "majority": majority}, indent=2) + "\n")
    subject = f"{len(chosen)} works in {copies} views"
    plots.save(draw(found, majority, subject), FIGURES / "leak.png")


if __name__ == "__main__":
    main()
