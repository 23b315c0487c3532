"""Runs cells through Hydra's launcher plugins and survives killed worker processes."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import hydra
from hydra._internal.callbacks import Callbacks
from hydra.core.global_hydra import GlobalHydra
from hydra.core.hydra_config import HydraConfig
from hydra.core.plugins import Plugins
from hydra.errors import HydraException
from hydra.types import HydraContext, RunMode
from omegaconf.errors import OmegaConfBaseException

from emotionart.config.groups import CONF
from emotionart.errors import UserError, first_line, suggest
from emotionart.files import write_text
from emotionart.quoting import quote
from emotionart.run.state import State, state_of
from emotionart.sweeps.job import FROZEN, run_job
from emotionart.sweeps.plan import SweepJob

log = logging.getLogger(__name__)

_UNFINISHED = (State.NEW, State.STARTED)


def launch(cells: Sequence[SweepJob], launcher: Sequence[str]) -> None:
    """Runs cells whose folders hold their frozen configurations.

    If a launch breaks (a worker was killed), cells that it had not started are launched again. A cell that was running
    is launched once more, alone, and counts as failed if that breaks too.

    Args:
        cells: cells to run, in this order.
        launcher: overrides that choose and configure Hydra's launcher.
    """
    todo = list(cells)
    while todo:
        before = {cell.name: _time_stamp(cell) for cell in todo}
        if _launch_once(todo, launcher):
            return
        touched = [cell for cell in todo if _time_stamp(cell) != before[cell.name]]
        if not touched:
            log.error("The launcher cannot start a cell: %s", " ".join(launcher))
            return
        for cell in touched:
            if state_of(cell.folder) in _UNFINISHED:
                log.warning("%s: its process died; it is retried once, alone", cell.name)
                if not _launch_once([cell], launcher) and state_of(cell.folder) in _UNFINISHED:
                    write_text(cell.folder.error, "its process was killed, twice\n")
                    cell.folder.update({"status": "failed"})
        todo = [cell for cell in todo if cell not in touched]


def require_launcher(launcher: Sequence[str]) -> None:
    """Checks, before anything is written, that Hydra knows the launcher and its settings.

    Raises:
        UserError: if it does not, with the nearest name.
    """
    with hydra.initialize_config_dir(str(CONF), version_base="1.3", job_name="sweep"):
        loader = GlobalHydra.instance().config_loader()
        try:
            loader.load_configuration("cell", [*launcher, "folder=none", "cell=none"], run_mode=RunMode.MULTIRUN)
        except (HydraException, OmegaConfBaseException) as error:
            launchers = loader.get_group_options("hydra/launcher")
            chosen = [text.partition("=")[2] for text in launcher if text.startswith("hydra/launcher=")]
            raise UserError(
                f"Hydra refuses this launcher: {str(error).strip().partition(chr(10))[0]}",
                where=" ".join(launcher),
                suggestions=suggest(chosen[0], launchers) if chosen and chosen[0] not in launchers else [],
                fix=f"one of {', '.join(launchers)}; pip install 'emotionart[cluster]' brings all of them",
            ) from None


def _time_stamp(cell: SweepJob) -> int:
    """A time stamp that changes when a launch starts the cell."""
    return (cell.folder.path / FROZEN).stat().st_mtime_ns


def _launch_once(cells: Sequence[SweepJob], launcher: Sequence[str]) -> bool:
    """Launches cells, and returns whether the launch ran to its end, even if cells failed."""
    where = f"folder={quote(str(cells[0].folder.path.parent))}"
    with hydra.initialize_config_dir(str(CONF), version_base="1.3", job_name="sweep"):
        loader = GlobalHydra.instance().config_loader()
        master = loader.load_configuration("cell", [*launcher, where, "cell=none"], run_mode=RunMode.MULTIRUN)
        HydraConfig.instance().set_config(master)
        plugin = Plugins.instance().instantiate_launcher(
            hydra_context=HydraContext(loader, Callbacks(master)), task_function=run_job, config=master
        )
        try:
            plugin.launch([[where, f"cell={quote(cell.name)}"] for cell in cells], initial_job_idx=0)
        except Exception as error:
            log.warning("The launch was interrupted: %s", first_line(error))
            return False
    return True
