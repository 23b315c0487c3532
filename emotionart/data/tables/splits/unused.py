"""Messages about a split that comes with the data and is not used."""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from emotionart.data.tables.splits.parts import folders_of_parts, part_of
from emotionart.data.tables.wording import some
from emotionart.quoting import override

if TYPE_CHECKING:
    import pandas as pd

log = logging.getLogger(__name__)

_VALUES = 6  # maximum number of distinct values in a column that may be a split
_FOLDS = 20  # maximum number of folds
_SPLIT = {"split", "set", "subset", "dataset", "partition", "usage", "phase"}
_FLAGS = {"0", "1", "0.0", "1.0", "true", "false", "yes", "no"}
_WHOLE = re.compile(r"\d+(\.0)?")


def log_unused_paths(paths: Sequence[str], column: str) -> None:
    """Logs that the paths of pictures lead through folders of parts, such as "train/1.jpg"."""
    names = folders_of_parts(paths)
    if names is not None:
        named = some([f"{name} {count}" for name, count in sorted(Counter(names).items())])
        how = override("data.split", column)
        log.info("the paths in column %r hold a split (%s), which is not used; to use it: %s", column, named, how)


def log_unused_columns(frame: pd.DataFrame) -> None:
    """Logs which columns hold a split, whatever their name, or seem to by their name."""
    for name in frame.columns:
        counts = frame.loc[frame[name] != "", name].value_counts()
        if len(counts) > _FOLDS:
            continue
        values = [str(value) for value in counts.index]
        parts = [part_of(value) for value in values]
        named = some([f"{value} {count}" for value, count in counts.items()])
        if len(values) <= _VALUES and len(set(parts) - {None}) > 1:
            how = f"; to use it: {override('data.split', name)}" if all(parts) and (frame[name] != "").all() else ""
            log.info("column %r holds a split (%s), which is not used%s", name, named, how)
        elif _is_called_split(name, values, parts):
            how = f"write train, validation or test in its cells, and {override('data.split', name)}"
            log.info("column %r seems to hold a split (%s), which is not used; to use it: %s", name, named, how)


def _is_called_split(name: str, values: Sequence[str], parts: Sequence[str | None]) -> bool:
    """Whether a column's name and values are those of numbered folds, of flags of a part, or of odd names of parts."""
    words = re.findall(r"[a-z]+", name.casefold())
    numbered = any(re.fullmatch("(k|cv)?folds?", word) for word in words) and all(map(_WHOLE.fullmatch, values))
    flagged = part_of(re.sub(r"^i[sn]_?", "", name.casefold())) and {value.casefold() for value in values} <= _FLAGS
    return bool(len(values) > 1 and (numbered or flagged or (_SPLIT & set(words) and any(parts))))
