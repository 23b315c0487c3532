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

from emotionart.classifier.module import Classifier
from emotionart.config.compose import difference
from emotionart.data.artworks import Artworks, prepare_artworks
from emotionart.data.datamodule import ArtworkData, EndlessBatches
from emotionart.data.source import Source
from emotionart.data.tables.labels import OneClass
from emotionart.draws import draw_seed
from emotionart.errors import UserError
from emotionart.gan.module import GAN, Players
from emotionart.inputs.representation import PreparedInputs, Representation
from emotionart.networks.heads import Standardise

HELD_KEYS = frozenset(
    {
        "representation",
        "backbone",
        "head",
        "freeze",
        "features",
        "texture",
        "colour",
        "start",
        "monitor",
        "samples",
        "kid_subset",
    }
)
"""Keys of a model that other keys of it refer to, and that its task is not called with."""


_SAME_FEATURES = frozenset({"name", "source", "weights_digest", "layer", "pool", "size", "mean", "std", "scale"})
"""What must be alike in two descriptions of a backbone for a head on the one to fit the other."""


def instantiate(node: Any, **given: Any) -> Any:
    """What a part of the configuration describes.

    Raises:
        UserError: for a value that its target refuses.
        Exception: whatever else the target raises.
    """
    try:
        return hydra_instantiate(node, **given)
    except InstantiationException as error:
        if isinstance(error.__cause__, UserError):
            raise error.__cause__ from None
        if isinstance(error.__cause__, ValueError):
            raise UserError(f"{error.__cause__}.", where=_full_key(node)) from None
        raise error.__cause__ or error from None


def _full_key(node: Any) -> str | None:
    return node._get_full_key(None) if isinstance(node, DictConfig) else None


def build_representation(config: DictConfig) -> Representation:
    """What the model eats."""
    representation: Representation = instantiate(config.model.representation)
    return representation


def build_artworks(config: DictConfig, size: int) -> Artworks:
    """The labelled and split artworks that `data` and `labels` ask for, decoded at `size` pixels."""
    return prepare_artworks(instantiate(config.data), instantiate(config.labels), size, Path(config.cache))


def build_unlabelled(config: DictConfig, size: int) -> Artworks:
    """The same artworks and parts for what looks at no labels, in one class; unlabelled ones are among them."""
    source: Source = instantiate(config.data)
    return prepare_artworks(source.without_labels(), OneClass(), size, Path(config.cache))


def build_generated(config: DictConfig, size: int) -> Artworks:
    """The artworks that a GAN learns from: labelled ones where it is told of classes, else all."""
    return (build_unlabelled if config.model.condition is None else build_artworks)(config, size)


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


def build_endless_data(config: DictConfig, artworks: Artworks, inputs: PreparedInputs, steps: int) -> EndlessBatches:
    """Full training batches without end, in epochs of so many steps.

    Raises:
        UserError: for fewer training pictures than a batch has.
    """
    dataset = build_data(config, artworks, inputs).dataset("train", training=True)
    if len(dataset) < config.batch_size:
        raise UserError(
            f"The training part has {len(dataset)} pictures, fewer than a batch of {config.batch_size}.",
            where="batch_size",
            fix=f"batch_size={len(dataset)}   or more pictures, or smaller data.test_share and data.validation_share",
        )
    return EndlessBatches(dataset, config.batch_size, config.seed, config.workers, steps)


def build_gan(config: DictConfig, first_layer: nn.Module, counts: Sequence[int] | None = None) -> GAN:
    """Both networks with weights drawn from `seed`, and how they learn.

    Args:
        config: of the run.
        first_layer: from stored pictures to what the discriminator takes.
        counts: training artworks of each class, for a model with a condition.

    Raises:
        UserError: where `optimizer` is not one for two players, or the networks' sizes do not fit.
    """
    players = instantiate(config.optimizer)
    if not isinstance(players, Players):
        raise UserError(
            "A GAN has two players, each with a learning rate of its own.", where="optimizer", fix="optimizer=adam_gan"
        )
    torch.manual_seed(draw_seed(config.seed))
    gan: GAN = instantiate(
        _without_held(config),
        generator=instantiate(config.generator),
        discriminator=instantiate(config.discriminator),
        first_layer=first_layer,
        optimizer=players,
        counts=counts,
    )
    return gan


def _without_held(config: DictConfig) -> DictConfig:
    """The model without what only other keys of it refer to."""
    model = OmegaConf.masked_copy(config.model, [key for key in config.model if key not in HELD_KEYS])
    model._set_parent(config)  # its interpolations look for keys of the whole configuration
    return model


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
    classifier: Classifier = instantiate(
        _without_held(config),
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


def start_from(classifier: Classifier, representation: Representation, classes: Sequence[str], folder: Path) -> None:
    """Gives the classifier the head, and the standardisation before it, that another run has trained.

    With a backbone that is trained along, this is fine-tuning from the linear probe (Kumar et al. 2022): a random head
    would first spoil the backbone's features.

    Raises:
        UserError: if the folder holds no trained head, or one for other classes or of another backbone's features.
    """
    where = f"model.start={folder}"
    file = folder / "checkpoints" / "best.ckpt"
    if not file.exists():
        raise UserError("There is no trained classifier in this folder.", where=where)
    checkpoint = torch.load(file, map_location="cpu", weights_only=True)
    learnt = checkpoint["emotionart"]
    before, now = (
        {"classes": list(names)} | {key: value for key, value in used.items() if key in _SAME_FEATURES}
        for names, used in ((learnt["classes"], learnt["representation"]), (classes, representation.describe()))
    )
    fix = "a run of the same backbone, layer, pooling, head and classes, with model.freeze=all"
    if before != now:
        told = "; ".join(difference(before, now))
        raise UserError(f"The head of that run does not fit this model: {told}.", where=where, fix=fix)
    trained: dict[str, torch.Tensor] = checkpoint["state_dict"]
    standardise = next((part for part in classifier.input.modules() if isinstance(part, Standardise)), None)
    parts = {"network.": classifier.network, "input.": standardise}
    for prefix, part in parts.items():
        state = {name.removeprefix(prefix): tensor for name, tensor in trained.items() if name.startswith(prefix)}
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


def _random(config: DictConfig) -> Callable[..., Any] | None:
    if not config.augment.random:
        return None
    os.environ.setdefault("NO_ALBUMENTATIONS_UPDATE", "1")  # importing it would ask the network for updates
    import albumentations

    compose: Callable[..., Any] = albumentations.Compose(list(instantiate(config.augment.random)))
    return compose
