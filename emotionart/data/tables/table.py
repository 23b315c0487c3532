"""Artwork tables: one row per artwork, with its picture, its votes, tags and artist."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from emotionart.data.pictures.decode import is_there
from emotionart.data.tables.cells import read_cells, row_numbers, some
from emotionart.data.tables.votes import count_labels, fold, match_columns, no_such_votes, rows_of, sum_columns
from emotionart.errors import UserError, raise_together, suggest

if TYPE_CHECKING:
    import pandas as pd

log = logging.getLogger(__name__)

PORTRAIT = "portrait"
"""The column in which `emotionart data curate` says "yes", "no" or "doubtful"."""


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
        portrait: (n,) whether a curated table says that it is one, or None where the table does not say.
    """

    image: NDArray[np.object_]
    labels: tuple[str, ...]
    votes: NDArray[np.float32]
    group: NDArray[np.object_]
    tags: tuple[frozenset[str], ...]
    id: NDArray[np.object_] | None = None
    vote_probability: NDArray[np.float64] | None = None
    portrait: NDArray[np.bool_] | None = None

    def __len__(self) -> int:
        return len(self.image)

    def ids(self, pictures: NDArray[np.object_]) -> NDArray[np.object_]:
        """Ids of the artworks, (n,): the column's if there is one, else those of their pictures (n,)."""
        return pictures if self.id is None else self.id

    def take(self, rows: NDArray[np.intp]) -> ArtworkTable:
        """The artworks at these positions."""
        return replace(
            self,
            image=self.image[rows],
            votes=self.votes[rows],
            group=self.group[rows],
            tags=tuple(self.tags[row] for row in rows),
            id=None if self.id is None else self.id[rows],
            vote_probability=None if self.vote_probability is None else self.vote_probability[rows],
            portrait=None if self.portrait is None else self.portrait[rows],
        )


@dataclass(frozen=True)
class Examined:
    """A table with everything that is wrong with it.

    Attributes:
        table: what could be read; None where a column is missing or no picture is named.
        mistakes: what `read_table` would refuse, all of it.
        line: (n,) number of each artwork's first row.
    """

    table: ArtworkTable | None
    mistakes: tuple[UserError, ...]
    line: NDArray[np.intp]


