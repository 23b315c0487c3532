"""The runs and sweeps that the page works with."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from emotionart.classifier.predictor import Predictor, load_run
from emotionart.errors import UserError
from emotionart.gan.generation.sampler import GANSampler, load_sampler
from emotionart.run.folder import RunFolder, finished_runs
from emotionart.run.split import pictures_tested
from emotionart.run.state import is_gan
from emotionart.run.stored import read_result


@dataclass(frozen=True)
class Runs:
    """The finished runs in a folder and its subfolders, each named by its path in that folder.

    Attributes:
        folder: root folder of the runs.
        trust: as for `load_run`.
    """

    folder: Path
    trust: bool = False

    @cached_property
    def results(self) -> dict[str, Any]:
        """The result of each run, the newest first; those of damaged folders are left out."""
        files = [run.result for run in finished_runs(self.folder)]
        files.sort(key=lambda file: file.stat().st_mtime, reverse=True)
        return {str(file.parent.relative_to(self.folder)): result for file in files if (result := _readable(file))}

    @property
    def classifiers(self) -> list[str]:
        """Names of the classifiers' runs, the newest first."""
        return [name for name, result in self.results.items() if not is_gan(result)]

    @property
    def generators(self) -> list[str]:
        """Names of the GANs' runs, the newest first."""
        return [name for name, result in self.results.items() if is_gan(result)]

    @property
    def sweeps(self) -> list[str]:
        """Names of the sweeps that have a table, the newest first."""
        tables = [file for file in self.folder.rglob("table.csv") if _compares_runs(file)]
        tables.sort(key=lambda file: file.stat().st_mtime, reverse=True)
        return [str(table.parent.relative_to(self.folder)) for table in tables]

    def predictor(self, name: str) -> Predictor:
        """A run's classifier."""
        return _predictor(self._path(name, self.classifiers), self.trust)

    def sampler(self, name: str) -> GANSampler:
        """A run's generator."""
        return _sampler(self._path(name, self.generators), self.trust)

    def sweep(self, name: str) -> Path:
        """A sweep's folder."""
        return self._path(name, self.sweeps)

    def pictures(self, name: str) -> list[Path]:
        """The pictures that a run was tested on, as far as their files still exist."""
        return [path for path in pictures_tested(RunFolder(self._path(name, self.classifiers))) if path.exists()]

    def _path(self, name: str, listed: Iterable[str]) -> Path:
        """The folder of a listed name; any other is refused, since names come from a browser."""
        if name not in listed:
            raise UserError("There is no such run.")
        return self.folder / name


def _readable(file: Path) -> dict[str, Any] | None:
    """The result in a file, or None if it holds none."""
    try:
        return read_result(file)
    except (UserError, OSError):
        return None


def _compares_runs(table: Path) -> bool:
    """Whether a table compares runs; `emotionart recolour` writes a table of the same name."""
    with table.open(encoding="utf-8", errors="replace") as lines:  # a table of the user's may be in any encoding
        return lines.readline().startswith("row,runs,")


@cache
def _predictor(folder: Path, trust: bool) -> Predictor:
    return load_run(folder, trust)


@cache
def _sampler(folder: Path, trust: bool) -> GANSampler:
    return load_sampler(folder, trust=trust)
