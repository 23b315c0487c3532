"""Runs one cell of a sweep, on whatever machine a launcher has started it."""

from __future__ import annotations

import logging
import os
import sys
import time
from multiprocessing import parent_process
from pathlib import Path
from typing import Any

from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig

from emotionart.errors import first_line, interruption
from emotionart.files import read_json, write_json
from emotionart.progress import duration
from emotionart.run.devices.launcher import cores_of_a_job
from emotionart.run.folder import RunFolder, RunLockedError
from emotionart.run.state import State, headline, state_of
from emotionart.run.tracking.columns import Membership
from emotionart.sweeps.plan import SweepJob

STOP = ".stop"
"""File in a sweep's folder whose presence keeps cells from starting."""

FROZEN = "cell.json"
"""File in a cell's folder: its place in the sweep. Its modification time shows whether a launch has started it."""

PLAN = "plan.json"
"""File in a sweep's folder: its cells in order, with their folders. Its modification time is that of the launch."""

log = logging.getLogger(__name__)


def write_job_config(cell: SweepJob, sweep: str, place: str, fail_fast: bool) -> None:
    """Writes the cell's current configuration, which `run_job` needs, into the cell's folder.

    Args:
        cell: cell to launch.
        sweep: name of the sweep.
        place: position in the sweep, such as "3/35".
        fail_fast: whether a failure stops the sweep.
    """
    cell.folder.path.mkdir(parents=True, exist_ok=True)
    cell.folder.freeze(cell.config, cell.choices, cell.overrides)
    about = {
        "sweep": sweep,
        "row": cell.row,
        "seed": cell.seed,
        "title": f"[{place}] {cell.title}",
        "place": place,
        "fold": cell.fold,
        "fail_fast": fail_fast,
    }
    write_json(cell.folder.path / FROZEN, about)


def run_job(config: DictConfig) -> None:
    """Runs or resumes the frozen configuration in the cell's folder.

    A failure is recorded in the folder and logged, and does not affect other cells.
    """
    from emotionart.pipeline import run  # takes seconds, and a sweep that is only planned runs nothing

    if parent_process() is not None and sys.stdout.isatty() and sys.stderr.isatty():
        _detach_from_terminal()
    folder = RunFolder(Path(config.folder) / config.cell)
    about: dict[str, Any] = read_json(folder.path / FROZEN)
    stop = folder.path.parent / STOP
    if stop.exists() or state_of(folder) is State.DONE:  # meanwhile, by another launch of the sweep
        return
    (folder.path / FROZEN).touch()
    frozen = folder.frozen()
    frozen.config.resume = str(folder.path) if folder.status() else None
    title = about["title"]
    log.info("%s: %s", title, "goes on" if frozen.config.resume else "starts")
    membership = Membership(about["sweep"], about["row"])
    try:
        cores = cores_of_a_job(HydraConfig.get().launcher)
        result = run(frozen, folder.path, cores=cores, membership=membership)
    except RunLockedError:
        log.info("%s: another process has it", title)
    except Exception as error:
        if stopped := interruption(error):
            raise stopped from None
        log.error("%s: failed: %s", title, first_line(error))
        if about["fail_fast"]:
            stop.touch()
    else:
        total = int(about["place"].partition("/")[2])
        log.info("%s: %s%s", title, headline(result), _progress_text(folder.path.parent, total))


def _detach_from_terminal() -> None:
    """Lets this process, a launcher's worker, write nothing to the terminal, on which the sweep draws."""
    with Path(os.devnull).open("w") as nowhere:
        for stream in (1, 2):
            os.dup2(nowhere.fileno(), stream)


def _progress_text(sweep: Path, total: int) -> str:
    """How many cells of this launch have ended, and the estimated time for the others, as the end of a log line."""
    try:
        begun = (sweep / PLAN).stat().st_mtime
        cells = [RunFolder(sweep / cell["folder"]) for cell in read_json(sweep / PLAN)]
        ended = sum(
            state_of(cell) in (State.DONE, State.FAILED)
            for cell in cells
            if (cell.path / FROZEN).exists() and (cell.path / FROZEN).stat().st_mtime > begun
        )
    except OSError:  # another launch of the sweep is moving cells
        return ""
    if not 0 < ended < total:
        return ""
    return f" · {ended} of {total} ended, about {duration((time.time() - begun) / ended * (total - ended))} left"
