"""Starts a classifier from the best weights of another run: its head, or everything that fits."""

from __future__ import annotations

import logging
from pathlib import Path

from torch import Tensor

from emotionart.classifier.module import Classifier
from emotionart.classifier.predictor import best_weights
from emotionart.config.relevance import difference
from emotionart.errors import UserError
from emotionart.networks.heads import Standardise
from emotionart.run.folder import RunFolder
from emotionart.run.training.checkpoint import BEST, Description, read_checkpoint

log = logging.getLogger(__name__)


def load_head(classifier: Classifier, folder: Path) -> None:
    """Loads the head of another run's classifier, and the standardisation before it.

    With a trainable backbone, this is fine-tuning from the linear probe (Kumar et al. 2022): a random head would first
    distort the backbone's features.

    Raises:
        UserError: if the folder holds no trained head, or one for other classes or another backbone's features.
    """
    where = f"model.start={folder}"
    file = RunFolder(folder).checkpoints / BEST
    if not file.exists():
        raise UserError("There is no trained classifier in this folder.", where=where)
    checkpoint = read_checkpoint(file)
    fix = "a run of the same backbone, layer, pooling, head and classes, with model.freeze=all"
    if changes := _other_data(checkpoint.description, classifier.description):
        raise UserError(f"The head of that run does not fit this model: {changes}.", where=where, fix=fix)
    standardise = next((part for part in classifier.input.modules() if isinstance(part, Standardise)), None)
    parts = {"network.": classifier.network, "input.": standardise}
    for prefix, part in parts.items():
        state = {
            name.removeprefix(prefix): tensor for name, tensor in checkpoint.weights.items() if name.startswith(prefix)
        }
        try:
            if part is None:
                raise RuntimeError("this model has no head on features")
            part.load_state_dict(state)
        except RuntimeError as error:
            raise UserError(
                f"The head of that run does not fit this model: {str(error).splitlines()[-1].strip()}",
                where=where,
                fix=fix,
            ) from None


def load_fitting_weights(classifier: Classifier, folder: Path) -> None:
    """Loads those of another run's best weights whose name and shape match, and lists the others.

    Raises:
        UserError: if the folder holds no classifier, or none of its weights fit.
    """
    checkpoint = read_checkpoint(best_weights(folder))
    theirs, own = checkpoint.weights, classifier.state_dict()
    fitting = {name: tensor for name, tensor in theirs.items() if name in own and own[name].shape == tensor.shape}
    if not fitting:
        raise UserError(
            "None of that run's weights fit this network.",
            where=f"start={folder}",
            fix="a run of the same model, or without start",
        )
    if changes := _other_data(checkpoint.description, classifier.description):
        log.warning("that run had other data: %s", changes)
    classifier.load_state_dict(fitting, strict=False)
    log.info("starts from %d of %d weights of %s", len(fitting), len(own), folder)
    others = [f"{name} {_shapes(own.get(name), theirs.get(name))}" for name in {**own, **theirs} if name not in fitting]
    if others:
        log.warning("these weights do not fit and are initialised as usual: %s", "; ".join(others))


def _other_data(theirs: Description, own: Description) -> str:
    """Differences in the classes and in what a head's inputs depend on, as text; "" if there are none."""
    before, now = ({"classes": list(one.classes), **one.features} for one in (theirs, own))
    return "; ".join(difference(before, now))


def _shapes(own: Tensor | None, theirs: Tensor | None) -> str:
    """The shape of a weight in this network and in that run."""
    here, there = ("absent" if one is None else " x ".join(map(str, one.shape)) or "1" for one in (own, theirs))
    return f"(here {here}, there {there})"
