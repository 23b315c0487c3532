"""Fits a GAN."""

from __future__ import annotations

from collections.abc import Sequence

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
    reports: int,
    callbacks: Sequence[pl.Callback],
) -> pl.Trainer:
    """Trains a GAN, and returns its trainer, whose epochs are the times between two reports.

    Args:
        config: of the run.
        gan: to be trained.
        data: its batches.
        folder: of the run; if it holds a last checkpoint, training goes on from there.
        reports: number of epochs; `trainer.max_epochs`, where it is given, is not exceeded.
        callbacks: of the reports.
    """
    epochs = min(reports, config.trainer.max_epochs or reports)
    trainer = build_trainer(config, folder, callbacks, max_epochs=epochs)
    fit_module(trainer, gan, data, folder)
    return trainer
