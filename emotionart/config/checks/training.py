"""Checks that the settings of training fit together: metric, optimiser, length, order of batches."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from emotionart.config.nearest import nearest_keys
from emotionart.errors import UserError
from emotionart.ranges import MOST

_TRAINING_METRICS = ("train/loss", "train/acc")
"""What is logged at the end of a training epoch, after its validation."""


def check_training(config: Mapping[str, Any], task: Callable[..., Any]) -> list[UserError]:
    """Errors in how a model is trained.

    Args:
        config: resolved configuration.
        task: class of the model.
    """
    return [
        *_check_monitor(config, task),
        *_check_callbacks(config, task),
        *_check_whole_fit(config),
        *_check_validation(config),
        *_check_end(config),
        *_check_overfit(config),
    ]


def _validated(task: Callable[..., Any]) -> list[str]:
    """The validation metrics that a task logs; empty if they are not known."""
    return [f"val/{name}" for name in getattr(task, "VALIDATION_METRICS", ())]


def _check_monitor(config: Mapping[str, Any], task: Callable[..., Any]) -> list[UserError]:
    names = _validated(task)
    return _check_logged("monitor", config["monitor"], names) if names else []


def _check_callbacks(config: Mapping[str, Any], task: Callable[..., Any]) -> list[UserError]:
    """Errors for callbacks that watch a metric which is not logged, or not yet when they look."""
    names = _validated(task)
    mistakes: list[UserError] = []
    for name, node in config["callbacks"].items() if names else ():
        metric, key = node.get("monitor"), f"callbacks.{name}.monitor"
        if metric is None or metric == config["monitor"]:  # told of by `_check_monitor`
            continue
        mistakes += _check_logged(key, metric, [*names, *_TRAINING_METRICS])
        if metric in _TRAINING_METRICS and node.get("check_on_train_epoch_end") is False:
            what = f"{metric} is not known yet when validation ends, which is when this callback looks at it."
            fix = f"callbacks.{name}.check_on_train_epoch_end=true"
            mistakes.append(UserError(what, where=f"{key}={metric}", fix=fix))
    return mistakes


def _check_logged(key: str, metric: str, names: Sequence[str]) -> list[UserError]:
    if metric in names:
        return []
    close = nearest_keys(f"val/{metric.rpartition('/')[2]}", names) or names
    return [
        UserError(
            f"The model logs no metric {metric!r}; it logs {', '.join(names)}.",
            where=key,
            suggestions=close,
            fix=f"{key}={close[0]}",
        )
    ]


def _check_validation(config: Mapping[str, Any]) -> list[UserError]:
    """Errors for training without any validation, and for a schedule that follows one which some epochs lack."""
    trainer = config["trainer"]
    every, epochs = trainer["check_val_every_n_epoch"], trainer["max_epochs"]
    where = f"trainer.check_val_every_n_epoch={'null' if every is None else every}"
    if every == 1 or "generator" in config:
        return []
    if every is not None and epochs and every > epochs:
        what = f"No epoch would be validated: training has {epochs}, and validation is due after every {every}."
        return [UserError(what, where=where, fix=f"trainer.check_val_every_n_epoch={epochs}   or fewer")]
    if not config["scheduler"]["_target_"].endswith(".ReduceLROnPlateau"):
        return []
    what = "This schedule follows the monitored metric from epoch to epoch, and not every epoch would be validated."
    return [UserError(what, where=where, fix="trainer.check_val_every_n_epoch=1   or scheduler=cosine")]


def _check_whole_fit(config: Mapping[str, Any]) -> list[UserError]:
    """Errors for L-BFGS, which needs one fixed function: the loss of all training artworks."""
    if not config["optimizer"]["_target_"].endswith(".PenalisedLBFGS"):
        return []
    mistakes = []
    if config["batch_size"] < MOST:
        what = "Logistic regression is fitted to all training artworks at once, not to batches."
        mistakes.append(UserError(what, where=f"batch_size={config['batch_size']}", fix=f"batch_size={MOST}"))
    trainer = config["trainer"]
    if trainer["accumulate_grad_batches"] != 1:
        what = "Logistic regression has a single batch; accumulating would only divide its loss, and not its penalty."
        where = f"trainer.accumulate_grad_batches={trainer['accumulate_grad_batches']}"
        mistakes.append(UserError(what, where=where, fix="trainer.accumulate_grad_batches=1"))
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
