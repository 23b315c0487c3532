"""Which artworks of a run depend on each other: those that its split kept together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from emotionart.files import damaged
from emotionart.run.folder import RunFolder
from emotionart.run.split import read_split


def clusters(folders: Sequence[RunFolder], ids: Sequence[str] | NDArray[np.object_]) -> NDArray[np.intp]:
    """(n,) numbers from 0 of the clusters of artworks, by `split.csv`: an artist's works, copies, or single works.

    Args:
        folders: folder of a run, or of all folds: with `data.train_count`, a split lacks what was not drawn.
        ids: (n,) ids of artworks of these runs.

    Raises:
        UserError: for a damaged file.
    """
    unit: dict[str, str] = {}
    for folder in folders:
        split = read_split(folder)
        unit |= zip(split["id"], split["unit"], strict=True)
    if any(id not in unit for id in ids):
        raise damaged(folders[0].split, "it lacks tested artworks")
    return np.unique([unit[id] for id in ids], return_inverse=True)[1].astype(np.intp)