def read_table(
    path: Path,
    *,
    image: str = "image",
    label: str | None = "label",
    votes: Sequence[str] | str | None = None,
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
        votes: columns that hold the number of votes for the label of their name, or a pattern of such columns with a
            star in the label's place ("votes:*"); takes the place of `label`.
        rows: whether several rows of one picture are votes, or a contradiction.
        tags: column of tags, separated by ";".
        group: column of what the split keeps together (the artist).
        id: column of names for the artworks.

    Raises:
        UserError: for a missing table or column, pictures that are not there, rows that disagree, or votes that are
            no numbers; all at once, each with what comes nearest and what mends it.
    """
    examined = examine_table(path, image=image, label=label, votes=votes, rows=rows, tags=tags, group=group, id=id)
    raise_together(examined.mistakes)
    assert examined.table is not None
    return examined.table


def examine_table(
    path: Path,
    *,
    image: str,
    label: str | None,
    votes: Sequence[str] | str | None,
    rows: Literal["artworks", "votes"],
    tags: str | None,
    group: str | None,
    id: str | None,
) -> Examined:
    """Reads a table as `read_table` does, and collects its mistakes instead of raising them.

    Raises:
        UserError: for a file that is missing or no table at all.
    """
    frame = read_cells(path)
    nothing = np.empty(0, dtype=np.intp)
    wanted = {"data.image": image, "data.tags": tags, "data.group": group, "data.id": id}
    columns = {key: name for key, name in wanted.items() if name is not None}
    counted = None
    mistakes: list[UserError] = []
    if votes is None:
        columns |= {} if label is None else {"data.label": label}
    elif isinstance(votes, str):
        counted = match_columns(frame, votes)
        if not counted:
            mistakes.append(no_such_votes(frame, votes, path))
    else:
        counted = {name: name for name in votes}
        columns |= {f"data.votes[{place}]": name for place, name in enumerate(votes)}
    mistakes = [*_missing_columns(frame, columns, path), *mistakes]
    if mistakes:
        return Examined(None, tuple(mistakes), nothing)

    nameless = frame.index[frame[image] == ""].tolist()
    if nameless:
        log.warning("%s: %d rows name no picture and are left out: %s", path, len(nameless), row_numbers(nameless))
    frame = frame[frame[image] != ""]
    if frame.empty:
        return Examined(None, (UserError(f"Column {image!r} names no picture.", where=str(path)),), nothing)
    base = path.resolve().parent
    number, names = frame[image].factorize()
    first = np.unique(number, return_index=True)[1]
    paths = np.array([str(base / name) for name in names], dtype=object)
    mistakes += _missing_files(paths, frame.index[first].to_numpy(), base, path)

    if counted is not None:
        labels, counts, found = sum_columns(frame, counted, number, len(names), path)
    elif label is not None:
        labels, counts, found = count_labels(frame, label, number, len(names), rows, path)
    else:
        labels, counts, found = (), np.zeros((len(names), 0), dtype=np.float32), []
    mistakes += found
    order = np.argsort(np.array(labels, dtype=object), kind="stable")

    def column(name: str | None) -> NDArray[np.object_]:
        if name is None:
            return np.full(len(names), "", dtype=object)
        mistakes.extend(_disagreement(frame, name, number, first, path))
        return frame[name].to_numpy(dtype=object)[first]

    ids = None if id is None else column(id)
    if ids is not None and id is not None:
        mistakes += _repeated(ids, id, path)
    table = ArtworkTable(
        image=paths,
        labels=tuple(labels[place] for place in order),
        votes=counts[:, order],
        group=column(group),
        tags=tuple(frozenset(filter(None, map(fold, cell.split(";")))) for cell in column(tags)),
        id=ids,
        portrait=_portrait(frame, first),
    )
    return Examined(table, tuple(mistakes), frame.index[first].to_numpy(dtype=np.intp))


def _portrait(frame: pd.DataFrame, first: NDArray[np.intp]) -> NDArray[np.bool_] | None:
    if PORTRAIT not in frame.columns:
        return None
    cells = frame[PORTRAIT].str.casefold()
    if not cells.isin(["yes", "no", "doubtful", ""]).all():
        return None  # a column of the user's own
    decided: NDArray[np.bool_] = (cells == "yes").to_numpy(dtype=bool)[first]
    return decided


def _missing_columns(frame: pd.DataFrame, columns: dict[str, str], path: Path) -> list[UserError]:
    found = []
    free = [name for name in frame.columns if name not in columns.values()]
    for key, name in columns.items():
        if name not in frame.columns:
            close = suggest(name, free) or (free if len(free) == 1 else [])  # the only one left is meant
            others = close or free or list(frame.columns)
            found.append(
                UserError(
                    f"The table has no column {name!r}.",
                    where=str(path),
                    suggestions=others,
                    fix=f"data.votes=[{', '.join(others)}]"
                    if "[" in key
                    else f"{key}={close[0]}"
                    if close
                    else f"{key}=COLUMN",
                )
            )
    return found


def _missing_files(paths: NDArray[np.object_], lines: NDArray[np.intp], base: Path, table: Path) -> list[UserError]:
    missing = [place for place, path in enumerate(paths) if not is_there(Path(path))]
    if not missing:
        return []
    tried = f" Paths are relative to {base}." if len(missing) == len(paths) else ""
    return [
        UserError(
            f"{len(missing)} of {len(paths)} pictures are not there.{tried}",
            where=f"{table}, {row_numbers(lines[missing].tolist())}: {some(paths[missing].tolist())}",
            fix="paths relative to the table's folder, or rows without a picture taken out",
        )
    ]


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
