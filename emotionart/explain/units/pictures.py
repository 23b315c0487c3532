"""Pictures that units answer to most, by activation maximisation (Olah, Mordvintsev and Schubert 2017)."""

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

_UNITS = 8  # pictures at a time: gradients take memory
_CONTRAST = 0.05  # of the picture from which the optimisation starts


@dataclass(frozen=True)
class UnitPicture:
    """The picture of a unit.

    Attributes:
        pixels: (size, size, 3).
        gain: mean answer to it, as a multiple of that to the work which it answers to most; None if it does not answer
            to any.
    """

    pixels: NDArray[np.uint8]
    gain: float | None


def unit_pictures(
    layer: UnitLayer, units: NDArray[np.intp], top: Tensor, mean: NDArray[np.float64], steps: int
) -> list[UnitPicture]:
    """A picture of each unit, which maximises its mean over all places.

    On the mean colour alone many units are silent behind a ReLU, so that there is no gradient to follow. Each picture
    therefore starts from the work that the unit answers to most, at a twentieth of its contrast.

    Args:
        layer: of the units.
        units: (T,) units.
        top: (T, 3, size, size) in 0..1, the work that each of them answers to most.
        mean: (n, U) mean answers to works.
        steps: of the optimisation.
    """
    network, colour = _Means(layer, mean.std(axis=0)), data_mean(layer.network)
    start, targets = colour + _CONTRAST * (top - colour), torch.from_numpy(units)
    with shown_progress(f"optimising pictures of {len(units)} units", len(units) * steps) as advance:

        def made(units: Tensor, start: Tensor) -> Tensor:
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
        pictures = torch.cat([made(*batch) for batch in batches])
    with torch.inference_mode():
        grids = [layer.grid(some) for some in torch.split(pictures, _UNITS)]
    answer = torch.cat(grids).mean((2, 3)).gather(1, targets[:, None])[:, 0].tolist()
    pixels = (255 * pictures.permute(0, 2, 3, 1)).round().byte().numpy()
    largest = mean[:, units].max(axis=0)
    return [
        UnitPicture(one, value / highest if highest > 0 else None)
        for one, value, highest in zip(pixels, answer, largest, strict=True)
    ]


class _Means(nn.Module):
    """Mean answers of all units, in standard deviations over works, so that one penalty suits all units.

    Args:
        layer: of the units.
        deviation: (U,).
    """

    def __init__(self, layer: UnitLayer, deviation: NDArray[np.float64]) -> None:
        super().__init__()
        self.network = layer.network  # a part of this module, so that its weights are frozen meanwhile
        self._layer = layer
        self._scale = torch.from_numpy(np.where(deviation > 0, deviation, 1)).float()

    def forward(self, pictures: Tensor) -> Tensor:
        """(B, U)."""
        return self._layer.grid(pictures).mean((2, 3)) / self._scale
