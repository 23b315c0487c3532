"""What classes lose without a unit, which is set to zero in all places."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F
from torch.utils.flop_counter import FlopCounterMode

from emotionart.attribution.replay import Replay
from emotionart.attribution.unit_layer import UnitLayer
from emotionart.explain.units.activations import Rows, See, Works
from emotionart.progress import progress_bar

_UNITS = 16  # taken away at a time, each in a copy of the pass
_MOST, _FEWEST = 128, 16  # works
_BUDGET = 10**13  # floating-point operations, a few minutes of one core

Array = NDArray[np.float64]


def affordable(layer: UnitLayer, picture: Tensor) -> int:
    """On how many works losses are measured: 128, or fewer (16 at least) where much is computed after a wide layer.

    Args:
        layer: the layer.
        picture: (1, 3, H, W), any.
    """
    replay = Replay(layer, picture)
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        replay.without(torch.tensor([0]))
    each = int(counter.get_total_flops()) * replay.grid.shape[1]
    return min(max(_BUDGET // max(each, 1), _FEWEST), _MOST)


@torch.inference_mode()
def losses(
    layer: UnitLayer,
    works: Works,
    rows: Rows,
    label: NDArray[np.int64],
    classes: int,
    see: Sequence[See] = (),
) -> Array:
    """By how much the mean probability of each true class falls without a unit, (U, K); 0 for a class without works.

    Args:
        layer: of the units.
        works: the works.
        rows: (n,) positions of those on which it is measured.
        label: (n,) their true classes.
        classes: number K.
        see: called with the answers to each work.
    """
    total = None
    for row, true in progress_bar(zip(rows, label, strict=True), "what classes lose without a unit", len(rows)):
        replay = Replay(layer, works.tensor(at := np.array([row])))
        for each in see:
            each(at, replay.grid)
        units = torch.arange(replay.grid.shape[1])
        without = torch.cat([replay.without(some) for some in torch.split(units, _UNITS)])
        whole, changed = (torch.softmax(logits.double(), 1)[:, true] for logits in (replay.logits, without))
        lost = (whole - changed)[:, None] * F.one_hot(torch.tensor(true), classes)
        total = lost if total is None else total + lost
    assert total is not None
    mean: Array = total.numpy() / np.maximum(np.bincount(label, minlength=classes), 1)
    return mean
