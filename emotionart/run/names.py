"""Titles and artists of the artworks of runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from emotionart.data.artworks import caption
from emotionart.run.folder import RunFolder
from emotionart.run.split import read_split


@dataclass(frozen=True)
class Names:
    """Artists and titles of known artworks, "" where unknown, by their pictures' resolved paths."""

    by_path: Mapping[str, tuple[str, str]]

    @classmethod
    def of(cls, folders: Iterable[RunFolder]) -> Names:
        """Those of the artworks of runs.

        Raises:
            UserError: for a damaged `split.csv`.
        """
        by_path = {}
        for folder in folders:
            if not folder.split.exists():
                continue
            split = read_split(folder)
            for image, artist, title in zip(split["image"], split["group"], split["title"], strict=True):
                by_path[str(Path(image).resolve())] = (artist, title)
        return cls(by_path)

    def caption(self, path: str, name: str) -> str:
        """The caption of a picture at this path that is shown by this name."""
        return caption(name, *self.by_path.get(str(Path(path).resolve()), ()))
