"""From a composed configuration to the objects of a run."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import torch
from hydra.errors import InstantiationException
from hydra.utils import instantiate as hydra_instantiate
from omegaconf import DictConfig, OmegaConf
from torch import nn

from emotionart.data.artworks import Artworks, prepare_artworks
from emotionart.data.datamodule import ArtworkData
from emotionart.data.draws import draw_seed
from emotionart.data.representation import PreparedInputs, Representation
from emotionart.errors import UserError
from emotionart.tasks.classification import Classifier

HELD_KEYS = frozenset({"representation", "backbone", "head", "freeze", "features", "texture", "colour"})
"""Keys of a model that other keys of it refer to, and that its task is not called with."""


def instantiate(node: Any, **given: Any) -> Any:
    """What a part of the configuration describes.

    Raises:
        UserError: for a value that its target refuses.
    """
    try:
        return hydra_instantiate(node, **given)
    except InstantiationException as error:
        if isinstance(error.__cause__, UserError):
            raise error.__cause__ from None
        if isinstance(error.__cause__, ValueError):
            raise UserError(f"{error.__cause__}.", where=_full_key(node)) from None
        raise


def _full_key(node: Any) -> str | None:
    return node._get_full_key(None) if isinstance(node, DictConfig) else None


def build_representation(config: DictConfig) -> Representation:
    """What the model eats."""
    representation: Representation = instantiate(config.model.representation)
    return representation


def build_artworks(config: DictConfig, size: int) -> Artworks:
    """The labelled and split artworks that `data` and `labels` ask for, decoded at `size` pixels."""
    return prepare_artworks(instantiate(config.data), instantiate(config.labels), size, Path(config.cache))


def build_inputs(
    config: DictConfig, representation: Representation, artworks: Artworks
) -> AbstractContextManager[PreparedInputs]:
    """The inputs of training and evaluation, in the views that `augment` asks for."""
    return representation.prepare(artworks, list(config.augment.views), _random(config), Path(config.cache))


def build_data(config: DictConfig, artworks: Artworks, inputs: PreparedInputs) -> ArtworkData:
    """The batches that `batch_size`, `seed` and `workers` ask for."""
    return ArtworkData(
        artworks,
        inputs.training,
        inputs.plain,
        views=len(config.augment.views),
        batch_size=config.batch_size,
        seed=config.seed,
        workers=config.workers,
    )


def build_classifier(
    config: DictConfig,
    in_shape: tuple[int, ...],
    first_layer: nn.Module,
    classes: Sequence[str],
    counts: Sequence[int],
    voted: bool,
) -> Classifier:
    """The model with weights drawn from `seed`, its optimiser and scheduler.

    Args:
        config: of the run.
        in_shape: of what the network takes for one artwork.
        first_layer: from a batch of inputs to what the network takes.
        classes: names of the K classes.
        counts: training artworks of each class.
        voted: whether the training target is a share of several votes.
    """
    torch.manual_seed(draw_seed(config.seed))
    model = OmegaConf.masked_copy(config.model, [key for key in config.model if key not in HELD_KEYS])
    model._set_parent(config)  # its interpolations look for keys of the whole configuration
    classifier: Classifier = instantiate(
        model,
        in_shape=in_shape,
        first_layer=first_layer,
        classes=list(classes),
        counts=list(counts),
        voted=voted,
        optimizer=instantiate(config.optimizer),
        scheduler=instantiate(config.scheduler),
        monitor=config.monitor,
    )
    return classifier


def _random(config: DictConfig) -> Callable[..., Any] | None:
    if not config.augment.random:
        return None
    os.environ.setdefault("NO_ALBUMENTATIONS_UPDATE", "1")  # importing it would ask the network for updates
    import albumentations

    compose: Callable[..., Any] = albumentations.Compose(list(instantiate(config.augment.random)))
    return compose
