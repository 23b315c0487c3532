"""How well a number tells marked works from others: the area under the ROC curve, where works depend on each other."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from emotionart.statistics.estimate import Array, Estimate, effective_groups, linearised


def auroc(values: Array, marked: NDArray[np.bool_], group: NDArray[np.intp]) -> list[Estimate]:
    """The probability that a marked work has the higher value than one that is not, equal ones counting half.

    Its variance is that of placement values summed over groups (Obuchowski 1997; DeLong et al. 1988 where each work
    stands alone). It has Kish's number of groups less one degrees of freedom, of marked works or of others, whichever
    are fewer.

    Args:
        values: (n, U), each column a number of its own.
        marked: (n,), some but not all.
        group: (n,) what belongs together, numbers 0 to G - 1.

    Returns:
        One for each column.

    Raises:
        ValueError: where all works are marked, or none.
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
    found = [linearised(float(area[unit]), influence[:, unit], group) for unit in range(values.shape[1])]
    return [replace(one, freedom=min(one.freedom, freedom)) for one in found]
