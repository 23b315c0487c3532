"""Pictures that maximise the activation of units (Olah, Mordvintsev and Schubert 2017)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from emotionart.attribution.activation_maximisation import class_model_visualisation
from emotionart.attribution.maps import data_mean
from emotionart.attribution.unit_layer import UnitLayer
from emotionart.progress import shown_progress

_UNITS = 8  # pictures per batch; gradients take memory
_CONTRAST = 0.05  # contrast of the work that the optimisation starts from, relative to the original


@dataclass(frozen=True)
class UnitPicture:
    """A picture that maximises a unit's mean activation.

    Attributes:
        pixels: (size, size, 3) uint8.
        gain: mean activation on it, relative to the highest on any work; None if that is not positive.
    """

    pixels: NDArray[np.uint8]
    gain: float | None


def unit_pictures(
    layer: UnitLayer, units: NDArray[np.intp], top: Tensor, mean: NDArray[np.float64], steps: int
) -> list[UnitPicture]:
    """A picture for each unit that maximises its mean activation over space.

    On a flat colour, many units are zero behind a ReLU and have no gradient. Each picture therefore starts from the
    work with the unit's highest activation, at a twentieth of its contrast.

    Args:
        layer: layer of the units.
        units: (T,) indices of the units.
        top: (T, 3, size, size) in 0..1, the work with the highest activation of each unit.
        mean: (n, U) mean activations on works.
        steps: optimisation steps.
    """
    network, colour = _Means(layer, mean.std(axis=0)), data_mean(layer.network)
    start, targets = colour + _CONTRAST * (top - colour), torch.from_numpy(units)
    with shown_progress(f"optimising pictures of {len(units)} units", len(units) * steps) as advance:

        def maximise(units: Tensor, start: Tensor) -> Tensor:
            return class_model_visualisation(
                network,
                units,
                colour,
                start.shape[-1],
                steps=steps,
                advance=lambda step: advance(step * len(units)),
                start=start,
            )

        batches = zip(torch.split(targets, _UNITS), torch.split(start, _UNITS), strict=True)
        pictures = torch.cat([maximise(*batch) for batch in batches])
    with torch.inference_mode():
        grids = [layer.grid(some) for some in torch.split(pictures, _UNITS)]
    reached = torch.cat(grids).mean((2, 3)).gather(1, targets[:, None])[:, 0].tolist()
    pixels = (255 * pictures.permute(0, 2, 3, 1)).round().byte().numpy()
    largest = mean[:, units].max(axis=0)
    return [
        UnitPicture(one, value / highest if highest > 0 else None)
        for one, value, highest in zip(pixels, reached, largest, strict=True)
    ]


class _Means(nn.Module):
    """Mean activations of all units, divided by their standard deviations, so that one penalty suits all of them.

    Args:
        layer: layer of the units.
        deviation: (U,) standard deviation of each unit's mean activation over works.
    """

    def __init__(self, layer: UnitLayer, deviation: NDArray[np.float64]) -> None:
        super().__init__()
        self.network = layer.network  # a part of this module, so that its weights are frozen meanwhile
        self._layer = layer
        self._scale = torch.from_numpy(np.where(deviation > 0, deviation, 1)).float()

    def forward(self, pictures: Tensor) -> Tensor:
        """Scaled mean activations (B, U) on pictures (B, 3, size, size)."""
        return self._layer.grid(pictures).mean((2, 3)) / self._scale
