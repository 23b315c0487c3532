"""Errors for missing columns, with suggestions by name or by content."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from emotionart.data.pictures.endings import has_picture_ending
from emotionart.data.tables.annotation import A_ROW_FOR_EACH_VOTE, PERSONS, annotator_columns
from emotionart.data.tables.formats.header import names_missing, other_quotes
from emotionart.data.tables.layouts.picture_paths import guess_columns
from emotionart.data.tables.layouts.published import published_layout
from emotionart.data.tables.layouts.roots import home_of
from emotionart.data.tables.meaning.numerals import as_numbers
from emotionart.data.tables.wording import some
from emotionart.errors import UserError, suggest
from emotionart.quoting import override, override_list

if TYPE_CHECKING:
    import pandas as pd

_TRIED = 20  # cells that are tested when searching for a column of pictures
_SHOWN = 8  # columns that a message names

_NO_CLASS = {
    *PERSONS,
    *("age", "date", "female", "floor", "fold", "height", "id", "inventory", "is", "male", "page", "part", "room"),
    *("split", "user", "width", "year"),
    *("deviation", "max", "mean", "median", "min", "n", "num", "number", "sd", "std", "sum", "total"),
}
"""Words in the names of numeric columns that hold no votes for a class."""

_MEASURES = {"valence", "arousal", "dominance", "pleasure", "valenz", "erregung"}
"""Words in the names of columns that hold a measure of an emotion."""
_SPREAD = {"deviation", "n", "sd", "se", "std", "var"}
"""Words in the names of columns that say how sure a measure is."""

_USUAL = {
    "data.image": (
        *("file_name", "filename", "file", "path", "image_path", "image_name", "picture", "img", "stimulus"),
        *("bild", "datei", "dateiname", "pfad", "fichier", "pixels"),
    ),
    "data.label": (
        *("emotion", "emotions", "labels", "class", "category", "sentiment", "target", "response", "answer"),
        *("gefühl", "klasse", "kategorie", "émotion", "classe", "feeling", "feelings"),
    ),
}

_LABELS = {"label", "labels", "emotion", "emotions", "feeling", "feelings", "sentiment", "gefühl", "émotion"}
"""Names of columns that hold nothing but labels; a class or a category may be one of the artwork."""


def label_column(header: Sequence[str]) -> str | None:
    """The column of labels by its name alone: `label`, or else the only one of a usual name; None without one."""
    named = ["label"] if "label" in header else [name for name in header if name.casefold() in _LABELS]
    return named[0] if len(named) == 1 else None


def image_column(header: Sequence[str]) -> str | None:
    """The column of pictures by its name alone; None without a usual one."""
    folded = {name.casefold(): name for name in reversed(header)}
    return next((folded[name] for name in ("image", *_USUAL["data.image"]) if name in folded), None)


def missing_columns(frame: pd.DataFrame, columns: Mapping[str, str], path: Path) -> list[UserError]:
    """Errors for the columns that a table does not have.

    Args:
        frame: the cells.
        columns: configuration key -> column.
        path: path of the table.
    """
    errors = _missing_columns(frame, columns, path)
    layout = published_layout(frame) if columns.get("data.image", "") not in ("", *frame.columns) else None
    if layout is None:
        return errors
    imported = shlex.join(["emotionart", "data", "import", layout, str(path), "--out", "works.csv"])
    otherwise = " ".join(error.fix for error in errors if error.fix)
    return [
        UserError(
            f"This looks like a published data set in a layout of its own, {layout}.",
            where=str(path),
            fix=f"{imported}   to make a table of it   or, if it is another table: {otherwise}",
        )
    ]


def _missing_columns(frame: pd.DataFrame, columns: Mapping[str, str], path: Path) -> list[UserError]:
    errors: list[UserError] = []
    if columns.get("data.image", "") not in ("", *frame.columns):
        names = list(frame.columns)
        guess = guess_columns({name: [name] for name in names}, home_of(path))
        if guess is not None:  # a "column name" that is a picture's path is data
            return [names_missing(path, names, names.index(guess[0]), *guess[1])]
        if (quoted := other_quotes(path, names)) is not None:
            return [quoted]
        if len(names) > 1 and all(map(_names_pictures, (frame[name] for name in names))):
            what = (
                f"Every column names pictures ({some([repr(name) for name in names], 4)}); a table has a row for each."
            )
            turned = "melt(var_name='label', value_name='image').dropna().to_csv('labels.csv', index=False)"
            return [UserError(what, where=str(path), fix=f"table.{turned}   in pandas, if the columns are the classes")]
    free = [name for name in frame.columns if name not in columns.values()]
    for key, name in columns.items():
        if name in frame.columns:
            continue
        usual = sorted((column for column in free if _speaks_of(column, key)), key=lambda one: _rank(frame, one, key))
        annotators = annotator_columns(frame[free]) if key == "data.label" else []
        if annotators and set(usual) <= set(annotators):
            several = some([repr(column) for column in annotators], _SHOWN)
            what = f"The table has no column {name!r}, but one for each annotator: {several}."
            errors.append(UserError(what, where=str(path), fix=A_ROW_FOR_EACH_VOTE))
            continue
        close = usual or suggest(name, free) or (free if len(free) == 1 else [])  # a single remaining column fits
        close = sorted(close, key=lambda column: "id" in _words(column))  # a name rather than a number
        others = (close or free or list(frame.columns))[:_SHOWN]
        fix = override_list("data.votes", others) if "[" in key else override(key, close[0] if close else "COLUMN")
        errors.append(
            UserError(
                f"The table has no column {name!r}.",
                where=str(path),
                suggestions=others,
                fix=_by_content(frame, key, columns, path) or fix,
            )
        )
    return errors


def _measures(name: str) -> bool:
    words = set(_words(name))
    return bool(words & _MEASURES) and not words & _SPREAD


def _names_pictures(cells: pd.Series[str]) -> bool:
    named = cells[cells != ""].head(_TRIED)
    return len(named) > 0 and all(has_picture_ending(cell) for cell in named)


def _words(column: str) -> list[str]:
    return re.split(r"[\W_]+", column.casefold())


def _speaks_of(column: str, key: str) -> bool:
    """Whether a column's name is a usual one for a key, or contains such a word: "meta.emotion"."""
    usual = _USUAL.get(key, ())
    return column.casefold() in usual or any(word in usual for word in _words(column))


