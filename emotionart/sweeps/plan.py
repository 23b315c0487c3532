"""The cells of a sweep: rows x grid x seeds, and x folds x repeats with cross-validation.

Each cell has a frozen configuration and a folder of its own.
"""

from __future__ import annotations

import itertools
import json
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from omegaconf import DictConfig, OmegaConf

from emotionart.config.compose import compose_with_errors
from emotionart.config.composed import REFUSALS, Composed, compose_overrides, open_conf, with_values
from emotionart.config.groups import CONF
from emotionart.config.overrides import override_key
from emotionart.config.relevance import fingerprint
from emotionart.config.validate import check_with
from emotionart.errors import UserError
from emotionart.quoting import quote
from emotionart.run.folder import RunFolder


@dataclass(frozen=True)
class SweepJob:
    """One run of a sweep.

    Attributes:
        row: name of the table's row, with the grid values.
        seed: random seed of the run.
        overrides: overrides as for `train.py`.
        folder: run folder, which depends on the configuration alone.
        choices: the chosen option of each config group.
        config: resolved configuration; empty if the overrides are wrong.
        mistakes: what is wrong with the overrides.
        fold: (repeat, fold, number of folds); None for a single split.
    """

    row: str
    seed: int
    overrides: tuple[str, ...]
    folder: RunFolder
    choices: Mapping[str, str]
    config: Mapping[str, Any]
    mistakes: tuple[UserError, ...] = ()
    fold: tuple[int, int, int] | None = None

    @property
    def name(self) -> str:
        """Name of the cell, which is its folder's."""
        return self.folder.path.name

    @property
    def title(self) -> str:
        """The cell in a few words."""
        return self.name if self.fold else f"{self.row}, seed {self.seed}"


@dataclass(frozen=True)
class _Setting:
    """A row of a sweep at a point of its grid.

    Attributes:
        row: name of the row, with the grid values.
        overrides: overrides of the row and the point.
        composed: configuration of the first fold.
        mistakes: what is wrong with the overrides.
    """

    row: str
    overrides: Sequence[str]
    composed: Composed
    mistakes: Sequence[UserError]

    def cell(self, seed: int, fold: tuple[int, int, int] | None, folder: Path) -> SweepJob:
        """The cell of a seed and a fold (repeat, fold, number of folds), in a folder within that of the sweep."""
        slug = re.sub(r"[^a-z0-9._]+", "-", self.row.lower()).strip("-.") + f"-s{seed}"
        if fold:
            slug += f"-r{fold[0]}f{fold[1]}"
        overrides, choices = [*self.overrides, f"seed={seed}"], self.composed.choices
        if self.mistakes:
            run = RunFolder(folder / f"{slug}-refused")
            return SweepJob(self.row, seed, tuple(overrides), run, choices, {}, tuple(self.mistakes), fold)
        config = self.composed.config.copy() if fold else self.composed.config
        config.seed = seed
        if fold:
            config.data.fold = fold[1]
            overrides.append(f"data.fold={fold[1]}")
        if fold and fold[0]:
            config.data.split_seed += fold[0]
            overrides.append(f"data.split_seed={config.data.split_seed}")
        resolved: dict[str, Any] = OmegaConf.to_container(config, resolve=True)  # type: ignore[assignment]
        run = RunFolder(folder / f"{slug}-{fingerprint(resolved)}")
        return SweepJob(self.row, seed, tuple(overrides), run, choices, resolved, fold=fold)


