"""Where a run's pictures lie, as it has recorded them."""

from __future__ import annotations

import csv
from pathlib import Path

from emotionart.run.folder import RunFolder


def recorded_pictures(folder: RunFolder, part: str) -> list[Path]:
    """The pictures of one part of a run's split, wherever they are now; none for a run that recorded no split."""
    file = folder.path / "split.csv"
    if not file.exists():
        return []
    with file.open(encoding="utf-8", newline="") as lines:
        return [Path(row["image"]) for row in csv.DictReader(lines) if row["part"] == part]
