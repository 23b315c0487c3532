"""What a run of a classifier does: train it, test it once, and compare it with what it must beat."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import numpy as np

from emotionart.classifier.baselines import logistic_baseline, majority_baseline
from emotionart.classifier.build import build_classifier, start_from
from emotionart.classifier.feature_importance import explain_features
from emotionart.classifier.figures import draw_figures, draw_views
from emotionart.classifier.fit import fit
from emotionart.classifier.result import count_parameters, score_all, write_predictions
from emotionart.config.instantiate import instantiate
from emotionart.config.trust import own_sources
from emotionart.data.artworks import SPLITS, Artworks
from emotionart.inputs.representation import PreparedInputs, Representation
from emotionart.inputs.vector import VectorRepresentation
from emotionart.run.context import Result, RunContext
from emotionart.run.data import build_artworks, build_data, build_inputs, build_representation

log = logging.getLogger(__name__)

RANDOM_FEATURES = "random-features"
"""The tag of runs whose backbone has no trained weights."""

LOGISTIC_PREDICTIONS = "predictions-logistic-regression.csv"


def train_classifier(context: RunContext) -> Result:
    """Trains a classifier on the artworks of the run, tests it once, and returns what `result.json` is to hold."""
    representation = build_representation(context.config)
    artworks = build_artworks(context.config, representation.size)
    context.record_data(artworks)
    with build_inputs(context.config, representation, artworks) as inputs:
        result = _train_and_test(context, representation, artworks, inputs)
    _tell(context, result)
    return result


def _train_and_test(
    context: RunContext, representation: Representation, artworks: Artworks, inputs: PreparedInputs
) -> Result:
    config, folder, choices = context.config, context.folder, context.choices
    data = build_data(config, artworks, inputs)
    counts = np.bincount(artworks.label[artworks.indices("train")], minlength=len(artworks.classes)).tolist()
    learnt = {
        "classes": list(artworks.classes),
        "counts": counts,
        "voted": artworks.voted and config.labels.target == "votes",
    }
    classifier = build_classifier(
        config,
        representation.shape,
        inputs.input_transform,
        **learnt,
        optimizer=instantiate(config.optimizer),
        scheduler=instantiate(config.scheduler),
    )
    if config.model.get("start"):
        start_from(classifier, representation, artworks.classes, Path(config.model.start))
    used = representation.describe()
    parameters = count_parameters(classifier)
    parameters["frozen"] += used.get("frozen_parameters", 0)
    log.info("%s: %s trainable parameters, %s frozen", choices["model"], *(f"{n:,}" for n in parameters.values()))
    draw_views(artworks, config.augment.views, folder.figures)
    if used.get("weights") == "random":
        context.logger.tag(RANDOM_FEATURES)

    description = {
        **learnt,
        "config": context.resolved,
        "representation": used,
        "sources": own_sources(context.resolved),
    }
    fitted = fit(config, classifier, data, folder, context.log_metrics, description)
    probabilities = {part: classifier.predict(data.ordered(part)) for part in SPLITS}
    write_predictions(folder.path / "predictions.csv", artworks, probabilities)
    baselines = {"majority": majority_baseline(artworks)}
    logistic = (
        logistic_baseline(artworks, inputs.evaluation) if used["kind"] in ("frozen backbone", "features") else None
    )
    if logistic:
        baselines["logistic regression"] = logistic.probabilities
        write_predictions(folder.path / LOGISTIC_PREDICTIONS, artworks, baselines["logistic regression"])
    result: Result = {
        "model": choices["model"],
        "data": choices["data"],
        "seed": config.seed,
        "classes": list(artworks.classes),
        "representation": used,
        "parameters": parameters,
        "epochs": len(fitted.history),
        "checkpoint": {"file": "checkpoints/best.ckpt", "epoch": fitted.epoch},
        "monitor": {"name": config.monitor, "value": fitted.monitored},
        **score_all(artworks, probabilities, baselines, config.seed),
    }
    if logistic and isinstance(representation, VectorRepresentation):
        result["features"] = explain_features(
            classifier, artworks, logistic, representation, config.seed, folder.figures
        )
    draw_figures(result, fitted.history, artworks, probabilities["test"], folder.figures)
    return result


def _tell(context: RunContext, result: Result) -> None:
    """Gives the logger what the folder holds."""
    test = result["test"]
    summary: dict[str, Any] = {
        f"test/{name}": test[name]["value"] for name in ("acc", "balanced_acc", "f1_macro", "nll", "ece")
    }
    if "kl" in test:
        summary["test/kl"] = test["kl"]["value"]
    summary["test/majority_acc"] = result["baselines"]["majority"]["test"]["acc"]["value"]
    if result["ceiling"]:
        summary["test/ceiling_acc"] = result["ceiling"]["test"]
        summary["test/oracle_acc"] = result["oracle"]["test"]
    if result["human"]:
        summary["test/human_acc"] = result["human"]["test"]["acc"]["value"]
        summary["test/label_noise"] = result["human"]["test"]["label_noise"]["value"]
    if result["split"]:
        summary["split"] = result["split"]["source"]
    context.logger.update_summary(summary)
    classes = result["classes"]
    rows = [[name, *counts] for name, counts in zip(classes, test["confusion"], strict=True)]
    context.logger.log_table("test/confusion", ["truth \\ prediction", *classes], rows)
    for figure in sorted(context.folder.figures.glob("*.png")):
        context.logger.log_image(f"figures/{figure.stem}", figure)
