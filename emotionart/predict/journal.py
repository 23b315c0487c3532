"""The predictions made so far, so that a killed command continues where it stopped."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from emotionart.errors import UserError
from emotionart.files import ensure_absent
from emotionart.predict.prediction import Prediction
from emotionart.run.folder import RunFolder
from emotionart.run.training.checkpoint import BEST


class Journal:
    """A file of JSON lines: what the predictions depend on, then one line for each picture.

    Args:
        file: path of the file; made if missing.
        basis: everything that the predictions depend on, as plain values.

    Raises:
        UserError: for a journal of other predictions.
    """

    def __init__(self, file: Path, basis: Mapping[str, Any]) -> None:
        self._file = file
        start = _line(dict(basis))
        if file.exists():
            self._cut_off_broken_line()
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
        """The predictions in order, read line by line."""
        with self._file.open(encoding="utf-8") as lines:
            next(lines)
            for line in lines:
                values = json.loads(line)
                yield Prediction(**{**values, "probabilities": tuple(values["probabilities"])})

    def of(self, images: Iterable[str]) -> Iterator[Prediction]:
        """The predictions for these pictures, in the order in which they were made."""
        requested = set(images)
        return (prediction for prediction in self if prediction.image in requested)

    def append(self, predictions: Iterable[Prediction]) -> None:
        """Appends predictions, which a later kill of the process does not lose."""
        with self._file.open("a", encoding="utf-8") as file:
            file.write("".join(_line(asdict(prediction)) for prediction in predictions))

    def remove(self) -> None:
        """Removes the file."""
        self._file.unlink()

    def _cut_off_broken_line(self) -> None:
        """Cuts off an incomplete last line, as a process leaves that is killed while it writes."""
        with self._file.open("r+b") as file:
            whole = 0
            for line in file:
                whole += len(line) if line.endswith(b"\n") else 0
            file.truncate(whole)


@contextmanager
def open_journal(out: Path, runs: Iterable[Path], *, thumbnails: bool) -> Iterator[Journal]:
    """The journal of predictions by some runs with their present weights, locked for this process.

    Args:
        out: file to write in the end; the journal lies beside it as `<name>.part`.
        runs: folders of finished or unfinished runs.
        thumbnails: whether the predictions have thumbnails.

    Raises:
        UserError: for a journal of other predictions, or one that another process is writing; or if `out` exists.
    """
    out.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(out.with_name(f".{out.name}.lock"))
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise UserError(
            "Another command is working on this output.", where=str(out), fix="another --out or --page"
        ) from None
    try:
        ensure_absent(out)  # the other command may have finished in between
        yield _read_journal(out, runs, thumbnails)
    finally:
        Path(lock.lock_file).unlink(missing_ok=True)
        lock.release()


def _read_journal(out: Path, runs: Iterable[Path], thumbnails: bool) -> Journal:
    basis = {"weights": weights_digests(runs), "thumbnails": thumbnails}
    return Journal(out.with_name(f"{out.name}.part"), basis)


def weights_digests(runs: Iterable[Path]) -> list[str]:
    """The BLAKE2b digest of each run's checkpoint of the best weights."""
    weights = []
    for run in runs:
        with (RunFolder(run).checkpoints / BEST).open("rb") as file:
            weights.append(hashlib.file_digest(file, "blake2b").hexdigest())
    return weights


def _line(values: Mapping[str, Any]) -> str:
    return json.dumps(values) + "\n"  # in ASCII, as names of unreadable files need not be UTF-8
