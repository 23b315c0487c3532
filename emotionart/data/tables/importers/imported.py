"""What every importer hands on, and the table that is made of it."""

from __future__ import annotations

import logging
import os
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from emotionart.data.tables.cells import write_cells
from emotionart.data.tables.wording import row_numbers, some
from emotionart.errors import UserError, suggest
from emotionart.files import ensure_absent, write_text, written_together

if TYPE_CHECKING:
    import pandas as pd

log = logging.getLogger(__name__)

VOTES = "votes:"
"""What the names of vote columns start with; `data.votes=votes:*` reads them."""


@dataclass(frozen=True)
class Imported:
    """A data set as its files tell it, whether its pictures are there or not.

    Attributes:
        frame: a row an artwork: `image` (path within `pictures`), `label`, a column `votes:LABEL` for each label, or
            `scores`, and `artist`, `tags`, `split` and what else the source tells.
        pictures: folder in which they are looked for.
        grouping: option of the config group `labels` that names its labels.
        scores: its columns of numbers that were measured, of a source without labels or votes.
    """

    frame: pd.DataFrame
    pictures: Path
    grouping: str
    scores: tuple[str, ...] = ()


@dataclass(frozen=True)
class Written:
    """What an import has left.

    Attributes:
        frame: the table as it was written.
        missing: pictures that the source names and that are not there.
        listing: the file that lists them, None where there are none.
    """

    frame: pd.DataFrame
    missing: tuple[str, ...]
    listing: Path | None


def write_import(imported: Imported, out: Path) -> Written:
    """Writes the artworks whose pictures are there, with paths relative to the table's folder.

    Pictures that are not there are listed in `<out>.missing.txt`.

    Raises:
        UserError: where no picture is there, or one of the files is.
    """
    listing = out.with_name(f"{out.name}.missing.txt")
    for path in (out, listing):
        ensure_absent(path)
    frame, pictures = imported.frame, imported.pictures.resolve()
    files = [_find(pictures, name) for name in frame["image"]]
    there = np.array([name is not None for name in files], dtype=bool)
    missing = tuple(frame["image"][~there])
    if not there.any():
        raise UserError(
            f"None of the {len(frame):,} pictures is there.",
            where=f"{pictures}: {some(missing)}",
            suggestions=_picture_folders(pictures),
            fix="the folder of pictures as the second SOURCE",
        )
    kept = frame[there].copy()
    home = Path(os.path.relpath(pictures, out.resolve().parent))
    kept["image"] = [(home / name).as_posix() for name in files if name is not None]
    with written_together(out) as folder:
        write_cells(kept, folder / out.name)
        if missing:
            write_text(folder / listing.name, "\n".join(missing) + "\n")
    return Written(kept, missing, listing if missing else None)


def find_column(frame: pd.DataFrame, name: str, path: Path) -> str:
    """The column of this name, whatever its case.

    Raises:
        UserError: naming the nearest columns.
    """
    folded = {column.casefold(): column for column in frame.columns}
    if name.casefold() not in folded:
        close = suggest(name, frame.columns) or list(frame.columns[:5])
        raise UserError(f"The table has no column {name!r}.", where=str(path), suggestions=close)
    return str(folded[name.casefold()])


def numbers_of(frame: pd.DataFrame, columns: Mapping[str, str], path: Path) -> tuple[pd.DataFrame, NDArray[np.bool_]]:
    """Votes as a frame with a column `votes:LABEL` for each label, and which rows are whole.

    Rows that hold something else than numbers from 0 are reported by number.

    Args:
        frame: of cells, indexed by line.
        columns: label -> column.
        path: of the source, for the report.
    """
    import pandas as pd

    numbers = frame[list(columns.values())].apply(pd.to_numeric, errors="coerce")
    whole = (numbers.notna() & (numbers >= 0) & np.isfinite(numbers)).all(axis=1).to_numpy(dtype=bool)
    report_lines(frame.index[~whole].tolist(), "hold no votes and are left out", path)
    numbers.columns = pd.Index([f"{VOTES}{label}" for label in columns])
    return numbers, whole


def artist_and_title(names: pd.Series[str]) -> dict[str, pd.Series[str]]:
    """Columns `title` and `artist` from WikiArt's names of works, <artist>_<title>, both with dashes for spaces."""
    parts = names.str.partition("_")
    return {"title": parts[2].str.replace("-", " "), "artist": parts[0].str.replace("-", " ")}


def constant_within(part: pd.Series[str], image: pd.Series[str], path: Path) -> bool:
    """Whether all rows of each picture are in one part of a split; the pictures of several are counted otherwise."""
    several = int((part.groupby(image).nunique() > 1).sum())
    if several:
        log.warning("%s: the votes of %d pictures are in several parts; the split is left out", path, several)
    return several == 0


def report_lines(lines: Sequence[int], what: str, path: Path) -> None:
    """Warns of lines by number, if there are any."""
    if lines:
        log.warning("%s: %d lines %s: %s", path, len(lines), what, row_numbers(lines))


def pictures_beside(source: Path, pictures: Path | None) -> Path:
    """The folder of pictures: the given one, else the annotations' own.

    Raises:
        UserError: if what was given is no folder.
    """
    folder = source.parent if pictures is None else pictures
    if not folder.is_dir():
        raise UserError(
            "There is no such folder of pictures.", where=str(folder), suggestions=_picture_folders(folder.parent)
        )
    return folder


def _find(folder: Path, name: str) -> str | None:
    """The name of this file in the folder, or of one that only spells its accents otherwise, as copying makes."""
    if (folder / name).is_file():
        return name
    spellings = (unicodedata.normalize(form, name) for form in ("NFC", "NFD"))
    return next((spelt for spelt in spellings if (folder / spelt).is_file()), None)


def _picture_folders(folder: Path) -> list[str]:
    return [str(item) for item in sorted(folder.iterdir()) if item.is_dir()][:3] if folder.is_dir() else []
