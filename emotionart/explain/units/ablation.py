"""Unit ablation: the fall of each class's probability when a unit is set to zero everywhere."""

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
from emotionart.explain.units.activations import BatchCallback, Rows, Works
from emotionart.progress import progress_bar

_UNITS = 16  # units ablated in one batch
_MOST_WORKS, _FEWEST_WORKS = 128, 16
_BUDGET = 10**13  # floating-point operations; a few minutes on one core

Array = NDArray[np.float64]


def affordable_works(layer: UnitLayer, picture: Tensor) -> int:
    """The number of works to ablate units on: 128, or down to 16 where the layer is wide and much follows it.

    Args:
        layer: layer of the units.
        picture: (1, 3, H, W), any picture of the size of the works.
    """
    replay = Replay(layer, picture)
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        replay.without(torch.tensor([0]))
    per_work = int(counter.get_total_flops()) * replay.grid.shape[1]
    return min(max(_BUDGET // max(per_work, 1), _FEWEST_WORKS), _MOST_WORKS)


@torch.inference_mode()
def ablation_losses(
    layer: UnitLayer,
    works: Works,
    rows: Rows,
    label: NDArray[np.int64],
    classes: int,
    callbacks: Sequence[BatchCallback] = (),
) -> Array:
    """(U, K): fall of each class's mean probability on its own works when a unit is set to zero.

    Negative values are rises; a class without works gets 0.

    Args:
        layer: layer of the units.
        works: works.
        rows: (n,) positions of the works to measure on.
        label: (n,) their true classes.
        classes: number K of classes.
        callbacks: called with each work's intact activations, which are computed anyway.
    """
    total = None
    for row, true in progress_bar(zip(rows, label, strict=True), "ablating units", len(rows)):
        batch = np.array([row])
        replay = Replay(layer, works.tensor(batch))
        for callback in callbacks:
            callback(batch, replay.grid)
        units = torch.arange(replay.grid.shape[1])
        ablated_logits = torch.cat([replay.without(some) for some in torch.split(units, _UNITS)])
        intact, ablated = (torch.softmax(logits.double(), 1)[:, true] for logits in (replay.logits, ablated_logits))
        loss = (intact - ablated)[:, None] * F.one_hot(torch.tensor(true), classes)
        total = loss if total is None else total + loss
    assert total is not None
    mean: Array = total.numpy() / np.maximum(np.bincount(label, minlength=classes), 1)
    return mean
