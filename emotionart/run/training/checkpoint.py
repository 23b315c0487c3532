"""Checkpoints: their contents, how they are written, and which one a run resumes from."""

from __future__ import annotations

import logging
import os
import pickle
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import pytorch_lightning as pl
import torch
from pytorch_lightning.callbacks import ModelCheckpoint
from pytorch_lightning.plugins.io import TorchCheckpointIO

from emotionart.errors import Failure, UserError, interruption
from emotionart.files import atomic_write
from emotionart.run.training.callbacks import History, Metrics

log = logging.getLogger(__name__)

BEST, LAST, PREVIOUS = "best.ckpt", "last.ckpt", "previous.ckpt"
"""Weights of the best epoch; state after the last epoch, to resume from; state after the epoch before."""

_KEY = "emotionart"
_UNREADABLE = (RuntimeError, EOFError, ValueError, KeyError, pickle.UnpicklingError)


@dataclass(frozen=True)
class Description:
    """The description of a checkpoint's weights in plain values, so that they can be used without their run folder.

    Attributes:
        kind: the task.
        config: the whole resolved configuration.
        representation: the model's inputs, see `Representation.describe`.
        features: settings that the features of a head depend on; heads are interchangeable if these are equal.
        classes: names of the K classes; empty for an unconditional GAN.
        counts: (K,) training artworks of each class.
        voted: whether the training targets are shares of several votes.
        sources: digests of the files of the user's own classes, see `own_sources`.
        temperature: divisor of a classifier's logits, fitted after training; 1 until then.
    """

    kind: Literal["classifier", "gan"]
    config: Mapping[str, Any]
    representation: Mapping[str, Any]
    features: Mapping[str, Any]
    sources: Mapping[str, str]
    classes: tuple[str, ...] = ()
    counts: tuple[int, ...] = ()
    voted: bool = False
    temperature: float = 1.0


@dataclass(frozen=True)
class Checkpoint:
    """The contents of a checkpoint.

    Attributes:
        description: description of the weights.
        weights: state of the task's module.
        epoch: epoch after which they were saved, from 0.
        history: one row of metrics per epoch until then; empty if only weights were saved.
    """

    description: Description
    weights: Mapping[str, torch.Tensor]
    epoch: int
    history: list[Metrics]


class DescribedModule(pl.LightningModule):
    """A Lightning module whose checkpoints contain its description."""

    description: Description

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Adds the description; not a callback's, since Lightning skips callbacks when it saves only weights."""
        checkpoint[_KEY] = asdict(self.description)


def read_checkpoint(file: Path) -> Checkpoint:
    """Reads a checkpoint onto the CPU, without running code from it.

    Raises:
        UserError: for a damaged file, or one that is not a checkpoint of this version.
    """
    try:
        content = torch.load(file, map_location="cpu", weights_only=True)
        description = Description(**content[_KEY])
        history = content.get("callbacks", {}).get(History.__qualname__, {"rows": []})["rows"]
        return Checkpoint(description, content["state_dict"], content["epoch"], history)
    except (*_UNREADABLE, TypeError):
        raise UserError(
            "This checkpoint is damaged, or was written by another version of emotionart.",
            where=str(file),
            fix="another copy of the file, or train again",
        ) from None


def newest_checkpoint(folder: Path) -> Path | None:
    """The checkpoint to resume from: the last one, or the one before if that is damaged; None if there is none.

    Raises:
        Failure: if there are checkpoints, but none can be read.
    """
    files = [file for file in (folder / LAST, folder / PREVIOUS) if file.exists()]
    for file in files:
        try:
            torch.load(file, map_location="cpu", weights_only=True)
        except _UNREADABLE:
            log.warning("%s is damaged and is not used", file)
        else:
            if file.name == PREVIOUS:
                log.warning("The run continues from %s, an epoch earlier", file)
            return file
    if files:
        raise Failure("No checkpoint of this run can be read.", where=str(folder), fix="a new run, without resume")
    return None


class AtomicCheckpointIO(TorchCheckpointIO):
    """Writes each checkpoint to a temporary file and moves it into place; keeps the previous last checkpoint."""

    def save_checkpoint(self, checkpoint: dict[str, Any], path: str | Path, storage_options: Any = None) -> None:
        """Writes a checkpoint; a killed process leaves either this one or the previous one intact."""
        place = Path(path)
        with atomic_write(place) as partial:
            with partial.open("wb") as file:
                try:
                    # Not torch.save: ultralytics replaces it by a version that retries after an interruption.
                    torch.serialization.save(checkpoint, file)
                except RuntimeError as error:  # how torch's writer reports an interruption
                    if stopped := interruption(error):
                        raise stopped from None
                    raise
                file.flush()
                os.fsync(file.fileno())
            if place.name == LAST and place.exists():
                place.replace(place.with_name(PREVIOUS))


def update_description(file: Path, description: Description) -> None:
    """Replaces the description in a checkpoint atomically; the rest stays."""
    content = torch.load(file, map_location="cpu", weights_only=True)
    AtomicCheckpointIO().save_checkpoint({**content, _KEY: asdict(description)}, file)


class TrainingOver(pl.Callback):
    """Records early stopping in checkpoints, so that a resumed run does not continue training."""

    def on_save_checkpoint(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, checkpoint: dict[str, Any]
    ) -> None:
        """Saves whether training stops after this epoch."""
        checkpoint["training_over"] = trainer.should_stop

    def on_load_checkpoint(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, checkpoint: dict[str, Any]
    ) -> None:
        """Restores whether training has stopped."""
        trainer.should_stop = checkpoint["training_over"]


class MovableCheckpoint(ModelCheckpoint):
    """A `ModelCheckpoint` that still finds its own files after the run folder was moved or copied."""

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Restores the state with paths in the present folder; Lightning would refer to files in the old one."""

        def here(path: str) -> str:
            return str(Path(str(self.dirpath)) / Path(path).name) if path else path

        paths = {key: here(state_dict[key]) for key in ("best_model_path", "kth_best_model_path", "last_model_path")}
        best = {here(path): score for path, score in state_dict["best_k_models"].items()}
        super().load_state_dict({**state_dict, **paths, "best_k_models": best, "dirpath": self.dirpath})


def best_checkpoint(folder: Path, monitor: str, mode: str, *, validated: bool = True) -> ModelCheckpoint:
    """A callback that saves only the weights of the epoch with the best monitored metric, as `best.ckpt`.

    Args:
        folder: folder of the checkpoints.
        monitor: name of the metric.
        mode: "min" or "max".
        validated: whether the metric is logged in validation, rather than at the end of a training epoch.
    """
    return MovableCheckpoint(
        folder,
        filename=Path(BEST).stem,
        monitor=monitor,
        mode=mode,
        save_on_train_epoch_end=not validated,
        save_weights_only=True,
        enable_version_counter=False,
        auto_insert_metric_name=False,
    )


def last_checkpoint(folder: Path) -> ModelCheckpoint:
    """A callback that saves the state after each epoch as `last.ckpt`, from which a run resumes exactly.

    It saves at the end of the training epoch, since a state saved after validation does not resume with early stopping.
    """
    return MovableCheckpoint(
        folder,
        filename=Path(LAST).stem,
        save_on_train_epoch_end=True,
        every_n_epochs=1,
        enable_version_counter=False,
    )
