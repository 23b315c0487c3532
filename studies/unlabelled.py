"""Do pictures without labels help? Heads on frozen features of the portraits, with few labels and the rest without.

    python studies/unlabelled.py portraits/labels.csv WEIGHTS --folder RUNS --cache FOLDER

WEIGHTS holds the files that `NETWORKS` of `frozen.py` names. Of the works outside the test part, 125 to 1,000 keep
their label, in five draws; `data.unlabelled` may learn from the others. All runs are tested on the same works. A run
that is done is not made again, so that a study that was stopped goes on where it was. Writes
`studies/results/unlabelled.json` and `docs/figures/unlabelled.png`, and prints the table of `studies/unlabelled.md`.
"""

import argparse
import json
import shutil
from dataclasses import asdict, dataclass
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from frozen import NETWORKS, load_artworks
from matplotlib.figure import Figure
from scipy import stats

from emotionart.config.compose import compose
from emotionart.config.overrides import quote
from emotionart.figures import plots
from emotionart.pipeline import run

RESULTS = Path(__file__).parent / "results" / "unlabelled.json"
FIGURE = Path(__file__).parents[1] / "docs" / "figures" / "unlabelled.png"
LABELS, DRAWS = (125, 250, 500, 1000), range(5)
BACKBONES = ("SqueezeNet", "EfficientNet-Lite0")
LAST_GRID = ("model=transfer", "model.backbone.layer=null", "model.backbone.pool=mean")
HEAD = (*LAST_GRID, "model/head=logistic", "experiment=portraits", "augment=none")
PLAIN = ("logger=none", "figures=later", "trainer.threads=1")

Cell = dict[str, Any]


@dataclass(frozen=True)
class Run:
    """One run.

    Attributes:
        network: whose last grid gives the features.
        labels: works whose label is learnt from; None for all.
        draw: which of them.
        unlabelled: whether it learns from the others, too.
    """

    network: str
    labels: int | None
    draw: int
    unlabelled: bool

    @property
    def name(self) -> str:
        """Of its folder."""
        return f"{self.network}-{self.labels}-{self.draw}-{'unlabelled' if self.unlabelled else 'alone'}".lower()

    def overrides(self, table: Path, weights: Path, cache: Path) -> list[str]:
        """What is asked of `train.py`."""
        network = NETWORKS[self.network]
        keys = {name: network[name] for name in ("name", "source", "mean", "std", "scale")}
        asked = [*HEAD, *PLAIN, f"data.path={quote(str(table))}", f"cache={quote(str(cache))}"]
        asked += [f"model.backbone.{name}={value}" for name, value in keys.items()]
        asked.append(f"model.backbone.weights={quote(str(weights / network['weights']))}")
        if self.labels is not None:
            asked += [f"data.train_count={self.labels}", f"data.train_seed={self.draw}"]
        return [*asked, f"data.unlabelled={quote(str(table))}"] if self.unlabelled else asked

    def measure(self, asked: list[str], folder: Path, truth: dict[str, str]) -> Cell:
        """Carries it out in a folder, or reads what it left, and tells its result."""
        if not (folder / "result.json").exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            composed = compose(asked)
            run(composed, folder)
        result = json.loads((folder / "result.json").read_text())
        told = result.get("unlabelled") or {"rounds": [], "left": 0}
        kept = sum(each["kept"] for each in told["rounds"])
        return {
            **asdict(self),
            **{name: result["test"][name]["value"] for name in ("acc", "balanced_acc", "nll")},
            "test_works": len(pd.read_csv(folder / "split.csv").query("part == 'test'")),
            "left": told["left"],
            "kept": kept,
            "learnt_from": sum(told["rounds"][kept - 1]["pictures"].values()) if kept else 0,
            "right": [share_right(folder / f"rounds/{index + 1}", truth) for index in range(len(told["rounds"]))],
        }


def share_right(folder: Path, truth: dict[str, str]) -> float:
    """The share of a round's pseudo-labels that are the true class, which the run does not know."""
    table = pd.read_csv(folder / "pseudo-labels.csv", dtype=str)
    return float((table["image"].map(truth) == table["class"]).mean())


def runs(networks: list[str]) -> list[Run]:
    """All runs: the smallest numbers of labels of each network first."""
    some = [Run(*each) for each in product(networks, LABELS, DRAWS, (False, True))]
    return [
        each for name in networks for each in [*(one for one in some if one.network == name), Run(name, None, 0, False)]
    ]


