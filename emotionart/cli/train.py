"""The command line of `train.py`: help, checks, then Hydra."""

from __future__ import annotations

import logging
import os
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from emotionart.cli.guard import guarded
from emotionart.config.groups import CONF
from emotionart.config.overrides import quote, search_folders, without_config_dir
from emotionart.errors import UserError, raise_together
from emotionart.files import why_no_folder


def main(argv: Sequence[str]) -> int:
    """Runs `train.py` with these arguments and returns its exit code: 0 done, 1 failed, 2 a mistake in what was asked.

    What can be refused is refused before Hydra makes a run folder.
    """
    argv = without_config_dir(argv)
    if {"-h", "--help"} & set(argv):
        return guarded(lambda: _show_help(argv))
    return guarded(lambda: _train(argv))


def _show_help(argv: Sequence[str]) -> None:
    from emotionart.config.help import help_text

    sys.stdout.write(help_text(*search_folders(argv)))


def _train(argv: Sequence[str]) -> None:
    from hydra._internal.utils import get_args_parser

    from emotionart.config.compose import compose_sweep_with_errors, compose_with_errors

    arguments = get_args_parser().parse_args(list(argv))
    given: list[str] = arguments.overrides
    if arguments.cfg:
        shown = "emotionart config show"
        raise UserError(
            "A configuration is shown by another command.", where="--cfg", fix=shlex.join([*shown.split(), *given])
        )
    overrides = _resumed(given)
    if arguments.multirun and overrides is not given:
        raise UserError(
            "A multirun makes runs of its own, and resumes none.",
            where=next(item for item in given if item.startswith("resume=")),
            fix="without -m: each interrupted run is resumed by itself",
        )
    if arguments.multirun:
        several, mistakes = compose_sweep_with_errors(overrides)
    else:
        one, mistakes = compose_with_errors(overrides)
        several = [one]
    if not arguments.info:
        from emotionart.config.validate import check

        mistakes += {str(mistake): mistake for composed in several for mistake in check(composed)}.values()
        mistakes += _unwritable(several[0].folders["sweep" if arguments.multirun else "run"])
    raise_together(mistakes)
    flags = [item for item in argv if item not in given]
    _run_hydra([*flags, *overrides])


def _resumed(overrides: list[str]) -> list[str]:
    """The overrides of the run that `resume=FOLDER` names, in its folder; `overrides` themselves without it.

    Raises:
        UserError: if the folder holds no run, the run is done, or another override changes it.
    """
    folders = [Path(item.partition("=")[2].strip("'\"")) for item in overrides if item.startswith("resume=")]
    if not folders or str(folders[-1]) in ("", "null"):
        return overrides
    from emotionart.config.compose import compose, difference
    from emotionart.files import read_yaml
    from emotionart.run.folder import RunFolder

    folder = RunFolder(folders[-1])
    if not folder.config.exists():
        raise UserError("There is no run to resume in this folder.", where=str(folder.path))
    if folder.result.exists():
        raise UserError("This run is done; there is nothing to resume.", where=str(folder.result))
    others = [item for item in overrides if not item.startswith("resume=")]
    earlier: list[str] = read_yaml(folder.overrides, "overrides")["overrides"]
    asked = [*earlier, *others]
    changes = difference(read_yaml(folder.config, "seed"), compose(asked).resolved())
    if changes:
        raise UserError(
            "A run is resumed with the configuration it was started with, and this one differs: " + "; ".join(changes),
            where=str(folder.config),
            fix=f"python train.py resume={folder.path}   (or a new run, without resume)",
        )
    return [*asked, f"resume={quote(str(folder.path))}", f"hydra.run.dir={quote(str(folder.path))}"]


def _unwritable(folder: str) -> list[UserError]:
    """What forbids writing to a folder that is yet to be made, whose name may end in interpolations."""
    wanted = Path(folder.partition("${")[0] + "x").absolute()
    reason = why_no_folder(wanted)
    if reason is None:
        return []
    return [UserError(f"Runs cannot be kept in {wanted.parent}: {reason}.", where="hydra.run.dir, hydra.sweep.dir")]


def _run_hydra(argv: list[str]) -> None:
    import hydra
    from hydra.core.hydra_config import HydraConfig
    from omegaconf import DictConfig

    failures: list[Exception] = []

    def job(config: DictConfig) -> dict[str, Any] | None:
        from emotionart.pipeline import run
        from emotionart.run.launcher import cores_of_a_job

        hydra_config = HydraConfig.get()
        choices = {group: option for group, option in hydra_config.runtime.choices.items() if "hydra/" not in group}
        folder = Path(hydra_config.runtime.output_dir)
        try:
            cores = cores_of_a_job(hydra_config.launcher)
            return run(config, choices, list(hydra_config.overrides.task), folder, cores=cores)
        except Exception as error:
            # Hydra would tell of the first failure only; but what another process fails at must be left to it.
            if hydra_config.runtime.choices["hydra/launcher"] != "basic":
                raise
            failures.append(error)
            logging.getLogger(__name__).error("failed: %s: %s", folder, str(error).partition("\n")[0])
            return None

    os.environ["HYDRA_FULL_ERROR"] = "1"
    sys.argv[1:] = argv
    hydra.main(config_path=str(CONF), config_name="train", version_base="1.3")(job)()
    for failure in failures:
        if not isinstance(failure, UserError):
            raise failure
    raise_together(failure for failure in failures if isinstance(failure, UserError))
