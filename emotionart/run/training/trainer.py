"""Lightning's Trainer with the settings of every run."""

from __future__ import annotations

import logging
import sys
import warnings
from collections.abc import Iterator, Sequence, Set
from contextlib import contextmanager
from typing import Any

import pytorch_lightning as pl
import torch
from lightning_fabric.plugins.environments.slurm import SLURMEnvironment
from lightning_fabric.utilities.exceptions import MisconfigurationException
from omegaconf import DictConfig, OmegaConf
from pytorch_lightning.accelerators import AcceleratorRegistry

from emotionart.config.checks.devices import SHARED, device_count
from emotionart.config.instantiate import instantiate
from emotionart.cores import available_cores, usual_threads
from emotionart.errors import UserError, first_line
from emotionart.run.folder import RunFolder
from emotionart.run.training.bar import DescribeMetrics, TrainingBar
from emotionart.run.training.callbacks import StepwiseSeed
from emotionart.run.training.checkpoint import AtomicCheckpointIO, TrainingOver, last_checkpoint, newest_checkpoint
from emotionart.run.training.precision import set_fast_precision


def set_threads(requested: int | None, cores: int | None = None, devices: int = 1) -> int:
    """Sets the CPU threads of torch, by default one per core or OMP_NUM_THREADS if fewer, and returns their number.

    Args:
        requested: number of threads; None for the default.
        cores: cores available to the run; None for all.
        devices: number of processes that share them.
    """
    threads = requested or usual_threads((cores or available_cores()) // devices)
    torch.set_num_threads(threads)
    return threads


def require_accelerator(config: DictConfig) -> None:
    """Checks that the machine has the devices that `trainer` names.

    Raises:
        UserError: if it does not.
    """
    here = {name for name in AcceleratorRegistry if AcceleratorRegistry[name]["accelerator"].is_available()}
    accelerator = config.trainer.accelerator
    if accelerator not in {"auto", *here, *(["gpu"] if here & {"cuda", "mps"} else [])}:
        raise UserError(
            f"This machine has no accelerator {accelerator!r}; it has {', '.join(sorted(here))}.",
            where=f"trainer.accelerator={accelerator}",
            fix="trainer.accelerator=auto",
        )
    _require_devices(
        config.trainer.devices, device_count(config.trainer), set() if accelerator == "cpu" else here - {"cpu"}
    )


def _require_devices(devices: Any, count: int, accelerators: Set[str]) -> None:
    where = f"trainer.devices={devices}"
    if not accelerators:
        if not isinstance(devices, int | str):
            what = "GPUs are chosen by number; of the CPU there is only how many processes share a batch."
            raise UserError(what, where=where, fix=f"trainer.devices={count}")
        return
    most = max(AcceleratorRegistry[name]["accelerator"].auto_device_count() for name in accelerators)
    if count > most:
        raise UserError(f"This machine has {most} of the {count} devices.", where=where, fix=f"trainer.devices={most}")


def fit_module(trainer: pl.Trainer, model: pl.LightningModule, data: pl.LightningDataModule, folder: RunFolder) -> None:
    """Trains from the newest checkpoint in the run folder, or from the start if there is none.

    Raises:
        UserError: for Trainer settings that do not fit the data, which Lightning refuses.
    """
    for partial in folder.checkpoints.glob(".*.ckpt.*"):  # left by a killed process
        partial.unlink()
    try:
        trainer.fit(model, data, ckpt_path=newest_checkpoint(folder.checkpoints), weights_only=True)
    except MisconfigurationException as error:
        raise UserError(f"Lightning's Trainer refuses this: {first_line(error)}", where="trainer") from error


@contextmanager
def on_trained_device(trainer: pl.Trainer, module: pl.LightningModule) -> Iterator[None]:
    """Moves a module back to the training device, in the trainer's precision; Lightning leaves it on the CPU."""
    module.to(trainer.strategy.root_device)
    try:
        with trainer.precision_plugin.forward_context():
            yield
    finally:
        module.cpu()


def shows_bar(config: DictConfig) -> bool:
    """Whether progress is shown as a bar rather than line by line."""
    return bool(config.trainer.enable_progress_bar) and sys.stderr.isatty()


def _cluster() -> list[SLURMEnvironment]:
    """Lightning's SLURM environment, if there is one, without its automatic requeueing of jobs."""
    return [SLURMEnvironment(auto_requeue=False)] if SLURMEnvironment.detect() else []


def build_trainer(
    config: DictConfig,
    folder: RunFolder,
    callbacks: Sequence[pl.Callback],
    describe: DescribeMetrics,
    images: int | None = None,
    **changed: Any,
) -> pl.Trainer:
    """Lightning's Trainer with the callbacks of every run; the last checkpoint comes after all other callbacks.

    Args:
        config: configuration of the run.
        folder: run folder.
        callbacks: callbacks of the task.
        describe: formats the metrics for the progress bar.
        images: images of a training step, for a bar that counts images; None for one that counts epochs.
        changed: settings that replace those of `config.trainer`.
    """
    for name in ("pytorch_lightning", "lightning_fabric"):
        logging.getLogger(name).setLevel(logging.WARNING)
    warnings.filterwarnings("ignore", message=".*does not have many workers.*")
    warnings.filterwarnings("ignore", message=".*Checkpoint directory .* exists and is not empty.*")
    warnings.filterwarnings("ignore", message=".*isinstance.treespec, LeafSpec.*")
    warnings.filterwarnings("ignore", message=".*sync_dist=True.*")  # all devices log the same
    warnings.filterwarnings("ignore", message="torch.distributed.nn.functional.all_gather is deprecated")
    # Frozen parts are in evaluation mode on purpose.
    warnings.filterwarnings("ignore", message=r"Found \d+ module\(s\) in eval mode at the start of training")
    settings = OmegaConf.to_container(config.trainer, resolve=True)
    assert isinstance(settings, dict)
    del settings["threads"]
    if settings["devices"] == "auto":
        settings["devices"] = 1  # Lightning would take all available ones
    if settings["strategy"] == SHARED and "strategy" not in changed:
        settings["strategy"] = "auto"
        settings["devices"] = settings["devices"][:1] if isinstance(settings["devices"], list) else 1
    bar = shows_bar(config)
    trainer: pl.Trainer = instantiate(
        {**settings, "enable_progress_bar": bar},
        logger=False,
        enable_checkpointing=True,
        enable_model_summary=False,
        default_root_dir=str(folder.path),
        plugins=[AtomicCheckpointIO(), *([] if "strategy" in changed else _cluster())],
        callbacks=[
            StepwiseSeed(config.seed),
            TrainingOver(),
            *([TrainingBar(describe, images)] if bar else []),
            *callbacks,
            last_checkpoint(folder.checkpoints),
        ],
        **changed,
    )
    set_fast_precision(trainer)
    return trainer
