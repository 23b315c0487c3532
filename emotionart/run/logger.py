"""Weights & Biases, from init to finish; nothing else in the project touches it."""

from __future__ import annotations

import logging
import netrc
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, Protocol
from urllib.parse import urlparse

import numpy as np

from emotionart.errors import PrunedError, UserError

log = logging.getLogger(__name__)

Mode = Literal["auto", "online", "offline", "disabled"]


class Logger(Protocol):
    """What a run tells while it lasts."""

    id: str | None

    def tag(self, name: str) -> None:
        """A word by which runs are found."""

    def log(self, row: Mapping[str, float]) -> None:
        """Metrics of one epoch; the row holds `epoch` and `trainer/global_step`."""

    def update_summary(self, values: Mapping[str, Any]) -> None:
        """Final values."""

    def log_image(self, name: str, figure: Path) -> None:
        """A picture."""

    def log_table(self, name: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """A table; a cell may be a picture (h, w, 3) uint8."""


class NullLogger:
    """Keeps nothing: for `logger.mode=disabled`."""

    id: str | None = None

    def tag(self, name: str) -> None:
        """Keeps nothing."""

    def log(self, row: Mapping[str, float]) -> None:
        """Keeps nothing."""

    def update_summary(self, values: Mapping[str, Any]) -> None:
        """Keeps nothing."""

    def log_image(self, name: str, figure: Path) -> None:
        """Keeps nothing."""

    def log_table(self, name: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """Keeps nothing."""


class WandbLogger:
    """One run of Weights & Biases."""

    def __init__(self, run: Any) -> None:
        self.run = run
        self.id: str | None = run.id
        # W&B's own step starts from 0 when an offline run is resumed; these two do not.
        run.define_metric("epoch")
        run.define_metric("*", step_metric="epoch")

    def tag(self, name: str) -> None:
        """Adds a tag."""
        self.run.tags = (*(self.run.tags or ()), name)

    def log(self, row: Mapping[str, float]) -> None:
        """Adds a row to the history."""
        self.run.log(dict(row))

    def update_summary(self, values: Mapping[str, Any]) -> None:
        """Sets values of the runs table."""
        self.run.summary.update(dict(values))

    def log_image(self, name: str, figure: Path) -> None:
        """Logs a picture, or an animation."""
        import wandb

        moving = figure.suffix == ".gif"
        self.run.log({name: wandb.Video(str(figure), format="gif") if moving else wandb.Image(str(figure))})

    def log_table(self, name: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """Logs a table; arrays (h, w, 3) become pictures."""
        import wandb

        def shown(cell: Any) -> Any:
            return wandb.Image(cell) if isinstance(cell, np.ndarray) else cell

        data: list[Any] = [[shown(cell) for cell in row] for row in rows]
        self.run.log({name: wandb.Table(columns=list(columns), data=data)})


def _has_key() -> bool:
    """Whether W&B would find a key: in the environment, or in the user's netrc file."""
    if os.environ.get("WANDB_API_KEY"):
        return True
    host = urlparse(os.environ.get("WANDB_BASE_URL", "https://api.wandb.ai")).hostname or ""
    try:
        return netrc.netrc(os.environ.get("NETRC")).authenticators(host) is not None
    except (OSError, netrc.NetrcParseError):
        return False


def resolve_mode(mode: Mode) -> Literal["online", "offline", "disabled"]:
    """What `auto` means here: `WANDB_MODE` where it is set, else online with a key, else offline."""
    if mode != "auto":
        return mode
    wish = os.environ.get("WANDB_MODE")
    if wish in ("online", "offline", "disabled"):
        return wish  # type: ignore[return-value]
    return "online" if _has_key() else "offline"


@contextmanager
def open_logger(
    *,
    mode: Mode,
    project: str,
    entity: str | None,
    tags: Sequence[str],
    folder: Path,
    config: Mapping[str, Any],
    group: str | None,
    job_type: str,
    resume_id: str | None,
) -> Iterator[Logger]:
    """A logger that ends when the block does: with exit code 1 and the tag `failed` if an exception leaves it.

    A run that was ended early has the tag `pruned` instead, and exit code 0.

    Args:
        mode: see `resolve_mode`.
        project, entity, tags: as W&B knows them.
        folder: the run folder, whose name becomes the run's and in which offline data is kept.
        config: logged once, resolved.
        group: name of the sweep, if any.
        job_type: what kind of run it is within the group.
        resume_id: id of the run to go on with, or None for a new one.
    """
    mode = resolve_mode(mode)
    if mode == "disabled":
        yield NullLogger()
        return
    run = _init(mode, project, entity, tags, folder, config, group, job_type, resume_id)
    logger = WandbLogger(run)
    try:
        yield logger
    except PrunedError:
        logger.tag("pruned")
        run.finish(exit_code=0)
        raise
    except BaseException:
        logger.tag("failed")
        run.finish(exit_code=1)
        raise
    run.finish(exit_code=0)
    if run.settings.mode == "offline":
        log.info("W&B was offline; to send this run later: wandb sync %s/wandb/offline-run-*", folder)


def _init(
    mode: str,
    project: str,
    entity: str | None,
    tags: Sequence[str],
    folder: Path,
    config: Mapping[str, Any],
    group: str | None,
    job_type: str,
    resume_id: str | None,
) -> Any:
    import wandb

    def start(mode: str) -> Any:
        return wandb.init(
            mode=mode,  # type: ignore[arg-type]
            project=project,
            entity=entity,
            tags=list(tags),
            dir=folder,
            name=folder.name,
            config=dict(config),
            group=group,
            job_type=job_type,
            id=resume_id,
            resume="allow" if resume_id else None,
            reinit="create_new",
            settings=wandb.Settings(silent=True, console="off", init_timeout=30),
        )

    try:
        return start(mode)
    except (wandb.errors.UsageError, ValueError) as error:  # names that W&B does not take
        reason = str(error).strip().splitlines()
        raise UserError(f"W&B refuses: {' '.join(reason[:3])}", where="logger") from None
    except wandb.errors.CommError as error:
        log.warning("W&B cannot be reached (%s); the run goes on offline.", error)
        return start("offline")
