"""The run folder: its files, lock and status."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shlex import quote
from typing import Any

import yaml
from filelock import FileLock, Timeout
from omegaconf import DictConfig, OmegaConf

from emotionart.config.run_config import RunConfig
from emotionart.errors import UserError, suggest
from emotionart.files import read_json, read_yaml, write_json, write_text
from emotionart.quoting import override


def no_run(folder: Path, fix: str | None = None) -> UserError:
    """The mistake that this folder holds no run, with the names most like it of those beside it that do.

    Args:
        folder: the folder.
        fix: command that does with it what was wanted; None for the one that lists all runs.
    """
    beside = [path.name for path in folder.absolute().parent.glob("*/") if RunFolder(path).config.is_file()]
    return UserError(
        "There is no run in this folder.",
        where=str(folder),
        suggestions=[str(folder.parent / name) for name in suggest(folder.name, beside)],
        fix=fix or "emotionart runs   lists all runs",
    )


_A_LOOK = 1.0  # seconds of waiting: `is_locked` of another process holds the lock for a moment


class RunLockedError(UserError):
    """Another process is working in a run folder."""


def finished_runs(folder: Path) -> list[RunFolder]:
    """The runs with a result in a folder and its subfolders, sorted by path.

    A result without a configuration belongs to a test on another table and is left out.
    """
    runs = (RunFolder(file.parent) for file in sorted(folder.rglob("result.json")))
    return [run for run in runs if run.config.exists()]


@dataclass(frozen=True)
class RunFolder:
    """The files of one run; README.md of `outputs/` lists them."""

    path: Path

    @property
    def config(self) -> Path:
        """File with the resolved configuration."""
        return self.path / "config.yaml"

    @property
    def overrides(self) -> Path:
        """File with the command line's overrides and the chosen option of each group."""
        return self.path / "overrides.yaml"

    @property
    def status_file(self) -> Path:
        """File with the state of the run: status, W&B id."""
        return self.path / "run.json"

    @property
    def result(self) -> Path:
        """File with the result; written last, so its presence means that the run is finished."""
        return self.path / "result.json"

    @property
    def validation(self) -> Path:
        """File with the validation result of a run without a test, such as a trial of a search."""
        return self.path / "validation.json"

    @property
    def predictions(self) -> Path:
        """File with the predictions for each artwork."""
        return self.path / "predictions.csv"

    @property
    def logistic_predictions(self) -> Path:
        """File with the predictions of logistic regression on the same features, for runs on features."""
        return self.path / "predictions-logistic-regression.csv"

    @property
    def split(self) -> Path:
        """File with the part of the split of each artwork."""
        return self.path / "split.csv"

    @property
    def provenance(self) -> Path:
        """File with the provenance: code, data, packages, machine, threads, times."""
        return self.path / "provenance.json"

    @property
    def log(self) -> Path:
        """File with the messages of the run."""
        return self.path / "run.log"

    @property
    def metrics(self) -> Path:
        """File with the metrics of each epoch, or of each report of a GAN; `logger.metrics_csv=false` leaves it out."""
        return self.path / "metrics.csv"

    @property
    def error(self) -> Path:
        """File with the cause and traceback of a failed run."""
        return self.path / "error.txt"

    @property
    def checkpoints(self) -> Path:
        """Folder of `best.ckpt` and `last.ckpt`."""
        return self.path / "checkpoints"

    @property
    def samples(self) -> Path:
        """Folder of a GAN's grids of pictures, one for each report."""
        return self.path / "samples"

    @property
    def figures(self) -> Path:
        """Folder of the figures."""
        return self.path / "figures"

    @property
    def resumable(self) -> bool:
        """Whether the folder holds a run without a result."""
        return self.config.exists() and not self.result.exists()

    @property
    def resume_command(self) -> str:
        """The command that goes on with this run, quoted for the shell."""
        return f"python train.py {override('resume', str(self.path))}"

    @property
    def start_command(self) -> str:
        """The beginning of the command for a new run that starts from this one's weights, quoted for the shell."""
        return f"python train.py {override('start', str(self.path))}"

    @property
    def figures_command(self) -> str:
        """The command that makes the missing figures of this run, quoted for the shell."""
        return f"emotionart figures {quote(str(self.path))}"

    def freeze(self, config: Mapping[str, Any], choices: Mapping[str, str], overrides: Sequence[str]) -> None:
        """Writes the configuration of a run; `config.yaml` last, since its presence means that the rest is complete."""
        recorded = {"overrides": list(overrides), "choices": dict(choices)}
        write_text(self.overrides, yaml.safe_dump(recorded))
        write_text(self.config, yaml.safe_dump(dict(config), sort_keys=False, allow_unicode=True))

    def frozen(self) -> RunConfig:
        """The configuration that the run was started with."""
        config: DictConfig = OmegaConf.create(read_yaml(self.config, "seed"))
        recorded = read_yaml(self.overrides, "overrides", "choices")
        return RunConfig(config, recorded["choices"], recorded["overrides"])

    def status(self) -> dict[str, Any]:
        """The contents of `run.json`; empty if the folder holds no run."""
        return read_json(self.status_file) if self.status_file.exists() else {}

    def update(self, values: Mapping[str, Any]) -> None:
        """Sets some entries of `run.json`."""
        write_json(self.status_file, {**self.status(), **values})

    def is_locked(self) -> bool:
        """Whether a process is working in the folder."""
        if not (self.path / ".lock").exists():
            return False
        try:
            with FileLock(self.path / ".lock", timeout=0):
                return False
        except Timeout:
            return True

    @contextmanager
    def lock(self, resume: bool) -> Iterator[None]:
        """Locks the folder for this process.

        Raises:
            RunLockedError: if another process has locked it.
            UserError: if it contains a run already and `resume` is false.
        """
        lock = FileLock(self.path / ".lock")
        try:
            lock.acquire(timeout=_A_LOOK)
        except Timeout:
            raise RunLockedError("Another process is working in this run folder.", where=str(self.path)) from None
        try:
            if self.status_file.exists() and not resume:
                raise UserError(
                    "This folder holds a run already; nothing is ever overwritten.",
                    where=str(self.path),
                    fix=f"{self.resume_command}   (or another hydra.run.dir)"
                    if self.resumable
                    else "another hydra.run.dir",
                )
            self.checkpoints.mkdir(exist_ok=True)
            self.figures.mkdir(exist_ok=True)
            yield
        finally:
            lock.release()
