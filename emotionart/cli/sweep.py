"""The command line of `sweep.py`: plans, launches, reports and compares."""

from __future__ import annotations

import logging
import os
import shlex
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emotionart.cli import tune
from emotionart.cli.console import log_to_console
from emotionart.cli.guard import guarded, repeatable
from emotionart.config.groups import CONF, SWEEP_GROUPS, group_options, key_names, top_level_keys
from emotionart.config.nearest import likeness, nearest_keys
from emotionart.config.overrides import override_key, search_folders, without_config_dir
from emotionart.errors import UserError, raise_together
from emotionart.terminal import terminal_width
from emotionart.text_columns import align_descriptions

if TYPE_CHECKING:
    from omegaconf import DictConfig

    from emotionart.sweeps.plan import SweepJob

log = logging.getLogger(__name__)

_PURPOSE = """\
Runs every row of a sweep with every seed, each in a folder of its own, and ends
with a table that compares them.
"""
_COMMANDS = {
    "python sweep.py sweep=results_table": "the study's table on the built-in gallery",
    "python sweep.py sweep=results_table dry_run=true": "what would be run, and how far it is",
    "python sweep.py sweep=cv_ablation seeds=[0,1]": "fewer seeds",
    "python sweep.py sweep=cross_validation folds=5 repeats=2": "each artwork tested: rows x seeds x folds x repeats",
    "python sweep.py sweep=results_table data=table data.path=labels.csv labels=as_is": "your own pictures",
    "python sweep.py sweep=results_table hydra/launcher=joblib hydra.launcher.n_jobs=2": "two runs beside each other",
    "python sweep.py search=optuna model=cv_fc search.trials=30": "hyperparameters, as emotionart tune",
}
_CONTINUATION = """
The same command again skips what is done and goes on with what was interrupted.
Overrides that are not about the sweep itself are given to every run;
`python train.py --help` lists them.
"""
_MOST_SEEDS = 20  # written out in a message
_MOST_FOLDS = 100
_SWEEP_KEYS = (*SWEEP_GROUPS, "common", "rows", "grid", "seeds", "folds", "repeats")


def main(argv: Sequence[str]) -> int:
    """Runs `sweep.py` with these arguments: exit code 0 if all is done, 1 if a cell failed, else see `guarded`."""
    return guarded(lambda: _dispatch(without_config_dir(argv)))


def _dispatch(argv: Sequence[str]) -> int:
    """Shows the help, or runs a search or a sweep."""
    if {"-h", "--help"} & set(argv):
        sys.stdout.write(_help(*search_folders(argv)))
        return 0
    with repeatable(f"python sweep.py {shlex.join(argv)}"):
        if any(text.startswith("search=") for text in argv):
            return tune.run_search(argv)
        _require_choice(argv)
        return _sweep(argv)


def _help(*folders: Path) -> str:
    width = terminal_width()
    lines = [_PURPOSE, *align_descriptions(_COMMANDS, 49, width), _CONTINUATION]
    options = group_options(CONF, *folders)
    for group in SWEEP_GROUPS:
        lines.append(f"{group}=")
        lines += align_descriptions(options[group], 16, width)
    lines.append("Keys:")
    lines += align_descriptions(top_level_keys("sweep"), 26, width)
    return "\n".join(lines) + "\n"


def _sweep(argv: Sequence[str]) -> int:
    from emotionart.config.compose import compose
    from emotionart.run.devices.launcher import require_single_process

    require_single_process(os.environ)
    own, launcher, overrides = _split_overrides(argv)
    composed = compose(own, "sweep")
    config = composed.config
    _check(config)
    with log_to_console():
        name = config.name or composed.choices["sweep"]
        return _run(config, overrides, launcher, Path(config.folder) / name, name, argv)


def _require_choice(argv: Sequence[str]) -> None:
    if not any(text.startswith("sweep=") for text in argv):
        raise UserError(
            "Which sweep?", where="sweep, search", fix="sweep=NAME or search=NAME; python sweep.py --help lists them"
        )


def _run(
    config: DictConfig,
    overrides: Sequence[str],
    launcher: Sequence[str],
    folder: Path,
    name: str,
    argv: Sequence[str],
) -> int:
    from emotionart.sweeps.plan import misnaming, plan_jobs, shared_mistakes

    raise_together(misnaming(config, overrides))
    raise_together(_reword(mistake) for mistake in shared_mistakes(config, overrides))
    # Imported after this check, since they take seconds.
    from emotionart.sweeps.launch import launch, require_launcher
    from emotionart.sweeps.live import show_live
    from emotionart.sweeps.status import all_done_or_held, pending_jobs, plan_lines, prepare, summary_lines

    require_launcher(launcher)
    cells = plan_jobs(config, overrides, folder)
    raise_together(_reword(mistake) for mistake in _mistakes_of_all(cells))
    todo = pending_jobs(cells, config.rerun)
    if config.dry_run:
        for line in plan_lines(cells, todo):
            log.info(line)
        return 0
    from emotionart.compare.outcome import write_outcome

    log.info("%d of %d cells to run, in %s", len(todo), len(cells), folder)
    start = time.monotonic()
    prepare(cells, todo, folder, name, rerun=config.rerun, fail_fast=config.fail_fast)
    # The cells that rerun=all repeats are set aside by now; the same command would repeat those that end before a stop.
    again = [text for text in argv if config.rerun != "all" or override_key(text) != "rerun"]
    with repeatable(f"python sweep.py {shlex.join(again)}"), show_live(todo):
        launch(todo, launcher)
    logger = next((cell.config["logger"] for cell in cells if cell.config), None)
    write_outcome(folder, name, logger if config.summary and todo else None)
    for line in summary_lines(cells, todo, time.monotonic() - start):
        log.info(line)
    return 0 if all_done_or_held(cells) else 1


