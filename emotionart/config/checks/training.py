"""Checks that the settings of training fit together: metric, optimiser, length, order of batches."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from emotionart.config.nearest import nearest_keys
from emotionart.errors import UserError
from emotionart.ranges import MOST


def check_training(config: Mapping[str, Any], task: Callable[..., Any]) -> list[UserError]:
    """Errors in how a model is trained.

    Args:
        config: resolved configuration.
        task: class of the model.
    """
    return [
        *_check_monitor(config, task),
        *_check_whole_fit(config),
        *_check_end(config),
        *_check_overfit(config),
    ]


def _check_monitor(config: Mapping[str, Any], task: Callable[..., Any]) -> list[UserError]:
    names = [f"val/{name}" for name in getattr(task, "VALIDATION_METRICS", ())]
    if not names or config["monitor"] in names:
        return []
    close = nearest_keys(f"val/{config['monitor'].rpartition('/')[2]}", names) or names
    return [
        UserError(
            f"The model logs no metric {config['monitor']!r}; it logs {', '.join(names)}.",
            where="monitor",
            suggestions=close,
            fix=f"monitor={close[0]}",
        )
    ]


def _check_whole_fit(config: Mapping[str, Any]) -> list[UserError]:
    """Errors for L-BFGS, which needs one fixed function: the loss of all training artworks."""
    if not config["optimizer"]["_target_"].endswith(".PenalisedLBFGS"):
        return []
    mistakes = []
    if config["batch_size"] < MOST:
        what = "Logistic regression is fitted to all training artworks at once, not to batches."
        mistakes.append(UserError(what, where=f"batch_size={config['batch_size']}", fix=f"batch_size={MOST}"))
    trainer = config["trainer"]
    if trainer["gradient_clip_val"] is not None or trainer["precision"] == "16-mixed":
        what = "L-BFGS searches along the very function that it fits: gradients can be neither clipped nor scaled."
        where = "trainer.gradient_clip_val, trainer.precision"
        mistakes.append(UserError(what, where=where, fix="trainer.gradient_clip_val=null trainer.precision=32-true"))
    return mistakes


def _check_end(config: Mapping[str, Any]) -> list[UserError]:
    """An error for a classifier's training without an end; a GAN's ends after `model.images`."""
    trainer = config["trainer"]
    ends = trainer["max_epochs"] or trainer["max_steps"] != -1 or trainer["max_time"] or "generator" in config
    return (
        []
        if ends
        else [UserError("Training would never end.", where="trainer.max_epochs", fix="trainer.max_epochs=30")]
    )


def _check_overfit(config: Mapping[str, Any]) -> list[UserError]:
    """An error for `overfit_batches`, which would replace the run's own order of batches."""
    batches = config["trainer"]["overfit_batches"]
    if not batches:
        return []
    few = int(batches) if batches >= 1 else batches
    return [
        UserError(
            "A run has an order of batches of its own, which Lightning cannot replace.",
            where=f"trainer.overfit_batches={batches}",
            fix=f"trainer.limit_train_batches={few}",
        )
    ]
