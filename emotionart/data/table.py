"""Artwork tables: one row per artwork, with its picture, its votes, tags and artist."""

from __future__ import annotations

import csv
import io
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from emotionart.errors import UserError, nearest, raise_together

if TYPE_CHECKING:
    import pandas as pd

log = logging.getLogger(__name__)

PICTURE_ENDINGS = frozenset(
    {".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif", ".tif", ".tiff", ".ppm", ".pgm", ".jfif", ".avif", ".heic"}
)
_NAMED = 10  # rows or files that a message names before it only counts


@dataclass(frozen=True)
class ArtworkTable:
    """One row per artwork, in the order of first appearance in the source.

    Attributes:
        image: (n,) absolute paths, as str.
        labels: raw label names, trimmed and case-folded, sorted.
        votes: (n, len(labels)) votes for each raw label; a row of zeros is unlabelled.
        group: (n,) artists, "" where there is none.
        tags: (n,) case-folded tags.
        id: (n,) ids from a column, or None: then the picture's bytes give the id.
        vote_probability: (n, len(labels)) probability of each raw label in one vote, where it is known (the built-in
            gallery), else None.
    """

    image: NDArray[np.object_]
    labels: tuple[str, ...]
    votes: NDArray[np.float32]
    group: NDArray[np.object_]
    tags: tuple[frozenset[str], ...]
    id: NDArray[np.object_] | None = None
    vote_probability: NDArray[np.float64] | None = None

    def __len__(self) -> int:
        return len(self.image)


def fold(label: str) -> str:
    """A label as it is compared: trimmed and case-folded."""
    return label.strip().casefold()


def read_table(
    path: Path,
    *,
    image: str = "image",
    label: str | None = "label",
    votes: Sequence[str] | None = None,
    rows: Literal["artworks", "votes"] = "artworks",
    tags: str | None = None,
    group: str | None = None,
    id: str | None = None,
) -> ArtworkTable:
    """Reads a CSV, TSV or Parquet table of artworks.

    Cells are text, and only an empty one is missing ("NA" is a label). Lines with too many fields are reported by
    number and left out.

    Args:
        path: the table; its ending says what it is.
        image: column of picture paths, relative to the table's folder.
        label: column of labels; None for artworks without labels.
        votes: columns that hold the number of votes for the label of their name; takes the place of `label`.
        rows: whether several rows of one picture are votes, or a contradiction.
        tags: column of tags, separated by ";".
        group: column of what the split keeps together (the artist).
        id: column of names for the artworks.

    Raises:
        UserError: for a missing table or column, pictures that are not there, rows that disagree, or votes that are
            no numbers; each with what comes nearest and what mends it.
    """
    frame = _read_frame(path)
    wanted = {"data.image": image, "data.tags": tags, "data.group": group, "data.id": id}
    if votes is None:
        wanted["data.label"] = label
    columns = {key: name for key, name in wanted.items() if name is not None}
    columns |= {f"data.votes[{place}]": name for place, name in enumerate(votes or ())}
    raise_together(_missing_columns(frame, columns, path))

    frame = frame[frame[image] != ""]
    if frame.empty:
        raise UserError(f"Column {image!r} names no picture.", where=str(path))
    base = path.resolve().parent
    number, names = frame[image].factorize()
    first = np.unique(number, return_index=True)[1]
    paths = np.array([str(base / name) for name in names], dtype=object)
    _require_files(paths, base, path)

    if votes is not None:
        labels, counts = (
            tuple(fold(name) for name in votes),
            _vote_columns(frame, list(votes), number, len(names), path),
        )
    elif label is not None:
        labels, counts = _count_labels(frame, label, number, len(names), rows, path)
    else:
        labels, counts = (), np.zeros((len(names), 0), dtype=np.float32)
    order = np.argsort(np.array(labels, dtype=object), kind="stable")

    def column(name: str | None) -> NDArray[np.object_]:
        if name is None:
            return np.full(len(names), "", dtype=object)
        _require_agreement(frame, name, number, first, path)
        return frame[name].to_numpy(dtype=object)[first]

    ids = None if id is None else column(id)
    if ids is not None:
        _require_unique(ids, id, path)
    return ArtworkTable(
        image=paths,
        labels=tuple(labels[place] for place in order),
        votes=counts[:, order],
        group=column(group),
        tags=tuple(frozenset(filter(None, map(fold, cell.split(";")))) for cell in column(tags)),
        id=ids,
    )