def _split_overrides(argv: Sequence[str]) -> tuple[list[str], list[str], list[str]]:
    """Sorts overrides into those of the sweep, of the launcher, and of every run."""
    keys = {*key_names("sweep"), *_SWEEP_KEYS}
    own: list[str] = []
    launcher: list[str] = []
    overrides: list[str] = []
    for text in argv:
        if text.startswith("-"):
            raise UserError(f"sweep.py has no option {text}.", where=text, fix="python sweep.py --help")
        key = override_key(text)
        if key == "seed":
            raise UserError("A sweep needs seeds.", where=text, fix=f"seeds=[{text.partition('=')[2]}]")
        if key == "resume":
            raise UserError(
                "A sweep takes no run to resume: the same command again goes on with what is not done.",
                where=text,
                fix="without it; or start=RUN, which starts each run from its weights",
            )
        if key == "hydra.searchpath":  # may hold the sweep's file and a run's options
            own.append(text)
            overrides.append(text)
        elif key.startswith(("hydra/launcher", "hydra.launcher")):
            launcher.append(text)
        else:
            (own if key.partition(".")[0] in keys else overrides).append(text)
    return own, launcher, overrides


def _check(config: DictConfig) -> None:
    from omegaconf import OmegaConf

    from emotionart.sweeps.settings import SweepSettings, check_settings

    plan: dict[str, Any] = OmegaConf.to_container(config)  # type: ignore[assignment]
    raise_together(check_settings(plan, SweepSettings))
    raise_together(_plan_mistakes(plan))


def _plan_mistakes(plan: Mapping[str, Any]) -> Iterator[UserError]:
    """Errors for seeds that are no list, a grid without values, or rows that are not overrides."""
    seeds = plan["seeds"]
    several = isinstance(seeds, list) and bool(seeds)
    if not several or not all(isinstance(seed, int) and seed >= 0 for seed in seeds) or len({*seeds}) < len(seeds):
        count = seeds if isinstance(seeds, int) and 0 < seeds <= _MOST_SEEDS else 3
        fix = f"seeds={[*range(count)]}".replace(" ", "")
        yield UserError(f"Seeds are a list of different whole numbers from 0, not {seeds}.", where="seeds", fix=fix)
    for name, least in (("folds", 2), ("repeats", 1)):
        count = plan[name]
        if (name, count) != ("folds", None) and not (isinstance(count, int) and least <= count <= _MOST_FOLDS):
            yield UserError(f"{name} is a whole number, {least} to {_MOST_FOLDS}, not {count!r}.", where=name)
    if plan["repeats"] != 1 and plan["folds"] is None:
        yield UserError("Only folds can be repeated.", where="repeats", fix="folds=5, or more seeds")
    for name, expected in (("grid", "a list of values"), ("rows", "a list of overrides")):
        for key, value in plan[name].items():
            texts = name == "grid" or (isinstance(value, list) and all(isinstance(item, str) for item in value))
            if not isinstance(value, list) or not texts or (name == "grid" and not value):
                yield UserError(f"{key} has {expected}, not {value!r}.", where=name, fix=f"{key}: [{value or ''}]")


def _mistakes_of_all(cells: Sequence[SweepJob]) -> list[UserError]:
    """The errors that all cells share, which come from the command line rather than from a row."""
    by_text = [{str(mistake): mistake for mistake in cell.mistakes} for cell in cells]
    return [mistake for text, mistake in by_text[0].items() if all(text in one for one in by_text)] if by_text else []


def _reword(mistake: UserError) -> UserError:
    """The error, with the sweep's own keys among the suggestions."""
    key, _, value = (mistake.where or "").partition("=")
    keys = [*key_names("sweep"), *_SWEEP_KEYS]
    best = max((likeness(key, name) for name in mistake.suggestions), default=0.0)
    close = [name for name in nearest_keys(key, keys) if likeness(key, name) > best]
    if not close or not mistake.what.startswith("There is no key"):
        return mistake
    return UserError(
        mistake.what, where=mistake.where, suggestions=[*close, *mistake.suggestions], fix=f"{close[0]}={value}"
    )
