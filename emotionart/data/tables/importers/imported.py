"""The common result of importers, and the table written from it."""

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

from emotionart.data.tables.cells import require_table_name, write_cells
from emotionart.data.tables.layouts.roots import home_of
from emotionart.data.tables.wording import row_numbers, some
from emotionart.errors import UserError, suggest
from emotionart.files import ensure_absent, write_text, written_together

if TYPE_CHECKING:
    import pandas as pd

log = logging.getLogger(__name__)

VOTES = "votes:"
"""Prefix of the names of vote columns; `data.votes=votes:*` reads them."""


@dataclass(frozen=True)
class Imported:
    """A data set as described by its files, whether its pictures exist or not.

    Attributes:
        frame: one row per artwork: `image` (path within `pictures`), `label`, a column `votes:LABEL` for each label, or
            `scores`, and `artist`, `tags`, `split` and whatever else the source provides.
        pictures: folder of the pictures.
        grouping: option of the config group `labels` for its labels.
        scores: names of its columns of measured numbers, for a source without labels or votes.
    """

    frame: pd.DataFrame
    pictures: Path
    grouping: str
    scores: tuple[str, ...] = ()


@dataclass(frozen=True)
class Written:
    """Result of an import.

    Attributes:
        frame: the table as written.
        missing: pictures named in the source that do not exist.
        listing: the file that lists them; None if there are none.
    """

    frame: pd.DataFrame
    missing: tuple[str, ...]
    listing: Path | None


def write_import(imported: Imported, out: Path) -> Written:
    """Writes the artworks whose pictures exist, with paths relative to the table's folder.

    Missing pictures are listed in `<out>.missing.txt`.

    Raises:
        UserError: for another ending than a table's, if no picture exists, or if one of the output files does.
    """
    require_table_name(out)
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
    home = Path(os.path.relpath(pictures, home_of(out)))
    kept["image"] = [(home / name).as_posix() for name in files if name is not None]
    with written_together(out) as folder:
        write_cells(kept, folder / out.name)
        if missing:
            write_text(folder / listing.name, "\n".join(missing) + "\n")
    return Written(kept, missing, listing if missing else None)


def find_column(frame: pd.DataFrame, name: str, path: Path) -> str:
    """The column of this name, ignoring case.

    Raises:
        UserError: if there is none; it names the nearest columns.
    """
    folded = {column.casefold(): column for column in frame.columns}
    if name.casefold() not in folded:
        close = suggest(name, frame.columns) or list(frame.columns[:5])
        raise UserError(f"The table has no column {name!r}.", where=str(path), suggestions=close)
    return str(folded[name.casefold()])


def votes_of(frame: pd.DataFrame, columns: Mapping[str, str], path: Path) -> tuple[pd.DataFrame, NDArray[np.bool_]]:
    """Votes as a frame with a column `votes:LABEL` for each label, and which rows are complete.

    Rows with anything but non-negative numbers are reported by number.

    Args:
        frame: cells, indexed by line.
        columns: label -> column.
        path: path of the source, for messages.

    Raises:
        UserError: if no row is complete.
    """
    import pandas as pd

    numbers = frame[list(columns.values())].apply(pd.to_numeric, errors="coerce")
    whole = (numbers.notna() & (numbers >= 0) & np.isfinite(numbers)).all(axis=1).to_numpy(dtype=bool)
    report_lines(frame.index[~whole].tolist(), "hold no votes and are left out", path)
    if not whole.any():
        raise UserError("No line of this table holds votes.", where=str(path))
    numbers.columns = pd.Index([f"{VOTES}{label}" for label in columns])
    return numbers, whole


def artist_and_title(names: pd.Series[str]) -> dict[str, pd.Series[str]]:
    """Columns `title` and `artist` from WikiArt's names <artist>_<title>, in which dashes stand for spaces."""
    parts = names.str.partition("_")
    return {"title": parts[2].str.replace("-", " "), "artist": parts[0].str.replace("-", " ")}


def constant_within(part: pd.Series[str], image: pd.Series[str], path: Path) -> bool:
    """Whether all rows of each picture are in one part of a split; if not, a warning counts such pictures."""
    several = int((part.groupby(image).nunique() > 1).sum())
    if several:
        log.warning("%s: the votes of %d pictures are in several parts; the split is left out", path, several)
    return several == 0


def report_lines(lines: Sequence[int], what: str, path: Path) -> None:
    """Warns of lines by number, if there are any."""
    if lines:
        log.warning("%s: %d lines %s: %s", path, len(lines), what, row_numbers(lines))


def pictures_beside(source: Path, pictures: Path | None) -> Path:
    """The folder of pictures: the given one, or else the annotations' own.

    Raises:
        UserError: if the given path is not a folder.
    """
    folder = source.parent if pictures is None else pictures
    if not folder.is_dir():
        raise UserError(
            "There is no such folder of pictures.", where=str(folder), suggestions=_picture_folders(folder.parent)
        )
    return folder


def _find(folder: Path, name: str) -> str | None:
    """The name of a file in the folder that equals `name` up to Unicode normalisation, which copying may change."""
    if (folder / name).is_file():
        return name
    spellings = (unicodedata.normalize(form, name) for form in ("NFC", "NFD"))
    return next((spelt for spelt in spellings if (folder / spelt).is_file()), None)


def _picture_folders(folder: Path) -> list[str]:
    return [str(item) for item in sorted(folder.iterdir()) if item.is_dir()][:3] if folder.is_dir() else []
