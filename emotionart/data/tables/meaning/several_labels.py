"""Several labels in one cell: detecting and splitting them."""

from __future__ import annotations

import ast
import html
import json
import logging
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from emotionart.data.tables.meaning.missing_codes import is_missing_word
from emotionart.data.tables.meaning.scale import scale_hint
from emotionart.data.tables.wording import some
from emotionart.errors import UserError

if TYPE_CHECKING:
    import pandas as pd

log = logging.getLogger(__name__)

_LIST = re.compile(r"\[.*\]|\(.*\)|\{.*\}", re.DOTALL)
_ENTITY = re.compile(r"&(?:#\d+|#x[0-9a-f]+|[a-z]+\d*);", re.IGNORECASE)
_COUNT = r"(\d+(?:\.\d+|,\d\d?)?|0,\d+)\s*%?"
_COUNTED = re.compile(rf"(.*\S)\s*(?:[:=]\s*{_COUNT}|\(\s*{_COUNT}\s*\)|\s[x×]\s?{_COUNT})")
"""A label with its number: "joy: 3", "joy (80 %)", "joy x3"."""
_SURE = (";", "|", "\n", "；")  # never within a label
_LIKELY = (",", "/", "+", "&", " and ", "，", "、", "・")  # sometimes within a label, as in "awe, mixed with fear"
_RARE = (" ", "-", "_", ">", "#", ":")  # more often within a label than between labels

BY_HAND = "a row or a column for each label; docs/other-layouts.md shows how"
"""Remedy for cells that no option can read."""

Named = list[tuple[str, float]]
"""Labels and their weights."""


@dataclass(frozen=True)
class Apart:
    """A row for each label of each cell.

    Attributes:
        labels: (m,) labels.
        number: (m,) number of each label's artwork.
        weight: (m,) weight of each label.
        counted: whether the weights come from the cells.
    """

    labels: pd.Series[str]
    number: NDArray[np.intp]
    weight: NDArray[np.float64]
    counted: bool


def without_entities(cells: pd.Series[str], label: str) -> pd.Series[str]:
    """The cells with the signs that HTML entities such as "&amp;" stand for, whose semicolons separate nothing."""
    plain = cells.str.replace(_ENTITY, lambda match: html.unescape(match[0]), regex=True)
    changed = cells != plain
    if changed.any():
        log.info("column %r holds signs as on a page of the web, which are read: %r is %r", label,
                 cells[changed].iloc[0][:60], plain[changed].iloc[0][:60])  # fmt: skip
    return plain


def warn_of_joined_numbers(cells: pd.Series[str], label: str) -> None:
    """Warns of decimal commas that may separate numbers of labels, as in "1,3" beside "2".

    A cell would name none of them twice, and each of them would be first in some cell.
    """
    parts = [cell.split(",") for cell in cells.unique() if cell]
    several = [one for one in parts if len(one) > 1]
    alike = all(re.fullmatch(r"[1-9]\d?", number) for one in parts for number in one)
    first = {one[0] for one in parts}
    if several and alike and all(len(set(one)) == len(one) and first.issuperset(one) for one in several):
        cell = ",".join(several[0])
        log.warning("column %r: the comma is a decimal one, %r is %s; if it separates labels: %s", label, cell,
                    cell.replace(",", "."), "'data.label_separator=\",\"'")  # fmt: skip


