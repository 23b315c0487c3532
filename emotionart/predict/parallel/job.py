"""A job that many processes work on: what it has written, and which of that counts."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from emotionart.errors import UserError
from emotionart.files import read_json, write_json


class Job:
    """The folder `OUT.part` of what is not finished: its parts, and which of them count.

    Ray Data writes the names of a part's pictures to `done.N` before the part, and commits them after it. Each start
    renames that folder, so that a worker that has outlived its job commits nothing more; what it may still write is
    left out in the end, as every part that is not committed.

    Args:
        out: folder for the parts in the end.
        basis: everything that they depend on, as plain values.

    Raises:
        UserError: where another job has begun to write there.
    """

    def __init__(self, out: Path, basis: Mapping[str, Any]) -> None:
        self._out = out
        self._folder = out.absolute().with_name(f"{out.name}.part")
        self.parts, self.bad = self._folder / "parts", self._folder / "bad"
        file = self._folder / "basis.json"
        if not file.exists():
            write_json(file, basis)
        elif read_json(file) != basis:
            raise UserError(
                "Here is an unfinished job of other pictures, runs or options.",
                where=str(self._folder),
                fix="the command that was interrupted, another --out, or remove the folder",
            )
        shutil.rmtree(self.bad, ignore_errors=True)  # what could not be read is tried again
        for folder in (self.parts, self.bad):
            folder.mkdir(exist_ok=True)
        before = list(self._folder.glob("done.*"))
        start = 1 + max((int(folder.suffix[1:]) for folder in before), default=0)
        self.done = self._folder / f"done.{start}"
        if before:
            before[0].rename(self.done)
        self._rows: dict[str, int] = {}

    def rows(self) -> int:
        """How many pictures are done."""
        for file in self.done.glob("*.parquet") if self.done.exists() else ():
            if not file.stem.endswith(".pending") and file.stem not in self._rows:
                self._rows[file.stem] = pq.read_metadata(file).num_rows
        return sum(self._rows.values())

    def reasons(self) -> dict[str, str]:
        """Why pictures cannot be read, by name."""
        lines = (line for file in self.bad.iterdir() for line in file.read_text(encoding="utf-8").splitlines())
        return dict(sorted(json.loads(line) for line in lines))

    def finish(self) -> None:
        """Puts the parts where they belong, if there are any."""
        done = self.rows()
        for part in self.parts.iterdir():
            if part.stem.rpartition("-")[0] not in self._rows:
                part.unlink()
        if done:
            self.parts.rename(self._out)
        shutil.rmtree(self._folder)
