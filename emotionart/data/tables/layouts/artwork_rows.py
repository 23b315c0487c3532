"""The artworks of a table's rows: rows that name the same file are of the same artwork."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from emotionart.data.tables.cells import nearest_files
from emotionart.data.tables.layouts.layout import Layout
from emotionart.data.tables.layouts.nearest_file import same_files
from emotionart.data.tables.layouts.picture_paths import Found, find_pictures
from emotionart.data.tables.layouts.roots import home_of
from emotionart.data.tables.splits.listed import resolve
from emotionart.errors import UserError

if TYPE_CHECKING:
    import pandas as pd

log = logging.getLogger(__name__)


class ArtworkRows(NamedTuple):
    """The n artworks of m rows.

    Attributes:
        number: (m,) number of each row's artwork, in the order of first appearance.
        first: (n,) index of each artwork's first row.
        names: (n,) names of the pictures in these rows.
        files: files of these pictures.
    """

    number: NDArray[np.intp]
    first: NDArray[np.intp]
    names: list[str]
    files: Found


def find_artworks(frame: pd.DataFrame, layout: Layout, path: Path) -> ArtworkRows:
    """Finds the artworks of rows that all name a picture.

    Args:
        frame: the cells, indexed by line number.
        layout: layout of the table.
        path: path of the table.

    Raises:
        UserError: if there is no such folder of pictures.
    """
    number, cells = frame[layout.image].factorize()
    names = [str(name) for name in cells]
    first = np.unique(number, return_index=True)[1]
    home = home_of(path)
    root = home if layout.root is None else resolve(layout.root, home)
    if root is None:
        near = nearest_files(home / str(layout.root))
        where = f"data.root={layout.root}"
        raise UserError("There is no such folder of pictures.", where=where, suggestions=near)
    files = find_pictures(names, frame.index[first].to_numpy(dtype=np.intp), path, root, layout.extension)
    artwork, kept = same_files(files.paths, files.missing)
    if len(kept) < len(names):
        log.info("%s: %d names are other spellings of names in other rows, of the same files", path,
                 len(names) - len(kept))  # fmt: skip
    files = files._replace(paths=files.paths[kept], missing=files.missing[kept])
    return ArtworkRows(artwork[number], first[kept], [names[index] for index in kept], files)
