"""Fits a GAN."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import pytorch_lightning as pl
import torch
from omegaconf import DictConfig

from emotionart.data.datamodule import EndlessBatches
from emotionart.gan.health.monitor import STATES
from emotionart.gan.module import GAN
from emotionart.inputs.precision import resolve_precision
from emotionart.run.devices.callback import AsOnOneDevice, SharedStatistics
from emotionart.run.devices.rank import Rank
from emotionart.run.devices.signals import OwnSignals
from emotionart.run.folder import RunFolder
from emotionart.run.training.trainer import build_trainer, fit_module


def trainer_precision(config: DictConfig) -> str:
    """`trainer.precision`; if it is null, bfloat16 where the device supports it."""
    precision: str | None = config.trainer.precision
    return precision or ("bf16-mixed" if resolve_precision("auto") == "bfloat16" else "32-true")


def describe_metrics(grace: int, metrics: Mapping[str, float]) -> list[str]:
    """The text of the progress bar: the monitor's state and losses.

    Args:
        grace: images before which the monitor does not judge.
        metrics: metrics so far.
    """
    shown = {"gan/d_loss": "D loss {:.3f}", "gan/g_loss": "G loss {:.3f}"}
    parts = [words.format(metrics[name]) for name, words in shown.items() if name in metrics]
    if "gan/state" not in metrics:
        return parts
    state: str = STATES[int(metrics["gan/state"])]
    if state == "healthy" and metrics["gan/images"] <= grace:
        state = "not judged yet"
    return [state, *parts]


def fit_gan(
    config: DictConfig,
    gan: GAN,
    data: EndlessBatches,
    folder: RunFolder,
    reports: int,
    callbacks: Sequence[pl.Callback],
    rank: Rank | None = None,
) -> pl.Trainer:
    """Trains a GAN and returns its trainer, with one epoch per report.

    Args:
        config: configuration of the run.
        gan: GAN to train.
        data: training batches.
        folder: run folder; training resumes from its last checkpoint, if there is one.
        reports: number of epochs, limited by `trainer.max_epochs` if that is set.
        callbacks: callbacks of the reports.
        rank: rank of this process among those of several devices; None for a single device.
    """
    epochs = min(reports, config.trainer.max_epochs or reports)
    precision = trainer_precision(config)
    several = rank.manual_settings() if rank else {}
    if rank:
        callbacks = [OwnSignals(), AsOnOneDevice(), SharedStatistics(), *callbacks]
    describe = partial(describe_metrics, config.model.monitor.grace)
    settings = {"max_epochs": epochs, "precision": precision, **several}
    trainer = build_trainer(config, folder, callbacks, describe, config.batch_size, **settings)
    if precision == "bf16-mixed":  # convolutions in it are fastest with channels last
        gan.to(memory_format=torch.channels_last)
    fit_module(trainer, gan, data, folder)
    return trainer
