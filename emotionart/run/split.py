"""Reads a run's split: `split.csv`, which `Artworks.write_split` writes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from emotionart.errors import UserError, first_line
from emotionart.run.folder import RunFolder

if TYPE_CHECKING:
    import pandas as pd

_COLUMNS = ["id", "image", "group", "class", "part", "unit"]


def read_split(folder: RunFolder) -> pd.DataFrame:
    """One row of texts per artwork: `id`, `image`, `group`, `class`, `part`, and `unit`, which the split kept together.

    Raises:
        UserError: for a damaged file.
    """
    import pandas as pd

    try:
        return pd.read_csv(folder.split, dtype=str, na_filter=False)[_COLUMNS]
    except (ValueError, KeyError) as error:
        raise UserError(f"This file is damaged: {first_line(error)}.", where=str(folder.split)) from None


def pictures_tested(folder: RunFolder) -> list[Path]:
    """The recorded paths of the pictures that a run was tested on, existing or not; empty without a split.

    Raises:
        UserError: for a damaged file.
    """
    if not folder.split.exists():
        return []
    split = read_split(folder)
    return [Path(image) for image in split["image"][split["part"] == "test"]]
