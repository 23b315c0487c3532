"""The command line of `train.py`: help, checks, then Hydra."""

from __future__ import annotations

import logging
import os
import shlex
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emotionart.cli.guard import guarded
from emotionart.config.groups import CONF
from emotionart.config.overrides import override_key, require_no_hyphens, search_folders, without_config_dir
from emotionart.errors import UserError, distinct, first_line, raise_together
from emotionart.files import from_here, why_no_folder

if TYPE_CHECKING:
    from omegaconf import DictConfig

    from emotionart.config.composed import Composed


def main(argv: Sequence[str]) -> int:
    """Runs `train.py` with these arguments and returns its exit code (see `guarded`).

    Mistakes are reported before Hydra creates a run folder where possible.
    """
    act = _show_help if {"-h", "--help"} & set(argv) else _train
    return guarded(lambda: act(without_config_dir(argv)))


def _show_help(argv: Sequence[str]) -> None:
    from emotionart.config.help import help_text

    sys.stdout.write(help_text(*search_folders(argv)))


def _train(argv: Sequence[str]) -> None:
    from hydra._internal.utils import get_args_parser

    from emotionart.cli.resume import resume, run_to_resume, without_auto
    from emotionart.config.compose import compose_sweep_with_errors, compose_with_errors, varied_keys
    from emotionart.run.devices.launcher import require_single_process

    require_single_process(os.environ)
    parser = get_args_parser()
    require_no_hyphens(argv, parser.parse_known_args(list(argv))[1])
    arguments = parser.parse_args(list(argv))
    overrides: list[str] = arguments.overrides
    if arguments.cfg:
        shown = "emotionart config show"
        raise UserError(
            "A configuration is shown by another command.", where="--cfg", fix=shlex.join([*shown.split(), *overrides])
        )
    interrupted = run_to_resume(overrides)
    if interrupted and (arguments.multirun or arguments.info):
        raise UserError(
            "A multirun starts new runs, and cannot resume any."
            if arguments.multirun
            else "A run is resumed with its own configuration, which nothing needs to compose.",
            where=next(item for item in overrides if item.startswith("resume=")),
            fix="without -m: each interrupted run is resumed by itself"
            if arguments.multirun
            else str(interrupted.config),
        )
    if interrupted:
        resume(interrupted, overrides)
        return
    argv, overrides = without_auto(argv), without_auto(overrides)
    if arguments.multirun:
        several, mistakes = compose_sweep_with_errors(overrides)
    else:
        one, mistakes = compose_with_errors(overrides)
        several = [one]
    if not arguments.info:
        # Values are checked by the classes that take them, whose imports take seconds: a wrong key alone does not wait.
        if not mistakes or len(mistakes) < len(overrides):
            mistakes = _with_wrong_values(mistakes, several)
        mistakes += _unwritable(several[0].folders["sweep" if arguments.multirun else "run"])
    raise_together(mistakes)
    _run_hydra(list(argv), varied_keys(overrides) if arguments.multirun else None)


def _with_wrong_values(mistakes: Sequence[UserError], several: Sequence[Composed]) -> list[UserError]:
    """The errors in overrides, and those in the values of several configurations, each once."""
    from emotionart.config.validate import check_with

    return distinct(mistake for composed in several for mistake in check_with(mistakes, composed))


def _discard(folder: Path) -> None:
    """Removes the folder of a refused run, unless it has checkpoints."""
    from emotionart.run.folder import RunFolder

    if not any(RunFolder(folder).checkpoints.glob("*")):
        shutil.rmtree(folder)


def _unwritable(folder: str) -> list[UserError]:
    """An error if the folder has no name or cannot be created; its path may contain interpolations."""
    where = "hydra.run.dir, hydra.sweep.dir"
    if not folder:  # as of an unset variable of the shell: the run's files would be in the working folder
        return [UserError("The folder for runs has no name.", where=where, fix="hydra.run.dir=outputs/runs/NAME")]
    fixed, variable, _ = folder.partition("${")
    path = Path(fixed + "x" * bool(variable)).absolute()
    reason = why_no_folder(path)
    if reason is None:
        return []
    return [UserError(f"Runs cannot be kept in {path.parent if variable else path}: {reason}.", where=where)]


def _run_hydra(argv: list[str], varied: frozenset[str] | None) -> None:
    """Runs one job, or all jobs of a multirun if `varied` names the keys that vary."""
    import hydra
    from hydra.core.hydra_config import HydraConfig
    from hydra.types import RunMode
    from omegaconf.errors import OmegaConfBaseException

    failures: list[Exception] = []
    started = False

    def job(config: DictConfig) -> dict[str, Any] | None:
        nonlocal started
        started = True
        try:
            return _run_job(config, varied)
        except Exception as error:
            hydra_config = HydraConfig.get()
            # Hydra would report only the first failure, after all overrides; those of other processes are left to it.
            if hydra_config.mode is not RunMode.RUN and hydra_config.runtime.choices["hydra/launcher"] != "basic":
                raise
            failures.append(error)
            if varied is not None:
                folder = from_here(Path(hydra_config.runtime.output_dir))
                logging.getLogger(__name__).error("failed: %s: %s", folder, first_line(error))
            return None

    os.environ["HYDRA_FULL_ERROR"] = "1"  # or Hydra would print its own message and exit
    sys.argv[1:] = argv
    try:
        hydra.main(config_path=str(CONF), config_name="train", version_base="1.3")(job)()
    except (OmegaConfBaseException, ValueError) as error:  # from the run folder or logging
        if started:
            raise
        cause = str(error.__cause__ or getattr(error, "msg", None) or error).partition("\n")[0]
        where = getattr(error, "full_key", None) or "hydra"
        raise UserError(f"Hydra cannot work with its own settings: {cause}.", where=where) from None
    for failure in failures:
        if not isinstance(failure, UserError):
            raise failure
    raise_together(failure for failure in failures if isinstance(failure, UserError))


def _run_job(config: DictConfig, varied: frozenset[str] | None) -> dict[str, Any]:
    """Runs one job in the folder that Hydra has made for it; the folder is removed if the job is refused at once.

    Args:
        config: configuration of the job.
        varied: keys that vary in a multirun; None for a single run.
    """
    from hydra.core.hydra_config import HydraConfig

    from emotionart.config.run_config import RunConfig
    from emotionart.pipeline import run
    from emotionart.run.devices.launcher import cores_of_a_job
    from emotionart.run.folder import RunFolder
    from emotionart.run.tracking.columns import Membership

    hydra_config = HydraConfig.get()
    choices = {group: option for group, option in hydra_config.runtime.choices.items() if "hydra/" not in group}
    overrides = list(hydra_config.overrides.task)
    membership = None
    if varied is not None:
        own = [text for text in overrides if override_key(text) in varied]
        membership = Membership.of_multirun(Path(hydra_config.sweep.dir).name, own, choices)
    folder = from_here(Path(hydra_config.runtime.output_dir))
    is_new = set(folder.iterdir()) <= {RunFolder(folder).log}
    try:
        cores = cores_of_a_job(hydra_config.launcher)
        return run(RunConfig(config, choices, overrides), folder, cores=cores, membership=membership)
    except UserError as error:
        if is_new and error.exit_code == UserError.exit_code:
            _discard(folder)
        raise
