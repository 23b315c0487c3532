"""Builds a classifier from its configuration."""

from __future__ import annotations

from collections.abc import Callable

import torch
from omegaconf import DictConfig
from torch import Tensor

from emotionart.attribution.network import undisturbed
from emotionart.classifier.module import Classifier
from emotionart.config.instantiate import instantiate, model_arguments
from emotionart.draws import draw_seed
from emotionart.errors import UserError
from emotionart.networks.input_transform import InputTransform
from emotionart.run.training.checkpoint import Description


def build_classifier(
    config: DictConfig,
    in_shape: tuple[int, ...],
    input_transform: InputTransform,
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
    actual = tuple(logits.shape) if isinstance(logits, Tensor) else type(logits).__name__
    if actual != expected:
        raise UserError(
            f"The network gives {actual} for {expected[0]} artworks of {expected[1]} classes; it must give a logit for "
            f"each class: {expected}.",
            where=f"model.network._target_={classifier.description.config['model']['network']['_target_']}",
            fix="a last layer such as nn.Linear(width, num_classes), after nn.Flatten()",
        )
