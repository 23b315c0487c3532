"""Builds a classifier from its configuration."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import torch
from omegaconf import DictConfig
from torch import Tensor, nn

from emotionart.attribution.network import undisturbed
from emotionart.classifier.module import Classifier
from emotionart.config.compose import difference
from emotionart.config.instantiate import instantiate, model_arguments
from emotionart.draws import draw_seed
from emotionart.errors import UserError
from emotionart.networks.heads import Standardise
from emotionart.run.checkpoint import BEST, Description, read_checkpoint
from emotionart.run.folder import RunFolder


def build_classifier(
    config: DictConfig,
    in_shape: tuple[int, ...],
    input_transform: nn.Module,
    description: Description,
    *,
    optimizer: Callable[..., torch.optim.Optimizer] | None = None,
    scheduler: Callable[..., torch.optim.lr_scheduler.LRScheduler] | None = None,
) -> Classifier:
    """A classifier with weights drawn from `seed`.

    Args:
        config: configuration of the run.
        in_shape: shape of the network's input for one artwork.
        input_transform: module from a batch of inputs to the network's input.
        description: description of the classifier, which its checkpoints keep.
        optimizer, scheduler: factories for training; None for a classifier that only predicts.
    """
    torch.manual_seed(draw_seed(config.seed))
    classifier: Classifier = instantiate(
        model_arguments(config),
        in_shape=in_shape,
        input_transform=input_transform,
        classes=list(description.classes),
        counts=list(description.counts),
        voted=description.voted,
        optimizer=optimizer,
        scheduler=scheduler,
        monitor=config.monitor,
    )
    classifier.description = description
    classifier.temperature = description.temperature
    return classifier


def require_logits(classifier: Classifier, inputs: Tensor) -> None:
    """Checks before training that the network returns a logit for each class.

    Args:
        classifier: classifier, which is not changed.
        inputs: (B, ...) inputs of some artworks.

    Raises:
        UserError: if it returns anything else.
    """
    with undisturbed(classifier), torch.no_grad():
        logits = classifier(inputs)
    expected = (len(inputs), len(classifier.description.classes))
    found = tuple(logits.shape) if isinstance(logits, Tensor) else type(logits).__name__
    if found != expected:
        raise UserError(
            f"The network gives {found} for {expected[0]} artworks of {expected[1]} classes; it must give a logit for "
            f"each class: {expected}.",
            where=f"model.network._target_={classifier.description.config['model']['network']['_target_']}",
            fix="a last layer such as nn.Linear(width, num_classes), after nn.Flatten()",
        )


def start_from(classifier: Classifier, folder: Path) -> None:
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
    before, now = (
        {"classes": list(one.classes), **one.features} for one in (checkpoint.description, classifier.description)
    )
    fix = "a run of the same backbone, layer, pooling, head and classes, with model.freeze=all"
    if before != now:
        told = "; ".join(difference(before, now))
        raise UserError(f"The head of that run does not fit this model: {told}.", where=where, fix=fix)
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
