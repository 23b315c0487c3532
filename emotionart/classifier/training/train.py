"""The run of a classifier: training, a single test, and comparison with baselines."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from emotionart.classifier.build import build_classifier, require_logits
from emotionart.classifier.calibration import calibrate, calibration_result
from emotionart.classifier.evaluation.baselines import logistic_baseline, majority_baseline
from emotionart.classifier.evaluation.feature_importance import explain_features
from emotionart.classifier.evaluation.result import score_all
from emotionart.classifier.evaluation.tested import TestedClassifier
from emotionart.classifier.module import Classifier
from emotionart.classifier.predictor import Predictor, best_weights
from emotionart.classifier.training.fit import FitResult, fit, keep
from emotionart.classifier.training.start import load_fitting_weights, load_head
from emotionart.classifier.unlabelled.pool import read_pool
from emotionart.classifier.unlabelled.rounds import Unlabelled, fit_rounds, store_pool, with_pool_inputs
from emotionart.classifier.zero_shot import ZeroShotClassifier
from emotionart.config.instantiate import instantiate
from emotionart.config.trust import own_sources
from emotionart.data.artworks import SPLITS, Artworks
from emotionart.data.datamodule import ArtworkData
from emotionart.inputs.representation import PreparedInputs, Representation
from emotionart.inputs.vector import VectorRepresentation
from emotionart.networks.parameters import count_parameters
from emotionart.run.context import RunContext
from emotionart.run.data import build_artworks, build_data, build_inputs, build_representation
from emotionart.run.devices.processes import other_devices
from emotionart.run.folder import RunFolder
from emotionart.run.outcome import Result
from emotionart.run.predictions import Predictions
from emotionart.run.tracking.logger import RANDOM_FEATURES
from emotionart.run.training.checkpoint import BEST, Description
from emotionart.run.training.trainer import on_trained_device

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class TrainedClassifier:
    """A classifier with the weights of its best epoch, before its test.

    Attributes:
        classifier: trained classifier.
        data: its batches.
        used: description of its representation.
        parameters: numbers of trainable and frozen parameters.
        fitted: outcome of training.
        unlabelled: report on training with pictures without labels; None if there are none.
    """

    classifier: Classifier
    data: ArtworkData
    used: Mapping[str, Any]
    parameters: Mapping[str, int]
    fitted: FitResult
    unlabelled: Mapping[str, Any] | None


@dataclass(frozen=True)
class Prepared:
    """The prepared data of a run.

    Attributes:
        representation: representation of the model's inputs.
        artworks: labelled artworks.
        inputs: inputs of the labelled artworks.
        unlabelled: additional pictures without labels; None for none.
    """

    representation: Representation
    artworks: Artworks
    inputs: PreparedInputs
    unlabelled: Unlabelled | None


def train_classifier(context: RunContext) -> TestedClassifier:
    """Trains a classifier on the artworks of the run, and tests it once."""
    with _prepared(context) as prepared:
        return _test(context, prepared, _train(context, prepared))


def validate_classifier(context: RunContext) -> FitResult:
    """Trains and validates a classifier, without any prediction for the test split."""
    with _prepared(context) as prepared:
        return _train(context, prepared).fitted


@contextmanager
def _prepared(context: RunContext) -> Iterator[Prepared]:
    config = context.config
    if config.get("start") and not any(context.folder.checkpoints.glob("*.ckpt")):
        best_weights(config.start)  # a mistake in its folder is told before any data are read
    representation = build_representation(config)
    size = representation.size
    artworks = build_artworks(config, size)
    pool = None
    if config.data.get("unlabelled"):
        pool = read_pool(instantiate(config.data), artworks, size, Path(config.cache))
    context.record_data(artworks, pool.digest() if pool else None)
    if pool:
        store_pool(config, representation, pool)
    with build_inputs(config, representation, artworks) as inputs:
        yield Prepared(representation, artworks, inputs, with_pool_inputs(config, inputs, pool) if pool else None)


def _train(context: RunContext, prepared: Prepared) -> TrainedClassifier:
    config, folder, choices = context.config, context.folder, context.choices
    representation, artworks, inputs = prepared.representation, prepared.artworks, prepared.inputs
    data = build_data(config, artworks, inputs)
    used = representation.describe()
    counts = np.bincount(artworks.label[artworks.indices("train")], minlength=len(artworks.classes))
    description = Description(
        kind="classifier",
        config=context.resolved,
        representation=used,
        features=representation.features(),
        sources=own_sources(context.resolved),
        classes=tuple(artworks.classes),
        counts=tuple(counts.tolist()),
        voted=artworks.voted and config.labels.target == "votes",
    )

    def build(place: RunFolder) -> Classifier:
        classifier = build_classifier(
            config,
            representation.shape,
            inputs.input_transform,
            description,
            optimizer=instantiate(config.optimizer),
            scheduler=instantiate(config.scheduler),
        )
        require_logits(classifier, next(iter(data.ordered("train"))).inputs[:2])
        if config.model.get("start"):
            load_head(classifier, Path(config.model.start))
        if config.get("start") and not any(place.checkpoints.glob("*.ckpt")):  # else the run resumes its own
            load_fitting_weights(classifier, Path(config.start))
        return classifier

    classifier, unlabelled = build(folder), None
    parameters = count_parameters(classifier)
    parameters["frozen"] += used.get("frozen_parameters", 0)
    log.info("%s: %s trainable parameters, %s frozen", choices["model"], *(f"{n:,}" for n in parameters.values()))
    if used.get("weights") == "random":
        context.logger.tag(RANDOM_FEATURES)

    if isinstance(classifier, ZeroShotClassifier):
        classifier.read_prompts(representation, config.labels)
        fitted = keep(config, classifier, data, folder)
    elif prepared.unlabelled:
        rounds = fit_rounds(context, artworks, inputs, prepared.unlabelled, build)
        classifier, fitted, unlabelled = rounds.classifier, rounds.fitted, rounds.report
    else:
        with other_devices(context, validate_classifier) as rank:
            fitted = fit(config, classifier, data, folder, context.log_metrics, rank)
    return TrainedClassifier(classifier, data, used, parameters, fitted, unlabelled)


def _test(context: RunContext, prepared: Prepared, trained: TrainedClassifier) -> TestedClassifier:
    config, folder, choices = context.config, context.folder, context.choices
    representation, artworks, inputs = prepared.representation, prepared.artworks, prepared.inputs
    classifier, data, used, fitted = trained.classifier, trained.data, trained.used, trained.fitted
    with on_trained_device(fitted.trainer, classifier):
        uncalibrated = {part: classifier.predict(data.ordered(part)) for part in SPLITS}
    probabilities = calibrate(classifier, folder.checkpoints / BEST, artworks, uncalibrated)
    predictions = Predictions.of(artworks, probabilities)
    predictions.write(folder.predictions)
    baselines = {"majority": majority_baseline(artworks)}
    logistic = (
        logistic_baseline(artworks, inputs.evaluation) if used["kind"] in ("frozen backbone", "features") else None
    )
    if logistic:
        baselines["logistic regression"] = logistic.probabilities
        Predictions.of(artworks, logistic.probabilities).write(folder.logistic_predictions)
    result: Result = {
        "model": choices["model"],
        "data": choices["data"],
        "seed": config.seed,
        "classes": list(artworks.classes),
        "representation": used,
        "parameters": trained.parameters,
        "epochs": len(fitted.history),
        "checkpoint": {"file": f"checkpoints/{BEST}", "epoch": fitted.epoch},
        "monitor": {"name": config.monitor, "value": fitted.monitored},
        "calibration": calibration_result(classifier.temperature, artworks, uncalibrated, config.seed),
        **score_all(artworks, probabilities, baselines, config.seed),
    }
    if config.optimizer._target_.endswith(".PenalisedLBFGS"):  # model/head=logistic would be its own rival
        result["lead"].pop("logistic regression", None)
    if isinstance(classifier, ZeroShotClassifier):
        result["prompts"] = classifier.prompts
    if trained.unlabelled:
        result["unlabelled"] = trained.unlabelled
    features = None
    if logistic and isinstance(representation, VectorRepresentation):
        features = logistic.features["train"]
        result["features"] = explain_features(classifier, artworks, logistic, representation, config.seed)
    predictor = Predictor(classifier.eval(), classifier.description.classes, representation)
    return TestedClassifier(
        result, predictor, artworks, predictions, fitted.history, list(config.augment.views), features
    )