def read_folder(path: Path) -> ArtworkTable:
    """Reads a folder with a folder of pictures for each class; pictures beside those folders are unlabelled.

    Raises:
        UserError: if the folder is missing or holds no picture.
    """
    if not path.is_dir():
        raise UserError("There is no such folder.", where=str(path), nearest=_nearest_files(path))
    root = path.resolve()
    files = sorted(item for item in root.rglob("*") if item.is_file())
    visible = [item for item in files if not any(part.startswith(".") for part in item.relative_to(root).parts)]
    images = [item for item in visible if item.suffix.casefold() in PICTURE_ENDINGS]
    if not images:
        raise UserError("There is no picture in this folder.", where=str(path))
    if len(images) < len(visible):
        log.info("%d files in %s are no pictures and are left out", len(visible) - len(images), path)
    parts = [item.relative_to(root).parts for item in images]
    classes = [fold(part[0]) if len(part) > 1 else "" for part in parts]
    labels = tuple(sorted(set(classes) - {""}))
    votes = np.array([[name == label for label in labels] for name in classes], dtype=np.float32)
    return ArtworkTable(
        image=np.array([str(item) for item in images], dtype=object),
        labels=labels,
        votes=votes.reshape(len(images), len(labels)),
        group=np.full(len(images), "", dtype=object),
        tags=(frozenset(),) * len(images),
    )


def _read_frame(path: Path) -> pd.DataFrame:
    """The table as trimmed text cells, "" where a cell is missing; indexed by line or row number."""
    import pandas as pd

    if not path.is_file():
        raise UserError("There is no such table.", where=str(path), nearest=_nearest_files(path), fix="data.path=FILE")
    if path.suffix.casefold() == ".parquet":
        try:
            frame = pd.read_parquet(path)
        except (OSError, ValueError) as error:
            raise UserError(f"This is no Parquet file: {error}", where=str(path)) from None
        frame = frame.astype(object).where(frame.notna(), "").astype(str)
        frame.index = pd.RangeIndex(1, len(frame) + 1)
    else:
        frame = _read_text(path)
    frame.columns = pd.Index([str(name).strip() for name in frame.columns])
    repeated = frame.columns[frame.columns.duplicated()]
    if len(repeated):
        raise UserError(f"Two columns have the name {repeated[0]!r}.", where=str(path))
    trimmed: pd.DataFrame = frame.apply(lambda cells: cells.str.strip())
    return trimmed


