"""Locates the runs of a comparison in W&B."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from emotionart.compare.runs import RunsByRow
from emotionart.compare.tracking.summary import summary_id, sync_command
from emotionart.errors import Failure, UserError, first_line
from emotionart.files import read_yaml
from emotionart.run.tracking.connection import default_entity

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class WandbProject:
    """The W&B project that holds the runs of a comparison.

    Attributes:
        entity: user or team.
        name: name of the project.
        ids: ids of the runs that have a result.
        summary: id of the summary run with their table; None if there is none.
    """

    entity: str
    name: str
    ids: tuple[str, ...]
    summary: str | None


def id_filter(ids: Sequence[str]) -> str:
    """The W&B filter for these runs; their group may contain others, such as those that `rerun` replaced."""
    return f"Metric('ID') in {list(ids)}"


def find_project(runs_by_row: RunsByRow, folder: Path) -> WandbProject:
    """The project of the runs: `WANDB_ENTITY` and `WANDB_PROJECT`, else from the configuration of the runs.

    Args:
        runs_by_row: runs by row.
        folder: folder of the runs.

    Raises:
        UserError: without the package `wandb-workspaces`, for runs that were not logged or not uploaded, and for a key
            that is missing or refused by the server.
        Failure: if no W&B server responds.
    """
    if find_spec("wandb_workspaces") is None:
        fix = "pip install 'emotionart[report]'"
        raise UserError("Reports and views of W&B need wandb-workspaces, which is not installed.", fix=fix)
    runs = [run.folder for row in runs_by_row.values() for run in row if run.result]
    if not runs:
        raise UserError("None of these runs has a result yet.", where=str(folder))
    ids = {id: run for run in runs if (id := run.status().get("wandb_id"))}
    if not ids:
        raise UserError(
            "These runs were not logged to W&B.",
            where=str(folder),
            fix="the runs once more: their sweep with logger=wandb rerun=all, or train.py -m with logger=wandb",
        )
    settings = read_yaml(next(iter(ids.values())).config, "logger")["logger"]
    owner = default_entity()
    entity = os.environ.get("WANDB_ENTITY") or settings["entity"] or owner
    project = os.environ.get("WANDB_PROJECT") or settings["project"]
    _require_sent(entity, project, tuple(ids), folder)
    return WandbProject(entity, project, tuple(ids), summary_id(folder))


def _require_sent(entity: str, project: str, ids: Sequence[str], folder: Path) -> None:
    import wandb

    wandb.setup(wandb.Settings(silent=True))
    with raise_as_failure("did not say which runs it has"):
        try:
            sent = len(wandb.Api().runs(f"{entity}/{project}", filters={"name": {"$in": list(ids)}}))
        except ValueError:  # no such project
            sent = 0
    if not sent:
        raise UserError(
            f"None of these {len(ids):,} runs is in {entity}/{project} of W&B.",
            where=str(folder),
            fix=f"{sync_command(folder)}   (or, if they are elsewhere, WANDB_ENTITY and WANDB_PROJECT)",
        )
    if sent < len(ids):
        log.warning("%d of these %d runs are not in %s/%s of W&B", len(ids) - sent, len(ids), entity, project)


@contextmanager
def raise_as_failure(what: str) -> Iterator[None]:
    """Turns any exception of W&B's packages into a `Failure` of one sentence.

    Args:
        what: rest of the sentence after "W&B", such as "did not take the report".

    Raises:
        Failure: with the first line of the reason.
    """
    try:
        yield
    except UserError:
        raise
    except Exception as error:  # W&B documents no exceptions
        raise Failure(f"W&B {what}: {first_line(error).rstrip('.')}.") from None
