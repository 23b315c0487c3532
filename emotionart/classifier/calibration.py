"""Calibrates a trained classifier: fits one temperature on validation, which its checkpoint keeps."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from emotionart.classifier.evaluation.result import Probabilities, score
from emotionart.classifier.module import Classifier
from emotionart.data.artworks import Artworks
from emotionart.run.training.checkpoint import update_description
from emotionart.statistics.calibration.temperature import apply_temperature, fit_temperature

PART = "validation"


def calibrate(classifier: Classifier, file: Path, artworks: Artworks, probabilities: Probabilities) -> Probabilities:
    """Fits the temperature of the classifier and its checkpoint, and returns the calibrated probabilities.

    Args:
        classifier: trained classifier.
        file: its checkpoint.
        artworks: artworks of the run.
        probabilities: (n, K) for each part, at a temperature of 1.
    """
    temperature = fit_temperature(probabilities[PART], artworks.target[artworks.indices(PART)])
    classifier.temperature = temperature
    classifier.description = replace(classifier.description, temperature=temperature)
    update_description(file, classifier.description)
    return {part: apply_temperature(predicted, temperature) for part, predicted in probabilities.items()}


def calibration_result(
    temperature: float, artworks: Artworks, probabilities: Probabilities, seed: int
) -> dict[str, Any]:
    """The entry of `result.json`: the temperature, and each part's NLL and calibration error `before` calibration.

    Args:
        temperature: fitted temperature.
        artworks: artworks of the run.
        probabilities: (n, K) for each scored part, at a temperature of 1.
        seed: seed of the draws for the expected calibration error.
    """
    scores = {part: score(artworks, part, predicted, seed) for part, predicted in probabilities.items()}
    before = {part: {name: metrics[name] for name in ("nll", "ece")} for part, metrics in scores.items()}
    return {"temperature": temperature, "part": PART, "before": before}
