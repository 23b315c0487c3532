"""The runs of a folder, by row of the table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from emotionart.compare.names import shorten
from emotionart.config.compose import is_neutral
from emotionart.errors import UserError
from emotionart.files import read_json, read_yaml
from emotionart.run.folder import RunFolder
from emotionart.run.stored import read_provenance, read_result

TRAIN_COUNT = "data.train_count="
"""The override that limits the number of training artworks."""

_LONGEST = 50
"""Maximum length of the name of a row in characters."""


@dataclass(frozen=True)
class Fold:
    """The fold that a cross-validated run was tested on.

    Attributes:
        repeat: number of the repeat, from 0.
        number: number of the fold, from 0.
        count: how many folds there are.
    """

    repeat: int
    number: int
    count: int


@dataclass(frozen=True)
class SweepRun:
    """A run of a sweep, multirun or comparison.

    Attributes:
        folder: run folder.
        seed: random seed of the run.
        fold: fold that it was tested on; None for a single split.
    """

    folder: RunFolder
    seed: int
    fold: Fold | None = None

    @cached_property
    def result(self) -> Mapping[str, Any] | None:
        """The contents of `result.json`; None if the run is unfinished."""
        return read_result(self.folder.result) if self.folder.result.exists() else None

    @cached_property
    def train_count(self) -> int | None:
        """The requested number of training artworks; None for all."""
        asked: list[str] = read_yaml(self.folder.overrides, "overrides")["overrides"]
        counts = [text.removeprefix(TRAIN_COUNT) for text in asked if text.startswith(TRAIN_COUNT)]
        return int(counts[-1]) if counts and counts[-1].isdigit() else None

    @cached_property
    def provenance(self) -> Mapping[str, Any]:
        """The contents of `provenance.json`."""
        return read_provenance(self.folder.provenance)


Pool = tuple[SweepRun, ...]
"""Runs whose tested artworks are pooled: all folds of one repeat, or a single run."""


def pools(runs: Iterable[SweepRun]) -> list[Pool]:
    """Pools of the finished runs; the folds of a seed and repeat form one pool once all of them are finished."""
    found: dict[tuple[int, int], list[SweepRun]] = {}
    single: list[Pool] = []
    for run in runs:
        if run.result and run.fold:
            found.setdefault((run.seed, run.fold.repeat), []).append(run)
        elif run.result:
            single.append((run,))
    whole = [tuple(pool) for pool in found.values() if pool[0].fold and len(pool) == pool[0].fold.count]
    return [*single, *whole]


def device(provenance: Mapping[str, Any]) -> str:
    """The name of the device that a run was made on."""
    machine, threads = provenance["machine"], provenance["threads"]
    return str(machine["gpu"] or f"{machine['processor']}, {threads} thread{'s' if threads > 1 else ''}")


def read_runs(folder: Path) -> dict[str, list[SweepRun]]:
    """The runs of a folder by row: as planned by `sweep.py`, else named by the overrides that differ.

    Args:
        folder: folder of a sweep, or of a multirun of `train.py`.

    Raises:
        UserError: if the folder holds no run.
    """
    if (folder / "plan.json").exists():
        members: dict[str, list[SweepRun]] = {}
        for cell in read_json(folder / "plan.json"):
            fold = Fold(*cell["fold"]) if "fold" in cell else None
            run = SweepRun(RunFolder(folder / cell["folder"]), cell["seed"], fold)
            members.setdefault(cell["row"], []).append(run)
        return members
    runs = [RunFolder(file.parent) for file in folder.glob("*/config.yaml")]
    if not runs:
        raise UserError(
            "This folder holds no runs to compare.",
            where=str(folder),
            fix="the folder of a sweep (outputs/sweeps/NAME) or of a multirun (outputs/multirun/TIME)",
        )
    return name_runs(sorted(runs, key=lambda run: _job_number(run.path)))


def name_runs(runs: Sequence[RunFolder]) -> dict[str, list[SweepRun]]:
    """Runs by row, named by the overrides in which they differ, except for the seed: by the most telling of many."""
    members: dict[tuple[str, ...], list[SweepRun]] = {}
    asked = [read_yaml(run.overrides, "overrides", "choices") for run in runs]
    telling = [[text for text in one["overrides"] if not _is_aside(text)] for one in asked]
    common = set.intersection(*(set(one) for one in telling))
    models = [f"model={one['choices']['model']}" for one in asked]
    for run, model, overrides in zip(runs, models, telling, strict=True):
        words = [text for text in overrides if text not in common]
        if model in words or len(set(models)) > 1 or not words:
            words = [model, *(text for text in words if text != model)]
        first, *others = words
        config = read_yaml(run.config, "seed")
        members.setdefault((first.removeprefix("model="), *others), []).append(SweepRun(run, config["seed"]))
    return dict(zip(_short(list(members)), members.values(), strict=True))


def _short(names: Sequence[Sequence[str]]) -> list[str]:
    """Short names, which keep the number of training artworks: learning curves need it."""
    counts = [[word for word in words if word.startswith(TRAIN_COUNT)] for words in names]
    others = [tuple(word for word in words if not word.startswith(TRAIN_COUNT)) for words in names]
    distinct = list(dict.fromkeys(others))
    short = dict(zip(distinct, shorten(distinct, _LONGEST), strict=True))
    return [", ".join(filter(None, [short[rest], *count])) for rest, count in zip(others, counts, strict=True)]


def _job_number(run: Path) -> tuple[int, str]:
    number = run.name.partition("-")[0]
    return (int(number) if number.isdigit() else 0, run.name)


def _is_aside(override: str) -> bool:
    """Whether an override does not distinguish rows: the seed, and keys that cannot change a result."""
    key = override.partition("=")[0].lstrip("+~").replace("/", ".")
    return key == "seed" or is_neutral(key)