def take_apart(
    cells: pd.Series[str], number: NDArray[np.intp], separator: str | None, first: bool, label: str, path: Path
) -> Apart:
    """Splits cells into labels: lists, and texts with a separator; numbers beside labels become weights.

    Args:
        cells: (n,) cells with labels.
        number: (n,) number of each cell's artwork.
        separator: separator of labels; None if a cell holds one label, or a mapping from labels to numbers.
        first: whether to keep only the first label of each cell.
        label: name of the column, for messages.
        path: path of the table, for messages.

    Raises:
        UserError: if cells hold several labels and no separator is given, or something that no option can read.
    """
    import pandas as pd

    distinct = [cell for cell in cells.unique() if cell]
    content = {cell: _literal(cell) for cell in distinct}
    _require_labels(content, label, path)
    tables = all(isinstance(value, Mapping) for value in content.values())
    unused = separator is not None and not any(separator in cell or content[cell] is not None for cell in distinct)
    alone = unused and _are_counted({cell: [(cell, 1.0)] for cell in distinct})  # "joy: 3", a label and its number
    if (separator is None or unused) and not tables and not alone:
        _require_single(content, cells, label, path)
    if unused and not alone:
        log.warning("no cell of column %r holds data.label_separator=%r", label, separator)
    taken = {cell: _named(cell, content[cell], separator) for cell in distinct}
    counted = tables or (separator is not None and _are_counted(taken))
    if counted and not tables:
        taken = {cell: [_count(name) for name, _ in named] for cell, named in taken.items()}
    taken[""] = []
    rows = [taken[cell][: 1 if first else None] or [("", 1.0)] for cell in cells]
    flat = [one for named in rows for one in named]
    return Apart(
        pd.Series([name for name, _ in flat], dtype=object),
        np.repeat(number, [len(named) for named in rows]),
        np.array([weight for _, weight in flat], dtype=np.float64),
        counted,
    )


def _literal(cell: str) -> Sequence[Any] | Mapping[Any, Any] | None:
    """The content of a list, set or mapping in JSON, Python or numpy notation; None for other texts."""
    if not _LIST.fullmatch(cell):
        return None
    spelt = re.sub(r"(['\"])\s+(?=['\"])", r"\1, ", cell)  # numpy: no comma between items
    for read in (json.loads, ast.literal_eval):
        try:
            value = read(spelt)
        except (ValueError, SyntaxError, RecursionError, MemoryError, TypeError):
            continue
        if isinstance(value, Mapping):
            return value
        return sorted(map(str, value)) if isinstance(value, set) else list(value) if _is_list(value) else [value]
    inside = [item.strip() for item in cell[1:-1].split(",")]  # [joy, love]
    return [item for item in inside if item] if cell[0] == "[" else None


def _is_list(value: Any) -> bool:
    return isinstance(value, list | tuple)


def _is_number(value: Any) -> bool:
    return value is None or isinstance(value, int | float)


def _require_labels(content: Mapping[str, Any], label: str, path: Path) -> None:
    """Checks that lists hold labels, and mappings a number for each label.

    Raises:
        UserError: for nested values, and for lists of numbers without labels.
    """
    lists = [value for value in content.values() if _is_list(value)]
    tables = [value for value in content.values() if isinstance(value, Mapping)]
    examples = some([repr(cell[:60]) for cell in content], 2)
    nested = any(_is_list(item) or isinstance(item, Mapping) for value in lists for item in value)
    mixed = tables and (len(tables) < len(content) or not all(_is_number(n) for one in tables for n in one.values()))
    if nested or mixed:
        what = f"Column {label!r} holds records, not labels."
        raise UserError(what, where=f"{path}: {examples}", fix=BY_HAND)
    if any(number is not None and number < 0 for one in tables for number in one.values()):
        what = f"Votes must be numbers from 0; column {label!r} has others."
        raise UserError(what, where=f"{path}: {examples}", fix=BY_HAND)
    lengths = {len(value) for value in lists}
    numbers = lists and len(lists) == len(content) and all(_is_number(item) for value in lists for item in value)
    repeat = any(len(set(value)) < len(value) or any(isinstance(item, float) for item in value) for value in lists)
    if numbers and len(lengths) == 1 and repeat:
        what = f"Column {label!r} holds {lengths.pop()} numbers in a cell, and does not say which labels they are of."
        raise UserError(what, where=f"{path}: {examples}", fix=BY_HAND)


