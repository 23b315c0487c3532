"""The recorded paths of a run's pictures."""

from __future__ import annotations

import csv
from pathlib import Path

from emotionart.run.folder import RunFolder


def recorded_pictures(folder: RunFolder, part: str) -> list[Path]:
    """The recorded paths of the pictures in one part of a run's split, existing or not; empty without a split."""
    file = folder.path / "split.csv"
    if not file.exists():
        return []
    with file.open(encoding="utf-8", newline="") as lines:
        return [Path(row["image"]) for row in csv.DictReader(lines) if row["part"] == part]
