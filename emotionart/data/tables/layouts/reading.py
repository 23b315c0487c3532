"""Reading of tables of artworks, with all their mistakes."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from emotionart.data.tables.annotation import DESCRIPTIONS, warn_of_other_annotators
from emotionart.data.tables.cells import read_cells
from emotionart.data.tables.layouts.artwork_rows import find_artworks
from emotionart.data.tables.layouts.imagefolder import PART
from emotionart.data.tables.layouts.layout import Layout
from emotionart.data.tables.layouts.missing_columns import missing_columns
from emotionart.data.tables.layouts.roots import home_of
from emotionart.data.tables.layouts.row_filter import keep_rows
from emotionart.data.tables.meaning.missing_codes import warn_of_spanned_cells
from emotionart.data.tables.names import warn_of_unused_artists
from emotionart.data.tables.splits.given import ANEW, GivenSplit, parts_of_column, parts_of_folders, parts_of_paths
from emotionart.data.tables.splits.listed import find_lists, parts_of_lists
from emotionart.data.tables.splits.unused import log_unused_columns, log_unused_paths
from emotionart.data.tables.table import PORTRAIT, ArtworkTable, Examined
from emotionart.data.tables.votes import Counted, count_labels, fold, match_columns, no_such_votes, rows_of, sum_columns
from emotionart.data.tables.wording import row_numbers, some
from emotionart.errors import UserError, raise_together

if TYPE_CHECKING:
    import pandas as pd

log = logging.getLogger(__name__)

_NOTHING = np.empty(0, dtype=np.intp)
_TITLES = ("title", "name_of_work")


def read_table(path: Path, pictures: Path | None = None, **layout: Any) -> ArtworkTable:
    """Reads a table of artworks: text, Parquet, JSON, or a workbook.

    Cells are text; only empty ones are missing ("NA" is a label). Lines with too many fields are reported by number and
    left out.

    Args:
        path: the table; its ending gives its format.
        pictures: folder for pictures embedded in the table.
        layout: fields of `Layout`.

    Raises:
        UserError: for a missing table or column, missing pictures, contradictory rows, or votes that are not numbers;
            all at once, each with suggestions and a fix.
    """
    examined = examine_table(path, Layout(**layout), pictures)
    raise_together(examined.mistakes)
    assert examined.table is not None
    return examined.table


def examine_table(path: Path, layout: Layout, pictures: Path | None = None) -> Examined:
    """Reads a table as `read_table` does, but collects its mistakes instead of raising them.

    Raises:
        UserError: if the file is missing or not a table.
    """
    frame = read_cells(path, layout.form, pictures)
    counted, mistakes = _columns(frame, layout, path)
    mistakes += _same_columns(layout)
    if mistakes:
        return Examined(None, tuple(mistakes), _NOTHING)
    try:
        frame = _rows(frame, layout, path)
        number, first, names, files = find_artworks(frame, layout, path)
    except UserError as error:
        return Examined(None, (error,), _NOTHING)

    line = frame.index[first].to_numpy(dtype=np.intp)
    named = [layout.group] if counted is not None else [layout.label, layout.group]
    warn_of_spanned_cells(frame, filter(None, named))
    labels = _labels(frame, counted, number, len(names), layout, path)
    mistakes = [*(files.mistakes if layout.on_missing == "error" else []), *labels.mistakes]
    order = np.argsort(np.array(labels.labels, dtype=object), kind="stable")

    def column(name: str | None) -> NDArray[np.object_]:
        if name is None:
            return np.full(len(names), "", dtype=object)
        mistakes.extend(_disagreement(frame, name, number, first, path))
        return frame[name].to_numpy(dtype=object)[first]

    ids = None if layout.id is None else column(layout.id)
    if ids is not None:
        mistakes += _repeated(ids, str(layout.id), path)
    split = None
    try:
        split = _split(frame, layout, names, column, path)
    except UserError as error:
        mistakes.append(error)
    if layout.group is None and split is None:
        warn_of_unused_artists(frame.drop_duplicates(layout.image))
    table = ArtworkTable(
        image=files.paths,
        labels=tuple(labels.labels[place] for place in order),
        votes=labels.votes[:, order],
        group=column(layout.group),
        tags=_tags(column(layout.tags), layout.tags),
        id=ids,
        title=_titles(frame, layout)[first],
        portrait=_portrait(frame, first),
        annotation=labels.annotation,
        measurement=labels.measurement,
        split=split,
    )
    if files.missing.any() and layout.on_missing == "skip":
        log.warning("%s: %d of %d pictures are not there and are left out", path, files.missing.sum(), len(names))
        kept = np.flatnonzero(~files.missing)
        if not len(kept):
            return Examined(None, tuple(files.mistakes), _NOTHING)
        table, line = table.take(kept), line[kept]
    return Examined(table, tuple(mistakes), line)


def has_labels(path: Path, layout: Layout) -> bool:
    """Whether the table has the label or vote columns named in the layout."""
    frame = read_cells(path, layout.form)
    unlabelled = replace(layout, label=None, votes=None)
    return len(_columns(frame, layout, path)[1]) == len(_columns(frame, unlabelled, path)[1])


def _columns(frame: pd.DataFrame, layout: Layout, path: Path) -> tuple[dict[str, str] | None, list[UserError]]:
    """Vote columns -> their labels, None if there is a label column instead; and errors for missing columns."""
    configured = {key: getattr(layout, key) for key in ("image", "tags", "title", "group", "id", "weight")}
    columns = {f"data.{key}": name for key, name in configured.items() if name is not None}
    if layout.votes is None:
        columns |= {} if layout.label is None else {"data.label": layout.label}
        return None, missing_columns(frame, columns, path)
    if isinstance(layout.votes, str):
        counted = match_columns(frame, layout.votes)
        return counted, [
            *missing_columns(frame, columns, path),
            *([] if counted else [no_such_votes(frame, layout.votes, path)]),
        ]
    columns |= {f"data.votes[{index}]": name for index, name in enumerate(layout.votes)}
    return {name: name for name in layout.votes}, missing_columns(frame, columns, path)


def _same_columns(layout: Layout) -> list[UserError]:
    """Errors for a label column that is also the picture or the group column."""
    if layout.votes is not None or layout.label is None or layout.label not in (layout.image, layout.group):
        return []
    if layout.label == layout.image:
        return [UserError("The column of pictures is no column of labels.", where=f"data.label={layout.label}")]
    return [
        UserError(
            "The split keeps each group whole: where groups are the labels, what is tested was never learnt.",
            where=f"data.label={layout.label} data.group={layout.group}",
            fix="data.group=null",
        )
    ]


def _rows(frame: pd.DataFrame, layout: Layout, path: Path) -> pd.DataFrame:
    """The rows selected by `where` that name a picture.

    Raises:
        UserError: if there are none, or pandas cannot read the expression.
    """
    if layout.where is not None:
        frame = keep_rows(frame, layout.where, path)
    nameless = frame.index[frame[layout.image] == ""].tolist()
    if nameless:
        log.warning("%s: %d rows name no picture and are left out: %s", path, len(nameless), row_numbers(nameless))
    frame = frame[frame[layout.image] != ""]
    if frame.empty:
        raise UserError(f"Column {layout.image!r} names no picture.", where=str(path))
    return frame


def _labels(
    frame: pd.DataFrame,
    counted: dict[str, str] | None,
    number: NDArray[np.intp],
    count: int,
    layout: Layout,
    path: Path,
) -> Counted:
    if counted is not None:
        labels = sum_columns(frame, counted, number, count, layout, path)
    elif layout.label is not None:
        warn_of_other_annotators(frame, layout.label)
        labels = count_labels(frame, layout.label, number, count, layout, path)
    else:
        return Counted((), np.zeros((count, 0), dtype=np.float32))
    if labels.annotation != "labels":
        log.info("%s: labels are %s%s", path, DESCRIPTIONS[labels.annotation], _range_of_votes(labels))
    return labels


def _range_of_votes(labels: Counted) -> str:
    """The number of an artwork's votes, which shows ratings that were taken for votes; "" for other annotations."""
    totals = labels.votes.sum(axis=1)
    totals = totals[totals > 0]
    if labels.annotation != "votes" or not len(totals):
        return ""
    low, high = totals.min(), totals.max()
    return f", {low:g} for each artwork" if low == high else f", {low:g} to {high:g} for each artwork"


