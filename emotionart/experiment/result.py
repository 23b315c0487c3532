"""What a run found: `result.json`, `predictions.csv`, and the five lines at the end."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import nn

from emotionart.data.artworks import PARTS, Artworks
from emotionart.evaluation.metrics import evaluate
from emotionart.experiment.folder import write_text

Probabilities = Mapping[str, NDArray[np.float64]]


def count_parameters(network: nn.Module) -> dict[str, int]:
    """Numbers of trainable and frozen parameters."""
    trainable = sum(weight.numel() for weight in network.parameters() if weight.requires_grad)
    return {"trainable": trainable, "frozen": sum(weight.numel() for weight in network.parameters()) - trainable}


def score(artworks: Artworks, part: str, probabilities: NDArray[np.float64], seed: int) -> dict[str, Any]:
    """All metrics of one part with bootstrap intervals; artists are resampled where the split kept them together."""
    members = artworks.members(part)
    groups = None
    if artworks.grouped:
        group, id = artworks.group[members], artworks.id[members]
        groups = np.where(group == "", id, group)
    return evaluate(
        probabilities,
        artworks.label[members],
        votes=artworks.votes[members].astype(np.float64) if artworks.voted else None,
        groups=groups,
        classes=artworks.classes,
        seed=seed,
    )


def score_all(
    artworks: Artworks, probabilities: Probabilities, baselines: Mapping[str, Probabilities], seed: int
) -> dict[str, Any]:
    """The metrics of every part, of the baselines, and the ceiling where it is known."""
    return {
        **{part: score(artworks, part, probabilities[part], seed) for part in PARTS},
        "baselines": {
            name: {part: score(artworks, part, predicted[part], seed) for part in PARTS}
            for name, predicted in baselines.items()
        },
        "ceiling": None
        if artworks.ceiling is None
        else {part: float(artworks.ceiling[artworks.members(part)].mean()) for part in PARTS},
    }


def write_predictions(path: Path, artworks: Artworks, probabilities: Probabilities) -> None:
    """Writes the class and the predicted probabilities of every artwork as CSV, a row an artwork."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["id", "part", "class", *(f"p({name})" for name in artworks.classes)])
    for part in PARTS:
        for member, row in zip(artworks.members(part), probabilities[part], strict=True):
            label = artworks.classes[artworks.label[member]]
            writer.writerow([artworks.id[member], part, label, *(f"{value:.6g}" for value in row)])
    write_text(path, text.getvalue())


def _percent(value: Mapping[str, float]) -> str:
    return f"{value['value']:.1%} ({value['low']:.1%} to {value['high']:.1%})"


def summary_lines(result: Mapping[str, Any], folder: Path) -> Sequence[str]:
    """Five lines for a person: how well, against what, which weights, and where everything is."""
    test, majority = result["test"], result["baselines"]["majority"]["test"]
    against = f"majority baseline {_percent(majority['acc'])}"
    if result["ceiling"]:
        against += f"; no model can expect more than {result['ceiling']['test']:.1%}"
    logistic = result["baselines"].get("logistic regression")
    if logistic:
        against += f"; logistic regression on the same features {_percent(logistic['test']['acc'])}"
    if result["representation"].get("weights") == "random":
        against += "; RANDOM FEATURES, not pretrained ones"
    kl = f"  KL to votes {test['kl']['value']:.3f}" if "kl" in test else ""
    verdict = "above" if test["acc"]["low"] > majority["acc"]["high"] else "not clearly above"
    return (
        f"test accuracy {_percent(test['acc'])} on {test['n']} artworks: {verdict} the {against}",
        f"balanced {test['balanced_acc']['value']:.1%}  macro-F1 {test['f1_macro']['value']:.3f}  "
        f"NLL {test['nll']['value']:.3f}  calibration error {test['ece']['value']:.3f}{kl}",
        f"weights of epoch {result['checkpoint']['epoch'] + 1} of {result['epochs']}, the best by "
        f"{result['monitor']['name']} ({result['monitor']['value']:.3f})",
        f"figures: {folder / 'figures'}",
        f"everything: {folder}",
    )
