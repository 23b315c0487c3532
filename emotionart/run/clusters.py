"""Which artworks of a run depend on each other: those that its split kept together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from emotionart.files import damaged
from emotionart.run.folder import RunFolder
from emotionart.run.split import read_split


def clusters(folder: RunFolder, ids: Sequence[str] | NDArray[np.object_]) -> NDArray[np.intp]:
    """(n,) numbers from 0 of the clusters of artworks, by `split.csv`: an artist's works, copies, or single works.

    Args:
        folder: run folder.
        ids: (n,) ids of artworks of the run.

    Raises:
        UserError: for a damaged file.
    """
    split = read_split(folder)
    unit = dict(zip(split["id"], split["unit"], strict=True))
    if any(id not in unit for id in ids):
        raise damaged(folder.split, "it lacks tested artworks")
    return np.unique([unit[id] for id in ids], return_inverse=True)[1].astype(np.intp)
