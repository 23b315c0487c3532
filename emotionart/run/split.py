"""Reads a run's split: `split.csv`, which `Artworks.write_split` writes."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from emotionart.errors import UserError, first_line
from emotionart.files import damaged
from emotionart.run.folder import RunFolder

if TYPE_CHECKING:
    import pandas as pd

_COLUMNS = ["id", "image", "group", "class", "part", "unit"]


def read_split(folder: RunFolder) -> pd.DataFrame:
    """One row of texts per artwork: `id`, `image`, `group`, `class`, `part`, `unit`, `title`.

    Works of one unit were kept together. Titles, which are only shown, are "" where the file has none.

    Raises:
        UserError: for a missing or damaged file.
    """
    import pandas as pd

    if not folder.split.exists():
        where = str(folder.split)
        raise UserError("This file of the run is missing.", where=where, fix="a complete copy of the run")
    try:
        split = pd.read_csv(folder.split, dtype=str, na_filter=False)
        return split[_COLUMNS].assign(title=split.get("title", ""))
    except (ValueError, KeyError) as error:
        raise damaged(folder.split, first_line(error)) from None


def count_learnt(folders: Sequence[RunFolder], pictures: Sequence[str]) -> list[int]:
    """How many of the pictures each run was trained or validated on, by their paths; 0 for a run without a split.

    Raises:
        UserError: for a damaged file.
    """
    resolve = cache(os.path.realpath)  # runs of an ensemble share most pictures
    learnt = ({resolve(picture) for picture in _pictures(folder, "train", "validation")} for folder in folders)
    return [sum(resolve(picture) in known for picture in pictures) for known in learnt]


def pictures_tested(folder: RunFolder) -> list[Path]:
    """The recorded paths of the pictures that a run was tested on, existing or not; empty without a split.

    Raises:
        UserError: for a damaged file.
    """
    return list(map(Path, _pictures(folder, "test")))


def _pictures(folder: RunFolder, *parts: str) -> list[str]:
    """The recorded paths of the pictures of some parts; empty without a split."""
    if not folder.split.exists():
        return []
    split = read_split(folder)
    images: list[str] = split["image"][split["part"].isin(parts)].tolist()
    return images
