"""Creates optimisers, schedulers, Trainer and callbacks on a trial basis, to find what only they can refuse.

It takes milliseconds, and spares a run that would fail after its data were read.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any

from emotionart.config.instantiate import instantiate
from emotionart.errors import UserError, first_line

_NO_TRIAL = {"_target_", "threads", "accelerator", "devices", "deterministic", "benchmark", "enable_progress_bar"}
"""Keys of `trainer` that are checked elsewhere, or that would change this process."""

_WANT_A_LOGGER = ("LearningRateMonitor", "DeviceStatsMonitor", "ThroughputMonitor")
_AVERAGE = ("StochasticWeightAveraging", "WeightAveraging")  # the latter also EMAWeightAveraging


def rehearse(config: Mapping[str, Any]) -> list[UserError]:
    """The errors that the targets of a resolved configuration raise."""
    with _quiet():
        return [*_try_trainer(config["trainer"]), *_try_optimizer(config), *_try_callbacks(config["callbacks"])]


def _try_trainer(settings: Mapping[str, Any]) -> Iterator[UserError]:
    import pytorch_lightning as pl

    tried = {key: value for key, value in settings.items() if key not in _NO_TRIAL}

    def refusal(chosen: Mapping[str, Any]) -> Exception | None:
        plain = {"logger": False, "enable_checkpointing": False, "enable_progress_bar": False}
        return _refusal(lambda: pl.Trainer(**{**plain, "enable_model_summary": False, **chosen}))

    together = refusal(tried)
    if together is None:
        return
    alone = {key: error for key, value in tried.items() if (error := refusal({key: value}))}
    for key, error in alone.items() or [("", together)]:
        yield UserError(f"Lightning's Trainer refuses this: {first_line(error)}", where=f"trainer.{key}".rstrip("."))


def _try_optimizer(config: Mapping[str, Any]) -> Iterator[UserError]:
    import torch

    weight = torch.nn.Parameter(torch.zeros(1))
    weight.grad = torch.zeros(1)
    node = config["optimizer"].get("algorithm", config["optimizer"])
    made: list[Any] = []
    rate = {} if "lr" in node else {"lr": 0.1}
    if error := _refusal(lambda: made.append(instantiate(node)([weight], **rate))):
        yield UserError(f"{node['_target_']} refuses its arguments: {first_line(error)}", where="optimizer")
        return
    if "generator" in config:  # a GAN uses no scheduler
        return
    node = config["scheduler"]

    def two_epochs() -> None:
        scheduler = instantiate(node)(made[0])
        for _ in range(2):
            made[0].step(lambda: torch.zeros(()))  # some need a loss
            plateau = isinstance(scheduler, torch.optim.lr_scheduler.ReduceLROnPlateau)
            scheduler.step(0.0) if plateau else scheduler.step()

    if error := _refusal(two_epochs):
        yield UserError(f"{node['_target_']} refuses its arguments: {first_line(error)}", where="scheduler")


def _try_callbacks(callbacks: Mapping[str, Any]) -> Iterator[UserError]:
    for name, node in callbacks.items():
        target = node["_target_"]
        if target.startswith("pytorch_lightning.") and target.endswith(_WANT_A_LOGGER):
            what = f"{target} wants a logger of Lightning's, and a run has its own."
            yield UserError(what, where=f"callbacks.{name}", fix=f"without callbacks.{name}")
        elif target.startswith("pytorch_lightning.") and target.endswith(_AVERAGE):
            what = f"A run keeps and tests weights as they were trained, and not the average that {target} makes."
            yield UserError(what, where=f"callbacks.{name}", fix=f"without callbacks.{name}")
        elif error := _refusal(partial(instantiate, node)):
            yield UserError(f"{target} refuses its arguments: {first_line(error)}", where=f"callbacks.{name}")


def _refusal(attempt: Callable[[], object]) -> Exception | None:
    try:
        attempt()
    except Exception as error:
        return error
    return None


@contextmanager
def _quiet() -> Iterator[None]:
    """Silences Lightning's messages about devices, and warnings."""
    logger = logging.getLogger("pytorch_lightning")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)