def _split(frame: pd.DataFrame, layout: Layout, names: list[str], column: Any, path: Path) -> GivenSplit | None:
    """The split that comes with the data, if it is used; an unused one is logged."""
    if layout.split == ANEW:
        return None
    if layout.split is None and path.is_dir():
        parts = column(PART).tolist()
        what = "folders" if all((path / part).is_dir() for part in set(parts)) else "files"
        return parts_of_folders(parts, what) if len(set(parts)) > 1 else None
    if layout.split is None:
        log_unused_paths(names, layout.image)
        votes = [] if layout.votes is None or isinstance(layout.votes, str) else layout.votes
        log_unused_columns(frame.drop(columns=[layout.image, layout.label, *votes], errors="ignore"))
        return None
    if layout.split == layout.image:
        return parts_of_paths(names, layout.image)
    if isinstance(layout.split, str) and layout.split in frame.columns:
        return parts_of_column(column(layout.split).tolist(), f"column {layout.split!r}")
    return parts_of_lists(find_lists(layout.split, home_of(path)), names)


def _tags(cells: NDArray[np.object_], column: str | None) -> tuple[frozenset[str], ...]:
    """The tags in each cell, separated by semicolons, or else by bars or commas, which is logged."""
    used = [separator for separator in ";|," if any(separator in cell for cell in cells)]
    separator = used[0] if used else ";"
    if separator != ";":
        log.info("the tags in column %r are read as separated by %r", column, separator)
    return tuple(
        frozenset(filter(None, (fold(tag.strip(" []'\"")) for tag in cell.split(separator)))) for cell in cells
    )


