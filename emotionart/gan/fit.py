"""Fits a GAN."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytorch_lightning as pl
from omegaconf import DictConfig

from emotionart.data.datamodule import EndlessBatches
from emotionart.gan.module import GAN
from emotionart.run.folder import RunFolder
from emotionart.run.trainer import build_trainer, fit_module


def fit_gan(
    config: DictConfig,
    gan: GAN,
    data: EndlessBatches,
    folder: RunFolder,
    description: Mapping[str, Any],
    reports: int,
    callbacks: Sequence[pl.Callback],
) -> None:
    """Trains a GAN, whose epochs are the times between two reports.

    Args:
        config: of the run.
        gan: to be trained.
        data: its batches.
        folder: of the run; if it holds a last checkpoint, training goes on from there.
        description: put into the checkpoints.
        reports: number of epochs; `trainer.max_epochs`, where it is given, is not exceeded.
        callbacks: of the reports.
    """
    epochs = min(reports, config.trainer.max_epochs or reports)
    trainer = build_trainer(config, folder, callbacks, max_epochs=epochs)
    gan.description = description
    fit_module(trainer, gan, data, folder)