def _rank(frame: pd.DataFrame, column: str, key: str) -> tuple[bool, int, int]:
    """The order of suggestions: columns with cells, then by the usual names' order, then short names first."""
    words = [index for index, word in enumerate(_USUAL.get(key, ())) if word in {column.casefold(), *_words(column)}]
    return bool((frame[column] == "").all()), min(words, default=0), len(column)


def _by_content(frame: pd.DataFrame, key: str, columns: Mapping[str, str], path: Path) -> str | None:
    """The override for a column found by its cells; None if no column fits."""
    if key == "data.image":
        labels = _USUAL["data.label"]  # whose numbers may be names of pictures by chance
        cells = {name: frame[name].head(_TRIED).tolist() for name in frame.columns if name.casefold() not in labels}
        guess = guess_columns(cells, home_of(path))
        if guess is None:
            return None
        overrides = [override("data.image", guess[0]), *guess[1]]
        label = [name for name in frame.columns if name.casefold() in _USUAL["data.label"]]
        if label and columns.get("data.label", "") not in ("", *frame.columns):
            overrides.append(override("data.label", label[0]))
        return " ".join(overrides)
    if key == "data.label":
        measured = [name for name in frame.columns if _measures(name) and _numeric(frame, [name])]
        if measured and not any(name.casefold() in _USUAL[key] for name in frame.columns):
            return f"{override('data.label', measured[0])} labels=quantiles   for classes of a measure"
        free = [name for name in frame.columns if name not in columns.values() and _may_count(name)]
        numeric = _numeric(frame, free)
        if len(numeric) > 1 and not any(name.casefold() in _USUAL[key] for name in frame.columns):
            coded = {name: code for name in free if name not in numeric and (code := _code_among_votes(frame[name]))}
            votes = override_list("data.votes", [name for name in free if name in numeric or name in coded])
            named = " and ".join(f"{code!r} in column {name!r}" for name, code in coded.items())
            votes = f"an empty cell in place of {named}, and then {votes}" if coded else votes
            return f"{votes}   if each of these columns counts the votes for a class"
    return None


def _may_count(name: str) -> bool:
    """Whether a column's name does not say that it holds a person's number or a measure."""
    return not {word.rstrip("0123456789") for word in _words(name)} & _NO_CLASS


def _code_among_votes(cells: pd.Series[str]) -> str | None:
    """The only text or negative number of a column of votes, such as "-1" or "n/a"; None if there is none or another.

    A column of nothing but one text is not one of votes.
    """
    wrong = as_numbers(cells.to_frame())[1][:, 0]
    codes = cells[wrong].unique()
    if len(codes) != 1 or (wrong.all() and not re.fullmatch(r"-\d+(\.0+)?", codes[0])):
        return None
    return str(codes[0])


def _numeric(frame: pd.DataFrame, names: list[str]) -> list[str]:
    """The columns that hold only non-negative numbers or flags, and are not ids."""
    if not names:
        return []
    numbers, wrong = as_numbers(frame[names])
    counting = [
        len(np.unique(column)) == len(frame) and bool((column == np.rint(column)).all()) for column in numbers.T
    ]
    bad = np.any(wrong, axis=0) | np.array(counting)  # ids are whole numbers that differ in all rows
    return [name for name, one in zip(names, bad, strict=True) if not one and (frame[name] != "").any()]
