"""Predictions for new pictures by the classifier of a finished run."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from emotionart.classifier.build import build_classifier
from emotionart.classifier.module import Classifier
from emotionart.config.relevance import difference
from emotionart.config.trust import read_config
from emotionart.data.pictures.decode import read_file
from emotionart.data.tables.noun import Noun, noun_of
from emotionart.errors import UserError
from emotionart.files import read_yaml
from emotionart.inputs.representation import Representation
from emotionart.networks.pretrained.libraries import with_tag
from emotionart.run.data import build_representation
from emotionart.run.folder import RunFolder, no_run
from emotionart.run.training.checkpoint import BEST, Description, read_checkpoint

log = logging.getLogger(__name__)

_BATCH = 64


@dataclass(frozen=True)
class Predictor:
    """A trained classifier with the representation of its inputs.

    Attributes:
        classifier: classifier in evaluation mode.
        classes: names of the K classes.
        representation: how pictures become inputs.
    """

    classifier: Classifier
    classes: tuple[str, ...]
    representation: Representation

    @property
    def noun(self) -> Noun:
        """What a class is."""
        return noun_of(self.classifier.description.config)

    @property
    def majority(self) -> int:
        """The largest class of the training split, 0 to K - 1: what the majority baseline predicts."""
        return int(np.argmax(self.classifier.description.counts))

    @torch.inference_mode()
    def predict(self, images: Sequence[str | Path | bytes]) -> NDArray[np.float64]:
        """Class probabilities (n, K) of pictures, given as paths or as the bytes of their files.

        Raises:
            emotionart.data.pictures.decode.PictureError: for a picture that cannot be read.
        """
        probabilities = [np.empty((0, len(self.classes)))]
        for files in read_images(images):
            probabilities.append(self.classifier.probabilities(self.representation.encode(files)))
        return np.concatenate(probabilities)

    @cached_property
    def input_key(self) -> str:
        """A key of the representation: predictors with the same key can share inputs."""
        return json.dumps(self.representation.describe(), sort_keys=True)


def read_images(images: Sequence[str | Path | bytes]) -> Iterator[list[bytes]]:
    """Yields the bytes of picture files in batches, from paths or bytes.

    Raises:
        emotionart.data.pictures.decode.PictureError: for a file that cannot be read.
    """
    for start in range(0, len(images), _BATCH):
        batch = images[start : start + _BATCH]
        yield [image if isinstance(image, bytes) else read_file(Path(image)) for image in batch]


def best_weights(folder: str | Path) -> Path:
    """The best checkpoint of a run's classifier, by validation.

    Raises:
        UserError: if there is no run, no best checkpoint, or no classifier.
    """
    run = RunFolder(Path(folder))
    file = run.checkpoints / BEST
    if file.exists():
        return file
    if not run.config.exists():
        raise no_run(run.path)
    if "generator" in read_yaml(run.config, "model"):
        raise _no_classifier(folder)
    again = run.resume_command if run.resumable else "a copy of the run with its checkpoints"
    raise UserError("This run has no checkpoint.", where=str(file), fix=again)


def _no_classifier(folder: str | Path) -> UserError:
    return UserError(
        "This run is a GAN, which predicts no classes.",
        where=str(folder),
        fix="a run of a classifier, such as model=shallow_arch1",
    )


def load_run(folder: str | Path, trust: bool = False) -> Predictor:
    """Loads the classifier of a run, with the weights that were tested.

    The checkpoint is opened without running code from it, and only harmless classes that its configuration names are
    created: those of emotionart, torch's modules, and your own networks whose file is as it was.

    Args:
        folder: run folder.
        trust: whether other classes that it names may be created too, for a run from a known source.

    Raises:
        UserError: if there is no run, no best checkpoint or no classifier, or if it names other code without `trust`.
    """
    file = best_weights(folder)
    checkpoint = read_checkpoint(file)
    description = checkpoint.description
    if description.kind == "gan":
        raise _no_classifier(folder)
    config = read_config(
        description.config,
        ("seed", "monitor", "model"),
        folder=Path(folder),
        sources=description.sources,
        trust=trust,
    )
    whole = description.representation["kind"] == "trained backbone"
    if whole:
        # All weights are in the checkpoint; their input format may be another than the network's default.
        backbone = config.model.representation
        # The weights' tag decides on the shape of the last layer.
        backbone.name = with_tag(backbone.name, backbone.source, description.representation["weights"])
        backbone.weights = None
        for key in ("size", "mean", "std"):
            backbone[key] = description.features[key]
    representation = build_representation(config)
    _require_equal(description, representation, ("weights",) if whole else (), file)
    with torch.random.fork_rng():  # loading a run leaves the caller's random state alone
        classifier = build_classifier(
            config,
            representation.shape,
            representation.input_transform(),
            description,
        )
    classifier.load_state_dict(checkpoint.weights)
    return Predictor(classifier.eval(), description.classes, representation)


def _require_equal(description: Description, representation: Representation, free: Sequence[str], file: Path) -> None:
    """Refuses inputs with another meaning than those of training; warns of inputs that are computed differently.

    Args:
        description: description in the checkpoint.
        representation: representation that replaces the one of training.
        free: keys that may differ.
        file: checkpoint file.
    """
    before, now = (
        {key: value for key, value in features.items() if key not in free}
        for features in (description.features, representation.features())
    )
    if before != now:
        raise UserError(
            f"The representation is not the one that this run was trained on: {'; '.join(difference(before, now))}.",
            where=str(file),
            fix="the same weights and versions, or train again",
        )
    trained, here = (used.get("precision") for used in (description.representation, representation.describe()))
    if trained != here:
        log.warning(
            "This run was trained on features in %s, and computes them in %s here: they differ by under 2 %% in norm",
            trained,
            here,
        )
