"""Which cells of a sweep still have to run, and how they ended."""

from __future__ import annotations

import logging
import shlex
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from emotionart.counting import counted
from emotionart.files import write_json, write_text
from emotionart.progress import duration
from emotionart.run.state import State, cause_of, state_of
from emotionart.sweeps.job import PLAN, STOP, write_job_config
from emotionart.sweeps.plan import SweepJob
from emotionart.sweeps.staleness import DataVersions, made_by_other_code

log = logging.getLogger(__name__)


def pending_jobs(cells: Sequence[SweepJob], rerun: str) -> list[SweepJob]:
    """The cells to run; warns of finished ones that were made with other code or data.

    Args:
        cells: cells of the sweep.
        rerun: which to run besides new and interrupted cells: "none", "failed", "stale" (other code or data), or "all".
    """
    watch = DataVersions()
    able = [cell for cell in cells if not cell.mistakes]
    done = [cell for cell in able if state_of(cell.folder) is State.DONE]
    stale = {
        cell.name: reason
        for cell in done
        for reason, applies in (
            ("code", made_by_other_code(cell.folder)),
            ("data", watch.made_of_other_data(cell.folder, cell.config)),
        )
        if applies
    }
    if stale and rerun in ("none", "failed"):
        counts = " and ".join(f"{count} by other {reason}" for reason, count in Counter(stale.values()).items())
        log.warning("of the finished cells, %s were made; to repeat them: rerun=stale", counts)

    def is_due(cell: SweepJob) -> bool:
        state = state_of(cell.folder)
        if state is State.DONE:
            return rerun == "all" or (rerun == "stale" and cell.name in stale)
        return state is not State.FAILED or rerun in ("failed", "all")

    held = [cell for cell in able if cell.folder.is_locked()]
    if held:
        log.warning("%d cells are run by another process", len(held))
    return [cell for cell in able if is_due(cell) and cell not in held]


def plan_lines(cells: Sequence[SweepJob], todo: Sequence[SweepJob]) -> list[str]:
    """The plan as text: each cell with its state and command, the errors of rows, and the counts."""
    lines = [
        f"{'refused' if cell.mistakes else state_of(cell.folder).value:<8} {cell.name}   "
        f"python train.py {shlex.join(cell.overrides)}"
        for cell in cells
    ]
    wrong = {cell.row: cell.mistakes for cell in cells if cell.mistakes}
    lines += [f"{row}: {mistake}" for row, mistakes in wrong.items() for mistake in mistakes]
    return [*lines, f"{len(cells)} cells, {len(todo)} to run"]


def prepare(
    cells: Sequence[SweepJob], todo: Sequence[SweepJob], folder: Path, name: str, *, rerun: str, fail_fast: bool
) -> None:
    """Moves results to be repeated aside, freezes the configurations to be run, and writes the plan.

    An interrupted cell resumes where it stopped, unless the code has changed since. A cell that another process has
    finished since planning is kept.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / STOP).unlink(missing_ok=True)
    for cell in cells:
        if cell.mistakes:
            cell.folder.path.mkdir(exist_ok=True)
            write_text(cell.folder.error, "\n".join(str(mistake) for mistake in cell.mistakes) + "\n")
    for index, cell in enumerate(todo, 1):
        state = state_of(cell.folder)
        if state is State.DONE and rerun not in ("stale", "all"):
            continue
        if state is State.DONE or made_by_other_code(cell.folder):
            replaced = folder / "replaced" / time.strftime("%Y%m%d-%H%M%S")
            replaced.mkdir(parents=True, exist_ok=True)
            cell.folder.path.rename(replaced / cell.name)
        write_job_config(cell, name, f"{index}/{len(todo)}", fail_fast)
    write_json(folder / PLAN, [_planned(cell) for cell in cells])


def _planned(cell: SweepJob) -> dict[str, Any]:
    about = {"row": cell.row, "seed": cell.seed, "folder": cell.name}
    return about if cell.fold is None else {**about, "fold": list(cell.fold)}


def all_done_or_held(cells: Sequence[SweepJob]) -> bool:
    """Whether every cell is done or being run by another process."""
    return all(state_of(cell.folder) is State.DONE or _is_held(cell) for cell in cells)


def _is_held(cell: SweepJob) -> bool:
    return state_of(cell.folder) in (State.NEW, State.STARTED) and cell.folder.is_locked()


def summary_lines(cells: Sequence[SweepJob], todo: Sequence[SweepJob], seconds: float) -> list[str]:
    """How the cells ended: each failure with its folder and cause, then the counts."""
    states = Counter(state_of(cell.folder) for cell in cells)
    failed = [cell for cell in cells if state_of(cell.folder) is State.FAILED]
    ran = sum(state_of(cell.folder) is State.DONE for cell in todo)
    before = states[State.DONE] - ran
    if before == len(cells):
        return [f"{counted(before, 'cell')} done before; none was left to run"]
    counts = [f"{ran} ok", f"{len(failed)} failed"]
    if before:
        counts.append(f"{before} done before")
    held = sum(_is_held(cell) for cell in cells)
    if held:
        counts.append(f"{held} still with another process")
    unfinished = states[State.NEW] + states[State.STARTED] - held
    if unfinished:
        counts.append(f"{unfinished} unfinished")
    lines = [f"failed: {cell.folder.path}: {cause_of(cell.folder)}" for cell in failed]
    lines.append(f"{' · '.join(counts)} in {duration(seconds)}")
    if any(not cell.mistakes for cell in failed):
        lines.append("to retry failed cells: the same command with rerun=failed")
    return lines
