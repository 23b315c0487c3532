"""Builds artworks, their inputs and batches from a composed configuration."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path

from omegaconf import DictConfig

from emotionart.config.instantiate import instantiate
from emotionart.data.artworks import Artworks
from emotionart.data.datamodule import ArtworkData, EndlessBatches, PseudoLabels
from emotionart.data.prepare import prepare_artworks
from emotionart.data.source import Source
from emotionart.data.tables.labels import OneClass
from emotionart.errors import UserError
from emotionart.inputs.representation import PreparedInputs, Representation
from emotionart.run.augmentation import build_augmentation
from emotionart.run.devices.torch_devices import devices_of


def build_representation(config: DictConfig) -> Representation:
    """The representation of the model's inputs."""
    representation: Representation = instantiate(config.model.representation)
    return representation


def build_artworks(config: DictConfig, size: int) -> Artworks:
    """The labelled and split artworks of `data` and `labels`, decoded at `size` pixels."""
    return prepare_artworks(instantiate(config.data), instantiate(config.labels), size, Path(config.cache))


def build_unlabelled(config: DictConfig, size: int) -> Artworks:
    """The same artworks and split without labels, all in one class; includes unlabelled artworks."""
    source: Source = instantiate(config.data)
    return prepare_artworks(source.without_labels(), OneClass(), size, Path(config.cache))


def build_generated(config: DictConfig, size: int) -> Artworks:
    """The artworks of a GAN: labelled ones if it is conditional, else all."""
    return (build_unlabelled if config.model.condition is None else build_artworks)(config, size)


def build_inputs(
    config: DictConfig, representation: Representation, artworks: Artworks
) -> AbstractContextManager[PreparedInputs]:
    """The inputs of training and evaluation, in the views of `augment`."""
    random = build_augmentation(config, artworks.pixels.shape[1])
    return representation.prepare(
        artworks, list(config.augment.views), random, Path(config.cache), devices_of(config.trainer)
    )


def build_data(
    config: DictConfig, artworks: Artworks, inputs: PreparedInputs, pseudo_labels: PseudoLabels | None = None
) -> ArtworkData:
    """The batches, by `batch_size`, `seed` and `workers`; pseudo-labelled pictures are added to training."""
    return ArtworkData(
        artworks,
        inputs.training,
        inputs.evaluation,
        views=len(config.augment.views),
        batch_size=config.batch_size,
        seed=config.seed,
        workers=config.workers,
        pseudo_labels=pseudo_labels,
    )


def build_endless_data(config: DictConfig, artworks: Artworks, inputs: PreparedInputs, steps: int) -> EndlessBatches:
    """Endless full training batches, in epochs of `steps` steps.

    Raises:
        UserError: for fewer training pictures than the batch size.
    """
    dataset = build_data(config, artworks, inputs).dataset("train", training=True)
    if len(dataset) < config.batch_size:
        raise UserError(
            f"The training split has {len(dataset)} pictures, fewer than a batch of {config.batch_size}.",
            where="batch_size",
            fix=f"batch_size={len(dataset)}   or more pictures, or smaller data.test_share and data.validation_share",
        )
    return EndlessBatches(dataset, config.batch_size, config.seed, config.workers, steps)