def _read_text(path: Path) -> pd.DataFrame:
    import pandas as pd

    raw = path.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        log.warning("%s is not UTF-8; it is read as Windows-1252", path)
        text = raw.decode("cp1252", errors="replace")
    header = text.partition("\n")[0]
    separator = "\t" if path.suffix.casefold() in (".tsv", ".tab") else max(",;\t", key=header.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    names = next(reader, [])
    if not any(names):
        raise UserError("This table is empty.", where=str(path))
    cells, lines, malformed = [], [], []
    for row in reader:
        if not any(row):
            if row and len(row) != len(names):
                malformed.append(reader.line_num)
        elif len(row) > len(names):
            malformed.append(reader.line_num)
        else:
            cells.append(row + [""] * (len(names) - len(row)))
            lines.append(reader.line_num)
    if malformed:
        log.warning(
            "%s: %d malformed lines are left out (not %d fields): %s",
            path,
            len(malformed),
            len(names),
            _some([str(number) for number in malformed]),
        )
    return pd.DataFrame(cells, columns=names, index=lines, dtype=object)


def _missing_columns(frame: pd.DataFrame, columns: dict[str, str], path: Path) -> list[UserError]:
    found = []
    free = [name for name in frame.columns if name not in columns.values()]
    for key, name in columns.items():
        if name not in frame.columns:
            close = nearest(name, free) or free or list(frame.columns)
            found.append(
                UserError(
                    f"The table has no column {name!r}.",
                    where=str(path),
                    nearest=close,
                    fix=f"{key}={close[0]}" if "[" not in key else f"data.votes=[{', '.join(close)}]",
                )
            )
    return found


def _require_files(paths: NDArray[np.object_], base: Path, table: Path) -> None:
    missing = [path for path in paths if not Path(path).exists()]
    if not missing:
        return
    tried = f" Paths are relative to {base}." if len(missing) == len(paths) else ""
    raise UserError(
        f"{len(missing)} of {len(paths)} pictures are not there.{tried}",
        where=f"{table}: {_some(missing)}",
        fix="paths relative to the table's folder, or rows without a picture taken out",
    )


def _vote_columns(
    frame: pd.DataFrame, votes: list[str], number: NDArray[np.intp], count: int, path: Path
) -> NDArray[np.float32]:
    import pandas as pd

    cells = frame[votes]
    numbers = cells.apply(pd.to_numeric, errors="coerce").where(cells != "", 0.0)
    wrong = numbers.isna() | (numbers < 0) | ~np.isfinite(numbers)
    if wrong.to_numpy().any():
        rows = [f"row {row}" for row in frame.index[wrong.any(axis=1)]]
        name = votes[int(wrong.any(axis=0).to_numpy().argmax())]
        raise UserError(f"Votes must be numbers from 0; column {name!r} has others.", where=f"{path}: {_some(rows)}")
    histogram = np.zeros((count, len(votes)), dtype=np.float32)
    np.add.at(histogram, number, numbers.to_numpy(dtype=np.float32))
    return histogram


def _count_labels(
    frame: pd.DataFrame, label: str, number: NDArray[np.intp], count: int, rows: str, path: Path
) -> tuple[tuple[str, ...], NDArray[np.float32]]:
    folded = frame[label].str.casefold()
    code, found = folded.factorize(sort=True)
    labels = tuple(name for name in found if name)
    if not labels:
        raise UserError(f"Column {label!r} is empty.", where=str(path))
    histogram = np.zeros((count, len(found)), dtype=np.float32)
    np.add.at(histogram, (number, code), 1)
    histogram = histogram[:, [place for place, name in enumerate(found) if name]]
    if rows == "artworks":
        disagree = np.flatnonzero((histogram > 0).sum(axis=1) > 1)
        if len(disagree):
            raise UserError(
                f"{len(disagree)} pictures have rows with different labels.",
                where=f"{path}: {_some([_rows_of(frame, number, row) for row in disagree])}",
                fix="data.rows=votes   if each row is one person's vote; otherwise correct the table",
            )
        repeated = int((histogram.sum(axis=1) > 1).sum())
        if repeated:
            log.info("%s: %d pictures have several rows that agree; each counts once", path, repeated)
        histogram = np.minimum(histogram, 1)
    return labels, histogram


def _require_agreement(
    frame: pd.DataFrame, column: str, number: NDArray[np.intp], first: NDArray[np.intp], path: Path
) -> None:
    cells = frame[column].to_numpy(dtype=object)
    differing = np.unique(number[cells != cells[first][number]])
    if len(differing):
        raise UserError(
            f"{len(differing)} pictures have rows with different values in column {column!r}.",
            where=f"{path}: {_some([_rows_of(frame, number, row) for row in differing])}",
        )


def _require_unique(ids: NDArray[np.object_], column: str | None, path: Path) -> None:
    names, counts = np.unique(ids.astype(str), return_counts=True)
    if (counts > 1).any() or "" in names:
        raise UserError(
            f"Ids must be different and not empty; column {column!r} repeats some.",
            where=f"{path}: {_some([repr(name) for name in names[(counts > 1) | (names == '')]])}",
        )


def _rows_of(frame: pd.DataFrame, number: NDArray[np.intp], artwork: np.signedinteger[Any] | int) -> str:
    rows = " and ".join(str(row) for row in frame.index[number == artwork][:3])
    return f"rows {rows}"


def _some(names: Sequence[str]) -> str:
    rest = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + rest


def _nearest_files(path: Path) -> list[str]:
    folder = path.parent
    if not folder.is_dir():
        return []
    return [str(folder / name) for name in nearest(path.name, [item.name for item in folder.iterdir()])]
