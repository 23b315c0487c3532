"""Fits a model, from the start or from where it was interrupted; a classifier gets the weights of its best epoch."""

from __future__ import annotations

import logging
import os
import sys
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pytorch_lightning as pl
import torch
from omegaconf import DictConfig, OmegaConf
from pytorch_lightning.accelerators import AcceleratorRegistry
from pytorch_lightning.callbacks import ModelCheckpoint, RichProgressBar

from emotionart.classifier.module import Classifier
from emotionart.config.compose import best_is
from emotionart.data.datamodule import ArtworkData, EndlessBatches
from emotionart.errors import Failure, UserError
from emotionart.gan.module import GAN
from emotionart.run.build import instantiate
from emotionart.run.callbacks import (
    EpochLines,
    History,
    Row,
    StepwiseSeed,
    best_checkpoint,
    last_checkpoint,
)
from emotionart.run.folder import RunFolder


@dataclass(frozen=True)
class Fitted:
    """How training went.

    Attributes:
        history: a row of metrics for each epoch.
        epoch: the best one, from 0, whose weights were kept.
        monitored: its value of the monitored metric.
    """

    history: list[Row]
    epoch: int
    monitored: float


def set_threads(wanted: int | None) -> int:
    """Sets the CPU threads of torch, by default one for each core, and returns their number."""
    threads = wanted or os.cpu_count() or 1
    torch.set_num_threads(threads)
    return threads


def require_accelerator(config: DictConfig) -> None:
    """Before anything is computed: the machine has the device that `trainer.accelerator` names.

    Raises:
        UserError: if it has not.
    """
    here = {name for name in AcceleratorRegistry if AcceleratorRegistry[name]["accelerator"].is_available()}
    wanted = config.trainer.accelerator
    if wanted not in {"auto", *here, *(["gpu"] if here & {"cuda", "mps"} else [])}:
        raise UserError(
            f"This machine has no accelerator {wanted!r}, but {', '.join(sorted(here))}.",
            where=f"trainer.accelerator={wanted}",
            fix="trainer.accelerator=auto",
        )


def fit(
    config: DictConfig,
    classifier: Classifier,
    data: ArtworkData,
    folder: RunFolder,
    report: Callable[[Row], None],
    description: Mapping[str, Any],
) -> Fitted:
    """Trains the classifier, which has the weights of the best epoch afterwards.

    Args:
        config: of the run.
        classifier: to be trained.
        data: its batches.
        folder: of the run; if it holds a last checkpoint, training goes on from there.
        report: called with the metrics of each epoch.
        description: put into the checkpoints, so that they can be used without anything else.

    Raises:
        Failure: where no epoch had a finite monitored metric; the last weights are never taken in its place.
    """
    history = History(folder.path / "metrics.csv" if config.logger.metrics_csv else None, report)
    best = best_checkpoint(folder.checkpoints, config.monitor, best_is(config.monitor))
    callbacks = [
        *(instantiate(callback) for callback in config.callbacks.values()),
        *([] if _has_bar(config) else [EpochLines()]),
        history,
        best,
    ]
    classifier.description = description
    _fit(_trainer(config, folder, callbacks), classifier, data, folder)
    epoch = _load_best(best, classifier)
    assert best.best_model_score is not None
    return Fitted(history.rows, epoch, best.best_model_score.item())


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
    trainer = _trainer(config, folder, callbacks, max_epochs=epochs)
    gan.description = description
    _fit(trainer, gan, data, folder)


def _fit(trainer: pl.Trainer, model: pl.LightningModule, data: pl.LightningDataModule, folder: RunFolder) -> None:
    last = folder.checkpoints / "last.ckpt"
    trainer.fit(model, data, ckpt_path=last if last.exists() else None, weights_only=True)


def _has_bar(config: DictConfig) -> bool:
    """Whether progress is shown as a bar, and not line by line."""
    return bool(config.trainer.enable_progress_bar) and sys.stderr.isatty()


def _trainer(config: DictConfig, folder: RunFolder, callbacks: Sequence[pl.Callback], **changed: Any) -> pl.Trainer:
    """Lightning's Trainer with what every run has, and the run's last checkpoint after all other callbacks."""
    logging.getLogger("pytorch_lightning").setLevel(logging.WARNING)
    warnings.filterwarnings("ignore", message=".*does not have many workers.*")
    warnings.filterwarnings("ignore", message=".*Checkpoint directory .* exists and is not empty.*")
    warnings.filterwarnings("ignore", message=".*isinstance.treespec, LeafSpec.*")
    settings = OmegaConf.to_container(config.trainer, resolve=True)
    assert isinstance(settings, dict)
    del settings["threads"]
    bar = _has_bar(config)
    return instantiate(  # type: ignore[no-any-return]
        {**settings, "enable_progress_bar": bar, **changed},
        logger=False,
        enable_checkpointing=True,
        enable_model_summary=False,
        default_root_dir=str(folder.path),
        callbacks=[
            StepwiseSeed(config.seed),
            *([RichProgressBar(leave=False)] if bar else []),
            *callbacks,
            last_checkpoint(folder.checkpoints),
        ],
    )


def _load_best(best: ModelCheckpoint, classifier: Classifier) -> int:
    """Loads the weights of the best epoch, and returns its number."""
    if best.best_model_score is None:
        raise UserError(
            "No epoch was validated, so there are no best weights to test.",
            where="trainer.check_val_every_n_epoch, trainer.limit_val_batches",
            fix="more epochs, or validation after each",
        )
    # Lightning keeps the first epoch even if its metric is not a number, and then calls it infinite.
    if not torch.isfinite(best.best_model_score):
        raise Failure(
            f"No epoch gave a finite {best.monitor}, so there are no best weights to test.",
            where="checkpoints/best.ckpt",
            fix="a lower optimizer.lr, or another monitor",
        )
    checkpoint: dict[str, Any] = torch.load(best.best_model_path, map_location="cpu", weights_only=True)
    classifier.load_state_dict(checkpoint["state_dict"])
    epoch: int = checkpoint["epoch"]
    return epoch
