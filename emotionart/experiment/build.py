"""From a composed configuration to the objects of a run."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from hydra.utils import instantiate
from omegaconf import DictConfig

from emotionart.data.artworks import Artworks, prepare_artworks
from emotionart.data.datamodule import ArtworkData
from emotionart.data.draws import draw_seed
from emotionart.data.views import parse_views
from emotionart.tasks.classification import Classifier

if TYPE_CHECKING:
    from emotionart.data.representation import Pixels


def build_artworks(config: DictConfig) -> Artworks:
    """The labelled and split artworks that `data`, `labels` and the model's representation ask for."""
    representation: Pixels = instantiate(config.model.representation)
    return prepare_artworks(
        instantiate(config.data), instantiate(config.labels), representation.size, Path(config.cache)
    )


def build_data(config: DictConfig, artworks: Artworks) -> ArtworkData:
    """The batches that `augment`, `batch_size`, `seed` and `workers` ask for."""
    random = None
    if config.augment.random:
        os.environ.setdefault("NO_ALBUMENTATIONS_UPDATE", "1")  # importing it would ask the network for updates
        import albumentations

        random = albumentations.Compose(list(instantiate(config.augment.random)))
    return ArtworkData(
        artworks, parse_views(config.augment.views), random, config.batch_size, config.seed, config.workers
    )


def build_classifier(config: DictConfig, classes: Sequence[str], counts: Sequence[int], voted: bool) -> Classifier:
    """The model with weights drawn from `seed`, its optimiser and scheduler.

    Args:
        config: of the run.
        classes: names of the K classes.
        counts: training artworks of each class.
        voted: whether the training target is a share of several votes.
    """
    torch.manual_seed(draw_seed(config.seed))
    classifier: Classifier = instantiate(
        config.model,
        classes=list(classes),
        counts=list(counts),
        voted=voted,
        optimizer=instantiate(config.optimizer),
        scheduler=instantiate(config.scheduler),
        monitor=config.monitor,
    )
    return classifier
