"""Fits a classifier and loads the weights of its best epoch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytorch_lightning as pl
import torch
from omegaconf import DictConfig
from pytorch_lightning.callbacks import ModelCheckpoint

from emotionart.classifier.module import Classifier
from emotionart.config.instantiate import instantiate
from emotionart.config.resolvers import best_is
from emotionart.data.datamodule import ArtworkData
from emotionart.errors import Failure, UserError
from emotionart.run.devices.callback import AsOnOneDevice, has_unused_weights, learns_statistics
from emotionart.run.devices.rank import Rank
from emotionart.run.devices.signals import OwnSignals
from emotionart.run.folder import RunFolder
from emotionart.run.training.callbacks import EpochLines, History, Metrics
from emotionart.run.training.checkpoint import BEST, LAST, best_checkpoint, read_checkpoint
from emotionart.run.training.trainer import build_trainer, fit_module, shows_bar


@dataclass(frozen=True)
class FitResult:
    """The outcome of training.

    Attributes:
        history: one row of metrics per epoch.
        epoch: best epoch, from 0, whose weights were kept; None if nothing was trained.
        monitored: its value of the monitored metric.
        trainer: trainer that was used.
    """

    history: list[Metrics]
    epoch: int | None
    monitored: float
    trainer: pl.Trainer


def fit(
    config: DictConfig,
    classifier: Classifier,
    data: ArtworkData,
    folder: RunFolder,
    report: Callable[[Metrics], None],
    rank: Rank | None = None,
) -> FitResult:
    """Trains the classifier and loads the weights of its best epoch.

    Args:
        config: configuration of the run.
        classifier: classifier to train.
        data: training and validation batches.
        folder: run folder; training resumes from its last checkpoint, if there is one.
        report: called with the metrics of each epoch.
        rank: rank of this process in distributed training; None for a single process.

    Raises:
        UserError: for an interval of validation that is longer than an epoch, or a callback that watches the divergence
            from votes where there are none.
        Failure: if the monitored metric was never finite; there is no fallback to the last weights.
    """
    _require_validation(config, len(data.train_dataloader()))
    _require_votes(config, classifier.voted)
    history = History(folder.metrics if config.logger.metrics_csv else None, report)
    best = best_checkpoint(folder.checkpoints, config.monitor, best_is(config.monitor))
    callbacks = [
        *(instantiate(callback) for callback in config.callbacks.values()),
        *([] if shows_bar(config) else [EpochLines()]),
        history,
        best,
    ]
    several = {}
    if rank:
        callbacks += [OwnSignals(), AsOnOneDevice()]
        some = next(iter(data.ordered("train"))).inputs[:2]
        several = rank.settings(
            config.trainer.accelerator,
            unused=has_unused_weights(classifier, some),
            learns_statistics=learns_statistics(classifier),
        )
    trainer = build_trainer(config, folder, callbacks, partial(describe_metrics, config.monitor), **several)
    fit_module(trainer, classifier, data, folder)
    epoch = _load_best(best, classifier)
    assert best.best_model_score is not None
    return FitResult(history.rows, epoch, best.best_model_score.item(), trainer)


def _require_validation(config: DictConfig, batches: int) -> None:
    interval, every = config.trainer.val_check_interval, config.trainer.check_val_every_n_epoch
    if isinstance(interval, int) and every is not None and interval > batches:
        raise UserError(
            f"An epoch has {batches} batches, so none would be validated.",
            where=f"trainer.val_check_interval={interval}",
            fix=f"trainer.val_check_interval={batches}   or trainer.check_val_every_n_epoch=null, which counts on",
        )


def _require_votes(config: DictConfig, voted: bool) -> None:
    for name, callback in config.callbacks.items():
        if callback.get("monitor") == "val/kl" and not voted:
            raise UserError(
                "val/kl compares with votes, and this run learns from none.",
                where=f"callbacks.{name}.monitor=val/kl",
                fix=f"callbacks.{name}.monitor=val/nll",
            )


def keep(config: DictConfig, classifier: Classifier, data: ArtworkData, folder: RunFolder) -> FitResult:
    """Validates a classifier without trainable weights, and writes the checkpoints of a run of zero epochs.

    Args:
        config, classifier, data, folder: as for `fit`.
    """
    trainer = build_trainer(config, folder, [], partial(describe_metrics, config.monitor))
    (metrics,) = trainer.validate(classifier, data, verbose=False)
    trainer.save_checkpoint(folder.checkpoints / LAST)
    trainer.save_checkpoint(folder.checkpoints / BEST, weights_only=True)
    return FitResult([], None, metrics[config.monitor], trainer)


def describe_metrics(monitor: str, metrics: Mapping[str, float]) -> list[str]:
    """The text of the progress bar: loss, accuracy, and the best value so far of the monitored metric."""
    shown = {"train/loss": "loss {:.3f}", "val/loss": "val loss {:.3f}", "val/acc": "acc {:.1%}"}
    parts = {name: words.format(metrics[name]) for name, words in shown.items() if name in metrics}
    if "best" in metrics and monitor in parts:
        number = shown[monitor].rpartition(" ")[2].format(metrics["best"])
        parts[monitor] += f" (best {number})"
    elif "best" in metrics:
        parts["best"] = f"best {monitor} {metrics['best']:.3f}"
    return list(parts.values())


def _load_best(best: ModelCheckpoint, classifier: Classifier) -> int:
    """Loads the weights of the best epoch, and returns its number."""
    if best.best_model_score is None:
        raise UserError(
            "No epoch was validated, so there are no best weights to test.",
            where="trainer.check_val_every_n_epoch, trainer.limit_val_batches",
            fix="more epochs, or validation after each",
        )
    # Lightning keeps the first epoch even if its metric is NaN, and then records it as infinite.
    if not torch.isfinite(best.best_model_score):
        raise Failure(
            f"No epoch gave a finite {best.monitor}, so there are no best weights to test.",
            where="checkpoints/best.ckpt",
            fix="a lower optimizer.lr, or another monitor",
        )
    checkpoint = read_checkpoint(Path(best.best_model_path))
    classifier.load_state_dict(checkpoint.weights)
    return checkpoint.epoch
