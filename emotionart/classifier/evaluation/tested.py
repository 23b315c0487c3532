"""A tested classifier: its figures, log entries, summary and page."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from emotionart.classifier.evaluation.baselines import read_features
from emotionart.classifier.evaluation.figures import build_figures, worst_mistakes
from emotionart.classifier.evaluation.page import classifier_commands, classifier_sections
from emotionart.classifier.evaluation.result import findings, headlines
from emotionart.classifier.predictor import Predictor, load_run
from emotionart.classifier.unlabelled.report import round_table, unlabelled_numbers
from emotionart.config.trust import read_config
from emotionart.data.artworks import Artworks
from emotionart.errors import UserError
from emotionart.figures import plots
from emotionart.files import read_yaml
from emotionart.inputs.vector import VectorRepresentation
from emotionart.run.data import build_artworks
from emotionart.run.folder import RunFolder
from emotionart.run.length import doubled_length
from emotionart.run.log import suppress_messages
from emotionart.run.outcome import Result
from emotionart.run.page import write_run_page
from emotionart.run.predictions import Predictions
from emotionart.run.stored import read_provenance, read_result
from emotionart.run.tracking.logger import Logger
from emotionart.run.training.callbacks import Metrics
from emotionart.run.training.checkpoint import LAST, read_checkpoint


@dataclass(frozen=True)
class TestedClassifier:
    """A classifier after its single test.

    Attributes:
        result: contents of `result.json`.
        predictor: the classifier with the weights of its best epoch.
        artworks: artworks of the run.
        predictions: predictions for all its artworks.
        history: one row of metrics per epoch.
        views: names of the augmentation views in training.
        features: (n, D) named features of the training split; None without names.
    """

    result: Result
    predictor: Predictor
    artworks: Artworks
    predictions: Predictions
    history: Sequence[Metrics]
    views: Sequence[str]
    features: NDArray[np.float32] | None

    def figures(self) -> Mapping[str, Callable[[Path], None]]:
        """Functions that write the figures, by file name."""
        built = build_figures(
            self.result, self.history, self.artworks, self.predictions.of_part("test"), self.views, self.features
        )
        return {f"{name}.png": partial(_write, figure) for name, figure in built.items()}

    def send(self, logger: Logger, folder: RunFolder) -> None:
        """Logs the final metrics, the confusion matrix and the figures."""
        test = self.result["test"]
        summary: dict[str, Any] = {
            **_tested_numbers(self.result),
            "seconds": read_provenance(folder.provenance)["seconds"],
            "temperature": self.result["calibration"]["temperature"],
            "test/majority_acc": self.result["baselines"]["majority"]["test"]["acc"]["value"],
        }
        if self.result["ceiling"]:
            summary["test/ceiling_acc"] = self.result["ceiling"]["test"]
            summary["test/oracle_acc"] = self.result["oracle"]["test"]
        if self.result["human"]:
            summary["test/human_acc"] = self.result["human"]["test"]["acc"]["value"]
            summary["test/label_noise"] = self.result["human"]["test"]["label_noise"]["value"]
        if self.result["split"]:
            summary["split"] = self.result["split"]["source"]
        classes, monitor = self.result["classes"], self.result["monitor"]["name"]
        if unlabelled := self.result.get("unlabelled"):
            summary |= unlabelled_numbers(unlabelled, monitor)
            headings, rounds = round_table(unlabelled, classes, monitor)
            numbers = [[cell if isinstance(cell, str) else cell[0] for cell in row] for row in rounds]
            logger.log_table("unlabelled/rounds", headings, numbers)
        logger.update_summary(summary)
        rows = [[name, *counts] for name, counts in zip(classes, test["confusion"], strict=True)]
        logger.log_table("test/confusion", ["truth \\ prediction", *classes], rows)
        tested = self.predictions.of_part("test")
        logger.log_charts(tested.truth.tolist(), tested.probabilities, classes)
        columns = ["artwork", "picture", "true", "predicted", "confidence"]
        mistakes = [
            [one.name, one.picture, one.truth, one.predicted, one.confidence]
            for one in worst_mistakes(self.artworks, tested)
        ]
        logger.log_table("test/mistakes", columns, mistakes)
        for figure in sorted(folder.figures.glob("*.png")):
            logger.log_image(f"figures/{figure.stem}", figure)

    def lines(self) -> Sequence[str]:
        """The summary of the run, line by line."""
        return findings(self.result)

    def headlines(self) -> Sequence[str]:
        """The lines of the summary that the console shows."""
        return headlines(self.result)

    def write_page(self, folder: RunFolder) -> None:
        """Writes `report.html`."""
        tested = self.predictions.of_part("test")
        sections = classifier_sections(folder, self.result, self.artworks, tested, self.history)
        epochs = self.result["epochs"]
        longer = doubled_length(read_yaml(folder.config, "trainer"), epochs)
        write_run_page(folder, findings(self.result), sections, classifier_commands(folder, longer, epochs))


def _tested_numbers(result: Result) -> dict[str, Any]:
    """The metrics of the tested weights by W&B column; `_low` and `_high` are the bounds of an interval."""
    numbers: dict[str, Any] = {f"best/{result['monitor']['name']}": result["monitor"]["value"]}
    if result["epochs"]:
        numbers["best/epoch"] = result["checkpoint"]["epoch"]
    validation, test = ({**result[part], **result[part].get("ordinal", {})} for part in ("validation", "test"))
    for name in ("acc", "balanced_acc", "f1_macro", "nll", "ece", "kl", "class_error", "weighted_kappa"):
        if name in test:
            numbers |= _with_bounds(f"test/{name}", test[name])
            numbers |= _with_bounds(f"best/val/{name}", {"value": validation[name]["value"]})
    for name, recall in result["test"]["recall"].items():
        numbers |= _with_bounds(f"test/recall/{name}", recall)
    for name, lead in result["lead"].items():
        numbers |= _with_bounds(f"test/lead/{name}", lead)
    numbers |= {f"parameters/{kind}": count for kind, count in result["parameters"].items()}
    return numbers


def _with_bounds(name: str, estimate: Mapping[str, float | None]) -> dict[str, float]:
    named = {name: estimate["value"], f"{name}_low": estimate.get("low"), f"{name}_high": estimate.get("high")}
    return {key: value for key, value in named.items() if value is not None}


def _write(build: Callable[[], Figure], path: Path) -> None:
    plots.save(build(), path)


def load_tested(folder: RunFolder, trust: bool = False) -> TestedClassifier:
    """Loads the classifier of a run that has a result, with its data.

    Raises:
        UserError: if the run cannot be loaded, or its data have changed since.
    """
    predictor = load_run(folder.path, trust)
    raw = read_yaml(folder.config, "augment")
    config = read_config(raw, ("data", "labels", "cache"), folder=folder.path, trust=trust)
    representation = predictor.representation
    with suppress_messages("emotionart.data"):
        artworks = build_artworks(config, representation.size)
    if artworks.digest() != read_provenance(folder.provenance)["data"]:
        raise UserError(
            "The data have changed since this run, so its figures cannot be drawn.",
            where=str(folder.provenance),
            fix="the data as they were",
        )
    features = None
    if isinstance(representation, VectorRepresentation):
        with representation.prepare(artworks, ["identity"], None, Path(config.cache)) as inputs:
            features = read_features(artworks, inputs.evaluation)["train"]
    return TestedClassifier(
        read_result(folder.result),
        predictor,
        artworks,
        Predictions.read(folder.predictions),
        read_checkpoint(folder.checkpoints / LAST).history,
        raw["augment"]["views"],
        features,
    )
