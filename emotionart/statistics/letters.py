"""Compact letter display of pairwise comparisons."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def letters(differs: NDArray[np.bool_]) -> list[str]:
    """Compact letter display (Piepho 2004): two rows share a letter exactly if they do not differ.

    A letter stands for a set of rows that do not differ. Each pair without a common letter gets the set that grows from
    it in the order of the rows; sets whose pairs all have another letter are dropped. Piepho's insertion may give
    exponentially many sets, of which most are dropped as well.

    Args:
        differs: (R, R) symmetric; rows in the order of the table, which the letters follow.
    """
    alike = ~differs
    shared = np.zeros(differs.shape, dtype=int)
    groups: list[NDArray[np.intp]] = []
    for pair in zip(*np.nonzero(np.triu(alike)), strict=True):
        if shared[pair]:
            continue
        within = alike[pair[0]] & alike[pair[1]]
        for row in range(len(differs)):
            if within[row]:
                within = within & alike[row]
        groups.append(np.flatnonzero(within))
        shared[np.ix_(groups[-1], groups[-1])] += 1
    for group in groups.copy():
        pairs = np.ix_(group, group)
        if (shared[pairs] > 1).all():
            shared[pairs] -= 1
            groups = [other for other in groups if other is not group]
    sets = sorted(group.tolist() for group in groups)
    return ["".join(_letter(index) for index, rows in enumerate(sets) if row in rows) for row in range(len(differs))]


def _letter(index: int) -> str:
    """The letters a to z, then a' to z' and so on, for any number of groups."""
    return chr(ord("a") + index % 26) + "'" * (index // 26)
