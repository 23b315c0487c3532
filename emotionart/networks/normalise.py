"""Normalisation of stored 8-bit pictures to a network's input."""

from collections.abc import Sequence

import torch
from torch import Tensor

from emotionart.networks.input_transform import InputTransform


class NormalisePixels(InputTransform):
    """Maps uint8 pictures (B, H, W, 3) in 0..255 to floats (B, 3, H, W): (x / range - mean) / std, channel by channel.

    Args:
        mean, std: mean and standard deviation of each channel, after the division.
        range: divisor of the pixels.
    """

    scale: Tensor
    shift: Tensor

    def __init__(self, mean: Sequence[float], std: Sequence[float], range: float = 255.0) -> None:
        super().__init__()
        deviation = torch.tensor(std).view(1, 3, 1, 1)
        self.register_buffer("scale", 1 / (range * deviation), persistent=False)
        self.register_buffer("shift", -torch.tensor(mean).view(1, 3, 1, 1) / deviation, persistent=False)

    def forward(self, pictures: Tensor) -> Tensor:
        """Floats (B, 3, H, W) of pictures (B, H, W, 3)."""
        return torch.addcmul(self.shift, pictures.permute(0, 3, 1, 2).to(self.scale.dtype), self.scale)