def _require_single(content: Mapping[str, Any], cells: pd.Series[str], label: str, path: Path) -> None:
    """Checks that each cell holds one label, or a list of one.

    Raises:
        UserError: if some hold several, with the available options.
    """
    distinct = list(content)
    lists = [cell for cell, value in content.items() if _is_list(value)]
    separator = "," if any(len(content[cell]) > 1 for cell in lists) else None
    listed = lists
    if separator is None and not lists:
        _require_no_numbers(distinct, label, path)
        separator, listed = _separator(distinct)
    if separator is None:
        return
    rows = int(cells.isin(listed).sum())
    named = f"'data.label_separator=\"{separator}\"'"
    raise UserError(
        f"Column {label!r} holds several labels in a cell ({rows:,} of {len(cells):,} rows).",
        where=f"{path}: {some([repr(cell[:60]) for cell in listed], 3)}",
        fix=f"{named}   for a vote for each   or {named} data.several_labels=first   for the first alone   or "
        "data.several_labels=one   if each cell is one label",
    )


def _require_no_numbers(distinct: Sequence[str], label: str, path: Path) -> None:
    """Checks that labels have no numbers beside them, as in "joy: 0.8" and "joy: 0.6".

    Raises:
        UserError: if all have, and some label has several.
    """
    if len({_bare(cell) for cell in distinct}) < len(distinct) and all(map(_COUNTED.fullmatch, distinct)):
        raise UserError(
            f"Column {label!r} holds a number beside each label.",
            where=f"{path}: {some([repr(cell[:60]) for cell in distinct], 3)}",
            fix="'data.label_separator=\";\"'   if it is how much the label counts   or data.several_labels=one   if "
            "it is part of the label",
        )


def _named(cell: str, content: Any, separator: str | None) -> Named:
    if isinstance(content, Mapping):
        return [(str(name), float(number)) for name, number in content.items() if number and np.isfinite(number)]
    if content is not None:
        return [(text, 1.0) for item in content if item is not None and (text := str(item).strip())]
    return [(name, 1.0) for name in ([cell] if separator is None else _split(cell, separator))]


def _split(cell: str, separator: str) -> list[str]:
    return [label for part in cell.split(separator) if (label := part.strip().strip("'\"").strip())]


def _are_counted(taken: Mapping[str, Named]) -> bool:
    """Whether every label has a number beside it: "joy: 3; love: 1", "joy (3), love (1)"."""
    names = [name for named in taken.values() for name, _ in named]
    return bool(names) and all(_COUNTED.fullmatch(name) for name in names)


def _count(name: str) -> tuple[str, float]:
    match = _COUNTED.fullmatch(name)
    assert match is not None
    return match[1].strip(), float((match[2] or match[3] or match[4]).replace(",", "."))


def _bare(name: str) -> str:
    """A label without the number beside it."""
    match = _COUNTED.fullmatch(name)
    return match[1].strip() if match else name


def _separator(distinct: Sequence[str]) -> tuple[str | None, list[str]]:
    """The separator of labels, and the cells that hold several labels; None if each cell holds one.

    A separator that also occurs within labels must split most of its cells into labels that other cells contain, or
    into single words of which some other cell contains one. A rare separator only leads to a warning.
    """
    steps = [label for cell in distinct if not is_missing_word(label := cell.casefold())]
    rare = () if scale_hint(steps, measured=False) else _RARE  # "very sad", "sad" are steps of a scale
    for separator in (*_SURE, *_LIKELY, *rare):
        listed = {cell: parts for cell in distinct if len(parts := _split(cell.casefold(), separator)) > 1}
        if not listed:
            continue
        if separator in _SURE:
            return separator, list(listed)
        if not any(letter.isalpha() for parts in listed.values() for part in parts for letter in part):
            continue  # a date, a fraction
        listed = {cell: [_bare(part) for part in parts] for cell, parts in listed.items()}
        named = Counter(
            part for cell in distinct for part in {_bare(one) for one in _split(cell.casefold(), separator)}
        )
        whole = [cell for cell, parts in listed.items() if all(named[part] > 1 for part in parts)]
        if separator in _RARE:
            if 2 * len(whole) > len(listed):
                log.warning("%r seems to be several labels; if it is: data.label_separator=%r", whole[0], separator)
                break
            continue
        words = [
            cell
            for cell, parts in listed.items()
            if any(named[part] > 1 for part in parts) and not any(" " in part for part in parts)
        ]
        if 2 * len({*whole, *words}) >= len(listed):
            return separator, list(listed)
    return None, []
