"""Sources of unlabelled pictures."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from pathlib import Path

import numpy as np

from emotionart.data.source import Source, Table
from emotionart.data.tables.cells import read_header
from emotionart.data.tables.layouts.folder import no_picture, pictures_in
from emotionart.data.tables.table import ArtworkTable


@dataclass(frozen=True, kw_only=True)
class Pictures(Source):
    """The pictures of a folder and its subfolders, without labels or other information."""

    path: str

    def read(self, cache: Path) -> ArtworkTable:
        """A table with a row for each picture, without labels, tags and artists."""
        images = [str(path) for path in pictures_in(Path(self.path).resolve())]
        if not images:
            raise no_picture(Path(self.path))
        return ArtworkTable(
            image=np.array(images, dtype=object),
            labels=(),
            votes=np.zeros((len(images), 0), dtype=np.float32),
            group=np.full(len(images), "", dtype=object),
            tags=(frozenset(),) * len(images),
        )


def unlabelled_source(source: Source) -> Source:
    """The source named by `unlabelled`: a folder of pictures, or a table with the labelled one's columns except labels.

    A table may contain the labelled artworks as well. The artist column may be missing, and other columns are ignored.
    `only` applies to a table, by its own columns; of a folder, all pictures are used.

    Args:
        source: source of the labelled artworks; its `unlabelled` must not be None.
    """
    assert source.unlabelled is not None
    path = Path(source.unlabelled)
    # Copies are searched for later, among all pictures at once.
    common = {item.name: getattr(source, item.name) for item in fields(Source)} | {"near_duplicates": None}
    if path.is_dir():
        return Pictures(**common | {"only": None}, path=str(path))
    table = source if isinstance(source, Table) else Table(**common, path=str(path))
    has_group = table.group in read_header(path, table.layout.form)
    return replace(
        table,
        path=str(path),
        near_duplicates=None,
        label=None,
        votes=None,
        weight=None,
        label_separator=None,
        annotation=None,
        rows="votes",
        tags=table.tags if table.only else None,
        title=None,
        id=None,
        split=None,
        group=table.group if has_group else None,
    )
