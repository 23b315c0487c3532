"""Area under the ROC curve of numbers that should distinguish marked works from others, for dependent works."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from emotionart.statistics.estimate import Array, Estimate, effective_groups, linearised


def auroc(values: Array, marked: NDArray[np.bool_], group: NDArray[np.intp]) -> list[Estimate]:
    """Probability that a marked work has a higher value than an unmarked one, ties counting half.

    The variance is that of placement values summed over groups (Obuchowski 1997; without groups, DeLong et al. 1988).
    The degrees of freedom are Kish's number of groups minus one, for marked or unmarked works, whichever are fewer.

    Args:
        values: (n, U) values of U quantities.
        marked: (n,) whether each work is marked; some must be, but not all.
        group: (n,) numbers, 0 to G - 1, of the groups of dependent works.

    Returns:
        One estimate per column.

    Raises:
        ValueError: if all works are marked, or none.
    """
    inside, outside = int(marked.sum()), int((~marked).sum())
    if not inside or not outside:
        raise ValueError("some works must be marked, and some not")
    rank = rankdata(values, axis=0)
    placement = np.empty(values.shape)
    placement[marked] = (rank[marked] - rankdata(values[marked], axis=0)) / outside
    placement[~marked] = 1 - (rank[~marked] - rankdata(values[~marked], axis=0)) / inside
    area = placement[marked].mean(axis=0)
    weight = np.where(marked, 1 / inside, 1 / outside)
    influence = (placement - area) * weight[:, None]
    freedom = max(min(effective_groups(group[marked]), effective_groups(group[~marked])) - 1, 0)
    estimates = [linearised(float(area[unit]), influence[:, unit], group) for unit in range(values.shape[1])]
    return [replace(one, freedom=min(one.freedom, freedom)) for one in estimates]