def plan_jobs(sweep: DictConfig, extra: Sequence[str], folder: Path) -> list[SweepJob]:
    """The cells of a sweep, row by row.

    Args:
        sweep: configuration with `common`, `rows`, `grid`, `seeds`, `folds` and `repeats`.
        extra: overrides of every cell, which take precedence over the sweep's own.
        folder: folder of the sweep.
    """
    folds, first = ([], []) if sweep.folds is None else ([f"data.folds={sweep.folds}"], ["data.fold=0"])
    grid: dict[str, list[Any]] = OmegaConf.to_container(sweep.grid)  # type: ignore[assignment]
    after = [*extra, *folds]
    cells = []
    for row, own in sweep.rows.items():
        alone = compose_with_errors([*sweep.common, *own, *after, *first])
        for values in itertools.product(*grid.values()):
            point = [as_override(key, value) for key, value in zip(grid, values, strict=True)]
            overrides = [*sweep.common, *own, *point, *after]
            composed, mistakes = _with_point(alone, point, after) or compose_with_errors([*overrides, *first])
            mistakes = check_with(mistakes, composed)
            setting = _Setting(", ".join([row, *point]), overrides, composed, mistakes)
            cells += [setting.cell(*each, folder) for each in itertools.product(sweep.seeds, _folds(sweep))]
    return cells


def misnaming(sweep: DictConfig, extra: Sequence[str]) -> Iterator[UserError]:
    """Errors for settings that would name rows or folds after values which their runs do not have.

    Args:
        sweep, extra: as for `plan_jobs`.
    """
    for text in extra:
        key = override_key(text)
        if key in sweep.grid:
            value = f"+grid={{{key}: [{text.partition('=')[2]}]}}"
            what = f"The grid varies {key}, so that rows would be named after values that no run has."
            yield UserError(what, where=text, fix=shlex.quote(value))
        if sweep.folds is not None and key in ("data.fold", "data.folds"):
            yield UserError(
                f"A sweep with folds={sweep.folds} runs each of them.", where=text, fix="folds=K   for K folds"
            )
    places = {"common": sweep.common, "grid": sweep.grid, **{f"rows.{row}": own for row, own in sweep.rows.items()}}
    for place, texts in places.items():
        if any(override_key(text) == "seed" for text in texts):
            yield UserError("Each row is run with every one of seeds.", where=f"{place}: seed", fix="seeds=[0,1,2]")


def shared_mistakes(sweep: DictConfig, extra: Sequence[str]) -> list[UserError]:
    """Errors in overrides that come from the command line, as no row composes: found before any row is diagnosed.

    Args:
        sweep, extra: as for `plan_jobs`.
    """
    rows = [[*sweep.common, *own, *extra] for own in sweep.rows.values()]
    if not rows or not all(map(_is_refused, rows)):
        return []
    (_, first), (_, last) = compose_with_errors(rows[0]), compose_with_errors(rows[-1])
    shared = {str(mistake) for mistake in last}
    return [mistake for mistake in first if str(mistake) in shared]


def _is_refused(overrides: Sequence[str]) -> bool:
    try:
        with open_conf(CONF):
            compose_overrides("train", overrides)
    except REFUSALS:
        return True
    return False


_Composition = tuple[Composed, list[UserError]]


def _with_point(alone: _Composition, point: Sequence[str], after: Sequence[str]) -> _Composition | None:
    """A row's configuration at a point of the grid, if the point changes plain values only; else None.

    Args:
        alone: configuration and errors of the row without the point.
        point: overrides of the grid's keys.
        after: overrides that take precedence over these.
    """
    composed, mistakes = alone
    keys = {override_key(text) for text in point} & {override_key(text) for text in after}
    changed = None if mistakes or keys else with_values(composed, point)
    return (changed, []) if changed else None


def _folds(sweep: DictConfig) -> list[tuple[int, int, int] | None]:
    if sweep.folds is None:
        return [None]
    return [(repeat, fold, sweep.folds) for repeat in range(sweep.repeats) for fold in range(sweep.folds)]


def as_override(key: str, value: Any) -> str:
    """`key=value` in the syntax that Hydra reads on the command line."""
    if value is None or isinstance(value, bool):
        return f"{key}={json.dumps(value)}"
    plain = not isinstance(value, str) or re.fullmatch(r"[\w.+-]+", value, re.ASCII)
    return f"{key}={value if plain else quote(value)}"
