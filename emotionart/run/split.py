"""Reads a run's split: `split.csv`, which `Artworks.write_split` writes."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from emotionart.errors import UserError, first_line
from emotionart.run.folder import RunFolder

if TYPE_CHECKING:
    import pandas as pd

_COLUMNS = ["id", "image", "group", "class", "part", "unit"]


def read_split(folder: RunFolder) -> pd.DataFrame:
    """One row of texts per artwork: `id`, `image`, `group`, `class`, `part`, `unit`, `title`.

    Works of one unit were kept together. Titles, which are only shown, are "" where the file has none.

    Raises:
        UserError: for a damaged file.
    """
    import pandas as pd

    try:
        split = pd.read_csv(folder.split, dtype=str, na_filter=False)
        return split[_COLUMNS].assign(title=split.get("title", ""))
    except (ValueError, KeyError) as error:
        raise UserError(f"This file is damaged: {first_line(error)}.", where=str(folder.split)) from None


def count_learnt(folder: RunFolder, pictures: Iterable[str]) -> int:
    """How many pictures, by their paths, a run was trained or validated on; 0 without a split.

    Raises:
        UserError: for a damaged file.
    """
    if not folder.split.exists():
        return 0
    split = read_split(folder)
    learnt = {Path(image).resolve() for image in split["image"][split["part"].isin(["train", "validation"])]}
    return sum(Path(picture).resolve() in learnt for picture in pictures)


def pictures_tested(folder: RunFolder) -> list[Path]:
    """The recorded paths of the pictures that a run was tested on, existing or not; empty without a split.

    Raises:
        UserError: for a damaged file.
    """
    if not folder.split.exists():
        return []
    split = read_split(folder)
    return [Path(image) for image in split["image"][split["part"] == "test"]]
