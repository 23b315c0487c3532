"""Weights that a new run begins with, taken from a checkpoint of another run."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path

from torch import Tensor, nn

from emotionart.errors import UserError
from emotionart.run.checkpoint import BEST, LAST, Checkpoint, read_checkpoint
from emotionart.run.folder import RunFolder

log = logging.getLogger(__name__)


def read_start(folder: Path, kind: str) -> Checkpoint:
    """The best weights of a run, or its last ones where it has kept no best.

    Args:
        folder: of the run that `start` names.
        kind: of the task, "classifier" or "gan".

    Raises:
        UserError: where there are no weights, or another task's.
    """
    checkpoints = RunFolder(folder).checkpoints
    file = next((file for file in (checkpoints / BEST, checkpoints / LAST) if file.exists()), None)
    if file is None:
        raise UserError("There is no trained network in this folder.", where=f"start={folder}")
    checkpoint = read_checkpoint(file)
    if checkpoint.description.kind != kind:
        raise UserError(
            f"This is the run of a {checkpoint.description.kind}, and a {kind} is to be trained.",
            where=f"start={folder}",
        )
    return checkpoint


def load_fitting(module: nn.Module, weights: Mapping[str, Tensor], folder: Path) -> None:
    """Loads those weights whose name and shape the module has, and names the others.

    Args:
        module: keeps its own weights where none fit.
        weights: by name, as a state of the same kind of module holds them.
        folder: of the run that they come from.

    Raises:
        UserError: if none fit.
    """
    own = module.state_dict()
    fitting = {name: tensor for name, tensor in weights.items() if name in own and own[name].shape == tensor.shape}
    others = [
        f"{name} {_shapes(own.get(name), weights.get(name))}" for name in {**own, **weights} if name not in fitting
    ]
    if not fitting:
        raise UserError(
            "None of that run's weights fit this network.",
            where=f"start={folder}",
            fix="a run of the same model, or without start",
        )
    module.load_state_dict(fitting, strict=False)
    log.info("starts from %d of %d weights of %s", len(fitting), len(own), folder)
    if others:
        log.warning("these do not fit, and are as they would be without start: %s", "; ".join(others))


def _shapes(own: Tensor | None, theirs: Tensor | None) -> str:
    """The shape of a weight in this network and in that run."""
    here, there = ("absent" if one is None else " x ".join(map(str, one.shape)) or "1" for one in (own, theirs))
    return f"(here {here}, there {there})"
