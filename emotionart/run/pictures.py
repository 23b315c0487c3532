"""What a run has recorded of its pictures: their paths, and who made them."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from emotionart.data.artworks import caption
from emotionart.run.folder import RunFolder


def recorded_pictures(folder: RunFolder, part: str) -> list[Path]:
    """The recorded paths of the pictures in one part of a run's split, existing or not; empty without a split."""
    if not folder.split.exists():
        return []
    with folder.split.open(encoding="utf-8", newline="") as lines:
        return [Path(row["image"]) for row in csv.DictReader(lines) if row["part"] == part]


@dataclass(frozen=True)
class Names:
    """Titles and artists of the artworks of some runs, by their pictures' resolved paths."""

    known: Mapping[str, tuple[str, str]]

    @classmethod
    def of(cls, folders: Iterable[RunFolder]) -> Names:
        """Reads them from the splits of runs; those made before there were titles have artists alone."""
        known = {}
        for folder in folders:
            if not folder.split.exists():
                continue
            with folder.split.open(encoding="utf-8", newline="") as lines:
                for row in csv.DictReader(lines):
                    known[str(Path(row["image"]).resolve())] = (row["group"], row.get("title", ""))
        return cls(known)

    def caption(self, path: str, name: str) -> str:
        """The caption of a picture at this path that is shown by this name."""
        return caption(name, *self.known.get(str(Path(path).resolve()), ()))