def values(cells: list[Cell], network: str, labels: int | None, unlabelled: bool, key: str) -> np.ndarray:
    """A number of each draw, (draws,)."""
    which = {"network": network, "labels": labels, "unlabelled": unlabelled}
    found = [cell for cell in cells if all(cell[name] == value for name, value in which.items())]
    return np.array([cell[key] for cell in sorted(found, key=lambda cell: cell["draw"])], dtype=float)


def gain(difference: np.ndarray) -> str:
    """Mean over draws with its 95 % interval by Student's t, in points; differences are (draws,)."""
    if not difference.any():
        return "0"
    reach = stats.t.ppf(0.975, len(difference) - 1) * difference.std(ddof=1) / np.sqrt(len(difference))
    mean = difference.mean()
    return f"{100 * mean:+.1f} ({100 * (mean - reach):+.1f} to {100 * (mean + reach):+.1f})"


def row(cells: list[Cell], network: str, labels: int) -> str:
    """A line of the table in Markdown."""
    alone, more = (values(cells, network, labels, unlabelled, "acc") for unlabelled in (False, True))
    everything = values(cells, network, None, False, "acc")
    kept, learnt = (values(cells, network, labels, True, key) for key in ("kept", "learnt_from"))
    loss = [values(cells, network, labels, unlabelled, "nll") for unlabelled in (False, True)]
    right = [
        cell["right"][0] for cell in cells if cell["network"] == network and cell["labels"] == labels and cell["right"]
    ]
    told = [
        network,
        f"{labels:,}",
        *(f"{100 * each.mean():.1f} ± {100 * each.std(ddof=1):.1f}" for each in (alone, more)),
        gain(more - alone),
        " ".join(f"{100 * each:+.1f}" for each in more - alone),
        gain(everything - alone),
        f"{loss[1].mean() - loss[0].mean():+.3f}",
        f"{(kept > 0).sum()} of {len(kept)}",
        f"{learnt.mean():,.0f}",
        f"{100 * np.mean(right):.0f}",
    ]
    return f"| {' | '.join(told)} |"


def draw(cells: list[Cell], networks: list[str]) -> Figure:
    """Test accuracy by the number of labels: each draw, their mean, and all labels as a line."""
    figure = Figure(figsize=(4.2 * len(networks), 3.4), layout="constrained")
    axes = figure.subplots(1, len(networks), sharey=True, squeeze=False)[0]
    for axis, network in zip(axes, networks, strict=True):
        for unlabelled, colour, width, name in (
            (False, plots.BLUE, 4.0, "labels alone"),
            (True, plots.ORANGE, 1.5, "and the rest without labels"),
        ):
            found = [values(cells, network, labels, unlabelled, "acc") for labels in LABELS]
            axis.plot(LABELS, [each.mean() for each in found], color=colour, linewidth=width, label=name)
            axis.plot(np.repeat(LABELS, len(DRAWS)), np.concatenate(found), "o", color=colour, alpha=0.45, markersize=4)
        axis.axhline(
            values(cells, network, None, False, "acc")[0], color=plots.GREY, linestyle="--", label="all labels"
        )
        axis.set(title=network, xscale="log", xlabel="labelled works", xticks=LABELS)
        axis.set_xticklabels(f"{labels:,}" for labels in LABELS)
        axis.minorticks_off()
        axis.yaxis.set_major_formatter("{x:.0%}")
        axis.spines[["top", "right"]].set_visible(False)
    axes[0].set_ylabel("accuracy on the test split")
    axes[0].legend(frameon=False, fontsize=8)
    return figure


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("table", type=Path)
    parser.add_argument("weights", type=Path)
    parser.add_argument("--folder", type=Path, default=Path("outputs/unlabelled"), help="of the runs")
    parser.add_argument("--cache", type=Path, default=Path("outputs/cache"))
    parser.add_argument("--networks", nargs="+", choices=BACKBONES, default=list(BACKBONES))
    arguments = parser.parse_args()
    works = load_artworks(arguments.table, arguments.cache, 0)
    truth = {str(image): works.classes[label] for image, label in zip(works.image, works.label, strict=True)}
    cells = []
    for one in runs(arguments.networks):
        asked = one.overrides(arguments.table, arguments.weights, arguments.cache)
        cells.append(one.measure(asked, arguments.folder / one.name, truth))
        print(f"{one.name}: {100 * cells[-1]['acc']:.1f}", flush=True)
        RESULTS.write_text(json.dumps(cells, indent=2) + "\n")
    for network in arguments.networks:
        print(f"{network}, all labels: {100 * values(cells, network, None, False, 'acc')[0]:.1f}")
        for labels in LABELS:
            print(row(cells, network, labels))
    plots.save(draw(cells, arguments.networks), FIGURE)


if __name__ == "__main__":
    main()
