"""The runs of a folder, by row of the table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from emotionart.compare.names import distinct_ends, shorten
from emotionart.config.overrides import override_key
from emotionart.config.relevance import is_neutral
from emotionart.counting import counted
from emotionart.data.tables.wording import some
from emotionart.errors import UserError
from emotionart.files import read_json, read_yaml
from emotionart.run.folder import RunFolder
from emotionart.run.stored import read_provenance, read_result

TRAIN_COUNT = "data.train_count="
"""The override that limits the number of training artworks."""

_LONGEST = 50
"""Maximum length of the name of a row in characters."""

_READABLE = 39
"""Length up to which a name is whole in a terminal of 80 columns."""

_Words = tuple[str, ...]


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
        overrides: list[str] = read_yaml(self.folder.overrides, "overrides")["overrides"]
        counts = [text.removeprefix(TRAIN_COUNT) for text in overrides if text.startswith(TRAIN_COUNT)]
        return int(counts[-1]) if counts and counts[-1].isdigit() else None

    @cached_property
    def provenance(self) -> Mapping[str, Any]:
        """The contents of `provenance.json`."""
        return read_provenance(self.folder.provenance)


RunsByRow = Mapping[str, Sequence[SweepRun]]
"""The runs of each row of a table, by the row's name."""

Pool = tuple[SweepRun, ...]
"""Runs whose tested artworks are pooled: all folds of one repeat, or a single run."""


def pools(runs: Iterable[SweepRun]) -> list[Pool]:
    """Pools of the finished runs; the folds of a seed and repeat form one pool once all of them are finished."""
    by_repeat: dict[tuple[int, int], list[SweepRun]] = {}
    single: list[Pool] = []
    for run in runs:
        if run.result and run.fold:
            by_repeat.setdefault((run.seed, run.fold.repeat), []).append(run)
        elif run.result:
            single.append((run,))
    whole = [tuple(pool) for pool in by_repeat.values() if pool[0].fold and len(pool) == pool[0].fold.count]
    return [*single, *whole]


def device(provenance: Mapping[str, Any]) -> str:
    """The name of the device that a run was made on."""
    machine, threads = provenance["machine"], provenance["threads"]
    return str(machine["gpu"] or f"{machine['processor']}, {counted(threads, 'thread')}")


def read_runs(folder: Path) -> dict[str, list[SweepRun]]:
    """The runs of a folder by row: as planned by `sweep.py`, else named by the overrides that differ.

    Args:
        folder: folder of a sweep, or of a multirun of `train.py`.

    Raises:
        UserError: if the folder holds no run.
    """
    if (folder / "plan.json").exists():
        runs_by_row: dict[str, list[SweepRun]] = {}
        for cell in read_json(folder / "plan.json"):
            fold = Fold(*cell["fold"]) if "fold" in cell else None
            run = SweepRun(RunFolder(folder / cell["folder"]), cell["seed"], fold)
            runs_by_row.setdefault(cell["row"], []).append(run)
        return runs_by_row
    runs = [RunFolder(file.parent) for file in folder.glob("*/config.yaml")]
    if not runs:
        raise UserError(
            "This folder holds no runs to compare.",
            where=str(folder),
            fix="the folder of a sweep (outputs/sweeps/NAME) or of a multirun (outputs/multirun/TIME)",
        )
    return name_runs(sorted(runs, key=lambda run: _job_number(run.path)))


def name_runs(runs: Sequence[RunFolder]) -> dict[str, list[SweepRun]]:
    """Runs by row, named by the overrides in which they differ, except for the seed.

    A long name keeps the overrides that distinguish it best, see `shorten`.
    """
    runs_by_words = _by_overrides(runs)
    others = list(dict.fromkeys(map(_without_count, runs_by_words)))
    return _named(runs_by_words, dict(zip(others, shorten(others, _LONGEST), strict=True)))


def name_runs_or_folders(runs: Sequence[RunFolder]) -> tuple[dict[str, list[SweepRun]], list[str]]:
    """Runs by row as by `name_runs`, or named by their folders where their overrides are too long to be read as names.

    Returns:
        The runs by row, and a note for each row that is named by folders: its overrides.
    """
    runs_by_words = _by_overrides(runs)
    if max(len(", ".join(words)) for words in runs_by_words) <= _READABLE:
        return name_runs(runs), []
    short = dict(zip((run.path for run in runs), distinct_ends([run.path for run in runs]), strict=True))
    folders: dict[_Words, list[str]] = {}
    for words, rows in runs_by_words.items():
        folders.setdefault(_without_count(words), []).extend(short[run.folder.path] for run in rows)
    titles = {words: some(names, 2) for words, names in folders.items()}
    return _named(runs_by_words, titles), [f"{title}: {', '.join(words)}" for words, title in titles.items()]


def _by_overrides(runs: Sequence[RunFolder]) -> dict[_Words, list[SweepRun]]:
    """Runs by the overrides in which they differ, the model first; runs that differ in the seed alone are together.

    Of several overrides of a key the last holds; keys are in the order in which they first occur.
    """
    runs_by_words: dict[_Words, list[SweepRun]] = {}
    recorded = [read_yaml(run.overrides, "overrides", "choices") for run in runs]
    by_key = [{override_key(text): text for text in one["overrides"] if not _is_irrelevant(text)} for one in recorded]
    keys = list(dict.fromkeys(key for one in by_key for key in one))
    relevant = [[one[key] for key in keys if key in one] for one in by_key]
    common = set.intersection(*(set(one) for one in relevant))
    models = [f"model={one['choices']['model']}" for one in recorded]
    for run, model, overrides in zip(runs, models, relevant, strict=True):
        words = [text for text in overrides if text not in common]
        if model in words or len(set(models)) > 1 or not words:
            words = [model, *(text for text in words if text != model)]
        first, *others = words
        config = read_yaml(run.config, "seed")
        runs_by_words.setdefault((first.removeprefix("model="), *others), []).append(SweepRun(run, config["seed"]))
    return runs_by_words


def _named(runs_by_words: Mapping[_Words, list[SweepRun]], titles: Mapping[_Words, str]) -> dict[str, list[SweepRun]]:
    """Runs by title and number of training artworks, which learning curves need."""
    named = {}
    for words, runs in runs_by_words.items():
        counts = [word for word in words if word.startswith(TRAIN_COUNT)]
        named[", ".join(filter(None, [titles[_without_count(words)], *counts]))] = runs
    return named


def _without_count(words: _Words) -> _Words:
    return tuple(word for word in words if not word.startswith(TRAIN_COUNT))


def _job_number(run: Path) -> tuple[int, str]:
    number = run.name.partition("-")[0]
    return (int(number) if number.isdigit() else 0, run.name)


def _is_irrelevant(override: str) -> bool:
    """Whether an override does not distinguish rows: the seed, and keys that cannot change a result."""
    key = override.partition("=")[0].lstrip("+~").replace("/", ".")
    return key == "seed" or is_neutral(key)
