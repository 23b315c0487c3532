"""Models use the cues that they should: galleries with global cues only, local cues only, and both.

For each gallery: test accuracy of the majority, of logistic regression on the mean colour, and of a shallow network,
with 95 % intervals and the accuracy upper bound. Writes `studies/results/cues.json` and `docs/figures/cues.png`.
"""

import json
import logging
import sys
import tempfile
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure
from sklearn.linear_model import LogisticRegressionCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from emotionart.classifier.evaluation.result import score
from emotionart.config.compose import compose
from emotionart.data.artworks import Artworks
from emotionart.figures import plots
from emotionart.pipeline import run
from emotionart.run.data import build_artworks

RESULTS = Path(__file__).parent / "results"
FIGURES = Path(__file__).parents[1] / "docs" / "figures"
GALLERIES = {"global cues only": (1.0, 0.0), "local cues only": (0.0, 1.0), "both": (1.0, 1.0)}
COUNT = 4_000


def mean_colour(artworks: Artworks) -> dict[str, Any]:
    """Logistic regression on the mean colour, its penalty chosen by cross-validation on the training split."""
    colour = artworks.pixels[artworks.row].reshape(len(artworks.row), -1, 3).mean(axis=1)
    train, test = artworks.indices("train"), artworks.indices("test")
    model = make_pipeline(
        StandardScaler(), LogisticRegressionCV(Cs=5, max_iter=1000, l1_ratios=(0,), use_legacy_attributes=False)
    )
    model.fit(colour[train], artworks.label[train])
    return score(artworks, "test", model.predict_proba(colour[test]), seed=0)


def measure(global_cues: float, local_cues: float) -> dict[str, Any]:
    """Accuracies on one gallery."""
    asked = [
        f"data.count={COUNT}",
        f"data.global_cues={global_cues}",
        f"data.local_cues={local_cues}",
        "model=shallow_arch2",
        "trainer.max_epochs=15",
        "logger=none",
    ]
    composed = compose(asked)
    with tempfile.TemporaryDirectory() as folder:
        result = run(composed, Path(folder))
    return {
        "majority": result["baselines"]["majority"]["test"]["acc"],
        "mean colour": mean_colour(build_artworks(composed.config, 64))["acc"],
        "shallow network": result["test"]["acc"],
        "ceiling": result["ceiling"]["test"],
        "n": result["test"]["n"],
    }


def draw(found: dict[str, dict[str, Any]]) -> Figure:
    """Accuracies with intervals, and the upper bound, for each gallery."""
    figure = Figure(figsize=(8, 3.6), layout="constrained")
    axes = figure.subplots()
    models = {"majority": plots.GREY, "mean colour": plots.ORANGE, "shallow network": plots.BLUE}
    for index, accuracies in enumerate(found.values()):
        for shift, (model, colour) in enumerate(models.items()):
            acc = accuracies[model]
            axes.errorbar(
                index + 0.2 * (shift - 1),
                acc["value"],
                [[acc["value"] - acc["low"]], [acc["high"] - acc["value"]]],
                fmt="o",
                color=colour,
                capsize=3,
                label=model if index == 0 else None,
            )
        label = "ceiling" if index == 0 else None
        axes.hlines(accuracies["ceiling"], index - 0.35, index + 0.35, color=plots.GREEN, linestyle="--", label=label)
    axes.set_xticks(range(len(found)), found)
    axes.set(ylabel="test accuracy", title=f"What each model sees in {COUNT:,} paintings (four classes)", ylim=(0.2, 1))
    axes.yaxis.set_major_formatter("{x:.0%}")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, ncols=4, loc="upper center", fontsize=8)
    return figure


def main() -> None:
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    found = {}
    for name, (global_cues, local_cues) in GALLERIES.items():
        found[name] = measure(global_cues, local_cues)
        values = {key: f"{value['value']:.1%}" for key, value in found[name].items() if isinstance(value, dict)}
        print(f"{name}: {values} ceiling {found[name]['ceiling']:.1%} on {found[name]['n']} test artworks", flush=True)
    (RESULTS / "cues.json").write_text(json.dumps(found, indent=2) + "\n")
    plots.save(draw(found), FIGURES / "cues.png")


if __name__ == "__main__":
    main()
