"""The table of votes that the page writes and `data=table` reads, with one row per vote."""

from __future__ import annotations

import csv
import os
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

from emotionart.errors import UserError

COLUMNS = ("image", "label", "annotator")


@dataclass(frozen=True)
class Votes:
    """Votes of several annotators, in one file that several processes may append to.

    Attributes:
        file: CSV table, created by the first vote.
    """

    file: Path

    def read(self) -> list[dict[str, str]]:
        """All votes.

        Raises:
            UserError: for a table with other columns.
        """
        if not self.file.exists():
            return []
        with self.file.open(encoding="utf-8", newline="") as lines:
            rows = csv.DictReader(lines)
            if tuple(rows.fieldnames or ()) != COLUMNS:
                raise UserError(
                    f"This is not a table of votes: its columns are not {', '.join(COLUMNS)}.",
                    where=str(self.file),
                    fix="another --labels",
                )
            return list(rows)

    def labelled_by(self, annotator: str) -> set[Path]:
        """The pictures that an annotator has voted on."""
        return {self.file.parent / row["image"] for row in self.read() if row["annotator"] == annotator}

    def add(self, image: Path, label: str, annotator: str) -> None:
        """Appends a vote, which is on disk when this returns."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(self.file.with_name(f".{self.file.name}.lock")):
            before = self.file.read_bytes()[-1:] if self.file.exists() else b""
            with self.file.open("a", encoding="utf-8", newline="") as table:
                writer = csv.writer(table)
                if not before:
                    writer.writerow(COLUMNS)
                elif before != b"\n":  # as some editors leave the last line
                    table.write("\n")
                writer.writerow([self._relative(image), label, annotator])
                table.flush()
                os.fsync(table.fileno())

    def _relative(self, image: Path) -> str:
        """A picture's path from the table's folder; from where that leads, if it is a link, as ".." starts there."""
        folder = self.file.parent
        name = os.path.relpath(image, folder)
        same = (folder / name).resolve() == image.resolve()
        return name if same else os.path.relpath(image.resolve(), folder.resolve())
