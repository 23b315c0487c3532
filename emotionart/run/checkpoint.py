"""Checkpoints: what their files hold, how they are written, and which one a run goes on from."""

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

from emotionart.errors import Failure, UserError
from emotionart.files import atomic_write
from emotionart.run.callbacks import History, Metrics

log = logging.getLogger(__name__)

BEST, LAST, PREVIOUS = "best.ckpt", "last.ckpt", "previous.ckpt"
"""Weights of the best epoch; state after the last epoch, from which a run is resumed; state after the epoch before."""

_KEY = "emotionart"
_UNREADABLE = (RuntimeError, EOFError, ValueError, KeyError, pickle.UnpicklingError)


@dataclass(frozen=True)
class Description:
    """What a checkpoint's weights are, in plain values: they can be used without the folder of their run.

    Attributes:
        kind: the task.
        config: the whole configuration, resolved.
        representation: what the model eats, as `Representation.describe` says.
        features: what the inputs of a head depend on: two heads fit each other's backbone where these are equal.
        classes: names of the K classes; none for a GAN that is told none.
        counts: training artworks of each class, (K,).
        voted: whether the training target is a share of several votes.
        sources: digests of the files of the user's own classes, as `own_sources` gives them.
        temperature: by which a classifier's logits are divided, fitted when training is over; 1 until then.
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
    """A checkpoint that was read.

    Attributes:
        description: what the weights are.
        weights: the state of the task's module.
        epoch: after which they were saved, from 0.
        history: a row of metrics for each epoch until then; none where weights alone were saved.
    """

    description: Description
    weights: Mapping[str, torch.Tensor]
    epoch: int
    history: list[Metrics]


class DescribedModule(pl.LightningModule):
    """A task whose checkpoints hold its description."""

    description: Description

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Adds the description; a callback could not, since Lightning asks none where it saves weights alone."""
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
    """The checkpoint from which a run goes on: the last one, or the one before where that is damaged; None for none.

    Raises:
        Failure: where there are checkpoints, but none can be read.
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
    """Writes each checkpoint beside its place and moves it there when it is on the disk; keeps the last one before."""

    def save_checkpoint(self, checkpoint: dict[str, Any], path: str | Path, storage_options: Any = None) -> None:
        """Writes a checkpoint; a killed process leaves this one or the one before, whole."""
        place = Path(path)
        with atomic_write(place) as partial:
            with partial.open("wb") as file:
                try:
                    # Not torch.save, which ultralytics replaces by one that goes on writing after what stopped it.
                    torch.serialization.save(checkpoint, file)
                except RuntimeError as error:  # as which torch's writer shows what stops the process
                    if isinstance(error.__context__, KeyboardInterrupt | SystemExit):
                        raise error.__context__ from None
                    raise
                file.flush()
                os.fsync(file.fileno())
            if place.name == LAST and place.exists():
                place.replace(place.with_name(PREVIOUS))


def update_description(file: Path, description: Description) -> None:
    """Replaces the description in a checkpoint, in one step; the rest of it stays."""
    content = torch.load(file, map_location="cpu", weights_only=True)
    AtomicCheckpointIO().save_checkpoint({**content, _KEY: asdict(description)}, file)


class TrainingOver(pl.Callback):
    """Keeps in checkpoints that training has ended early, so that a resumed run does not train on."""

    def on_save_checkpoint(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, checkpoint: dict[str, Any]
    ) -> None:
        """Saves whether this was the last epoch."""
        checkpoint["training_over"] = trainer.should_stop

    def on_load_checkpoint(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, checkpoint: dict[str, Any]
    ) -> None:
        """Ends training where it had ended."""
        trainer.should_stop = checkpoint["training_over"]


class MovableCheckpoint(ModelCheckpoint):
    """A checkpoint whose files are still known, and no others touched, after the run's folder was moved or copied."""

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Takes up what was saved; Lightning itself would forget it, and look after files of the old folder."""

        def here(path: str) -> str:
            return str(Path(str(self.dirpath)) / Path(path).name) if path else path

        paths = {key: here(state_dict[key]) for key in ("best_model_path", "kth_best_model_path", "last_model_path")}
        best = {here(path): score for path, score in state_dict["best_k_models"].items()}
        super().load_state_dict({**state_dict, **paths, "best_k_models": best, "dirpath": self.dirpath})


def best_checkpoint(folder: Path, monitor: str, mode: str, *, validated: bool = True) -> ModelCheckpoint:
    """Keeps the weights, and nothing else, of the epoch with the best monitored metric as `best.ckpt`.

    Args:
        folder: of the checkpoints.
        monitor: name of the metric.
        mode: "min" or "max".
        validated: whether the metric is known after validation, or at the end of a training epoch.
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
    """Keeps the newest end of an epoch as `last.ckpt`, from which a run resumes exactly.

    Saved at the end of the training epoch: saved after validation, it cannot be resumed together with early stopping.
    """
    return MovableCheckpoint(
        folder,
        filename=Path(LAST).stem,
        save_on_train_epoch_end=True,
        every_n_epochs=1,
        enable_version_counter=False,
    )