def _titles(frame: pd.DataFrame, layout: Layout) -> NDArray[np.object_]:
    """The title in each row, "" without a column for it; of several rows of a picture, the first counts."""
    others = {layout.image, layout.label, layout.group}
    usual = [name for name in frame.columns if name.casefold() in _TITLES and name not in others]
    column = usual[0] if layout.title is None and len(usual) == 1 else layout.title
    return np.full(len(frame), "", dtype=object) if column is None else frame[column].to_numpy(dtype=object)


def _portrait(frame: pd.DataFrame, first: NDArray[np.intp]) -> NDArray[np.bool_] | None:
    if PORTRAIT not in frame.columns:
        return None
    cells = frame[PORTRAIT].str.casefold()
    if not cells.isin(["yes", "no", "doubtful", ""]).all():
        return None  # the user's own column of the same name
    decided: NDArray[np.bool_] = (cells == "yes").to_numpy(dtype=bool)[first]
    return decided


def _disagreement(
    frame: pd.DataFrame, column: str, number: NDArray[np.intp], first: NDArray[np.intp], path: Path
) -> list[UserError]:
    cells = frame[column].to_numpy(dtype=object)
    differing = np.unique(number[cells != cells[first][number]])
    if not len(differing):
        return []
    return [
        UserError(
            f"{len(differing)} pictures have rows with different values in column {column!r}.",
            where=f"{path}: {rows_of(frame, number, differing)}",
        )
    ]


def _repeated(ids: NDArray[np.object_], column: str, path: Path) -> list[UserError]:
    names, counts = np.unique(ids.astype(str), return_counts=True)
    bad = (counts > 1) | (names == "")
    if not bad.any():
        return []
    return [
        UserError(
            f"Ids must be different and not empty; column {column!r} repeats some.",
            where=f"{path}: {some([repr(str(name)) for name in names[bad]])}",
        )
    ]
