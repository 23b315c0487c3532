"""A network whose units are known, and pictures for it."""

import numpy as np
import torch
from torch import nn

from emotionart.attribution.network import PictureNetwork
from emotionart.attribution.unit_layer import UnitLayer
from emotionart.explain.units.activations import Works
from emotionart.networks.normalise import NormalisePixels


class Colours(nn.Module):
    """Two units: one responds to red, one to blue, each in cells of 8 x 8 pixels."""

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        return nn.functional.avg_pool2d(pictures[:, [0, 2]], 8)


def layer() -> UnitLayer:
    head = nn.Linear(2, 2, bias=False)
    head.weight = nn.Parameter(torch.tensor([[5.0, 0.0], [0.0, 5.0]]))
    pooled = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), head)
    whole = PictureNetwork(NormalisePixels([0.0] * 3, [1.0] * 3), Colours(), pooled).eval()
    return UnitLayer(whole, "trunk", 1)


def pictures(colours: np.ndarray, seed: int = 0) -> np.ndarray:
    """32 x 32 pixels of noise, with a patch of red (0) or blue (1) in the cell of row 2 and column 1."""
    made = np.random.default_rng(seed).integers(0, 60, (len(colours), 32, 32, 3), dtype=np.uint8)
    for picture, colour in zip(made, colours, strict=True):
        picture[16:24, 8:16, 2 * colour] = 250
    return made


def works(made: np.ndarray) -> Works:
    return Works.all_of(made)
