"""Where artworks come from and how they are divided: the targets of the config group `data`."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from emotionart.data.tables.table import ArtworkTable


@dataclass(frozen=True, kw_only=True)
class Source(ABC):
    """What every source of artworks has.

    Args:
        split_seed: seed of the split, apart from the run's, so that runs share one test set.
        test_share: expected share of the test split.
        validation_share: expected share of validation in what is not test.
        near_duplicates: bits in which the 64-bit perceptual hashes of two pictures may differ for the pictures to
            stay in one part; None looks for no duplicates.
        no_group: names in the group column that are nobody, in any case.
        on_bad: whether an unreadable picture stops the run or is left out.
        only: "portraits" leaves out everything else; None keeps all.
    """

    split_seed: int
    test_share: float
    validation_share: float
    near_duplicates: int | None
    no_group: Sequence[str]
    on_bad: Literal["error", "skip"]
    only: Literal["portraits"] | None

    def artworks(self, cache: Path) -> ArtworkTable:
        """The artworks that `only` asks for; those of nobody have no group."""
        table = self.known_groups(self.read(cache))
        if self.only is None:
            return table
        from emotionart.data.persons.portraits import keep_portraits

        return keep_portraits(table)

    def known_groups(self, table: ArtworkTable) -> ArtworkTable:
        """The table with no group where it names nobody."""
        import numpy as np

        from emotionart.data.tables.votes import fold

        nobody = set(map(fold, self.no_group))
        known = ["" if fold(name) in nobody else name for name in table.group]
        return replace(table, group=np.array(known, dtype=object))

    @abstractmethod
    def read(self, cache: Path) -> ArtworkTable:
        """The table of artworks; what has to be made for it is kept under `cache`."""

    def without_labels(self) -> Source:
        """The same artworks for what looks at no labels, which then need not be there."""
        return self


@dataclass(frozen=True, kw_only=True)
class Table(Source):
    """A CSV, TSV or Parquet table; see `emotionart.data.tables.table.read_table` for the columns."""

    path: str
    image: str
    label: str | None
    votes: Sequence[str] | str | None
    rows: Literal["artworks", "votes"]
    tags: str | None
    group: str | None
    id: str | None

    @property
    def columns(self) -> dict[str, Any]:
        """What `read_table` is told of the columns."""
        return {name: getattr(self, name) for name in ("image", "label", "votes", "rows", "tags", "group", "id")}

    def read(self, cache: Path) -> ArtworkTable:
        """The artworks of the table."""
        from emotionart.data.tables.table import read_table

        return read_table(Path(self.path), **self.columns)

    def without_labels(self) -> Source:
        """The same table without its columns of labels or votes."""
        return replace(self, label=None, votes=None, rows="votes")


@dataclass(frozen=True, kw_only=True)
class Folder(Source):
    """A folder of pictures per class; pictures beside those folders have no label."""

    path: str

    def read(self, cache: Path) -> ArtworkTable:
        """The pictures of the folder."""
        from emotionart.data.tables.folder import read_folder

        return read_folder(Path(self.path))


@dataclass(frozen=True, kw_only=True)
class Gallery(Source):
    """The built-in procedural paintings; see `GallerySettings`."""

    count: int
    gallery_seed: int
    global_cues: float
    local_cues: float
    annotators: int
    picture_size: int

    def read(self, cache: Path) -> ArtworkTable:
        """The gallery with these settings, painted the first time it is asked for."""
        from emotionart.data.gallery.gallery import GallerySettings, read_gallery, write_gallery

        settings = GallerySettings(
            count=self.count,
            seed=self.gallery_seed,
            global_cues=self.global_cues,
            local_cues=self.local_cues,
            annotators=self.annotators,
            size=self.picture_size,
        )
        digest = hashlib.blake2b(repr(settings).encode(), digest_size=6).hexdigest()
        folder = cache / "gallery" / f"{self.count}-{digest}"
        write_gallery(folder, settings)
        return read_gallery(folder)
