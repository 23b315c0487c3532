"""What has been predicted so far, so that a killed command goes on where it was."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from emotionart.errors import UserError
from emotionart.predict.prediction import Prediction
from emotionart.run.folder import RunFolder
from emotionart.run.training.checkpoint import BEST


class Journal:
    """A file of JSON lines: by what is predicted, then a line for each picture; it disappears when all is done.

    Args:
        file: which is made where it is missing.
        basis: everything that predictions depend on, as plain values.

    Raises:
        UserError: for a journal of other predictions.
    """

    def __init__(self, file: Path, basis: Mapping[str, Any]) -> None:
        self._file = file
        start = _line(dict(basis))
        if file.exists():
            self._drop_broken_line()
        if not file.exists() or not file.stat().st_size:  # a process may have been killed in the first line
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(start, encoding="utf-8")
            return
        with file.open(encoding="utf-8") as lines:
            if next(lines, "") != start:
                raise UserError(
                    "Here are unfinished predictions by other runs or with other options.",
                    where=str(file),
                    fix="the command that was interrupted, another --out or --page, or remove the file",
                )

    def __iter__(self) -> Iterator[Prediction]:
        """What has been predicted, in order, read line by line."""
        with self._file.open(encoding="utf-8") as lines:
            next(lines)
            for line in lines:
                values = json.loads(line)
                yield Prediction(**{**values, "probabilities": tuple(values["probabilities"])})

    def of(self, images: Iterable[str]) -> Iterator[Prediction]:
        """What has been predicted of these pictures."""
        requested = set(images)
        return (prediction for prediction in self if prediction.image in requested)

    def append(self, predictions: Iterable[Prediction]) -> None:
        """Adds predictions; a process that is killed afterwards has not made them in vain."""
        with self._file.open("a", encoding="utf-8") as file:
            file.write("".join(_line(asdict(prediction)) for prediction in predictions))

    def remove(self) -> None:
        """Removes the file."""
        self._file.unlink()

    def _drop_broken_line(self) -> None:
        """Drops what stands after the last end of a line, where a process was killed while it wrote."""
        with self._file.open("r+b") as file:
            whole = 0
            for line in file:
                whole += len(line) if line.endswith(b"\n") else 0
            file.truncate(whole)


def open_journal(beside: Path, runs: Iterable[Path], *, thumbnails: bool) -> Journal:
    """The journal of what some runs predict, of these very weights.

    Args:
        beside: what is to be written in the end; the journal lies there as `<name>.part`.
        runs: folders of finished or unfinished runs.
        thumbnails: whether predictions have them.

    Raises:
        UserError: for a journal of other predictions.
    """
    basis = {"weights": weights_of(runs), "thumbnails": thumbnails}
    return Journal(beside.with_name(f"{beside.name}.part"), basis)


def weights_of(runs: Iterable[Path]) -> list[str]:
    """Digests of the weights that runs predict with."""
    weights = []
    for run in runs:
        with (RunFolder(run).checkpoints / BEST).open("rb") as file:
            weights.append(hashlib.file_digest(file, "blake2b").hexdigest())
    return weights


def _line(values: Mapping[str, Any]) -> str:
    return json.dumps(values, ensure_ascii=False) + "\n"
