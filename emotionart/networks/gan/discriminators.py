"""The study's two discriminators.

Both map pictures (B, 3, size, size) in -1..1 to logits (B,), higher for more realistic ones.
"""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm as normalise_spectrum

from emotionart.networks.shallow import conv_trunk
from emotionart.ranges import Depth, Kernel, Side, Width


class _Discriminator(nn.Module):
    """A trunk followed by a linear layer.

    Args:
        trunk: maps pictures (B, 3, size, size) to grids or vectors.
        width: number of features that the trunk computes for a picture.
        spectral_norm: whether each layer's weights are divided by their largest singular value.
    """

    def __init__(self, trunk: nn.Module, width: int, spectral_norm: bool) -> None:
        super().__init__()
        self.trunk = trunk
        self.head = nn.Linear(width, 1)
        if spectral_norm:
            _normalise_all(self)

    def forward(self, pictures: Tensor) -> Tensor:
        """Logits (B,) of pictures."""
        logits: Tensor = self.head(self.features(pictures)).squeeze(1)
        return logits

    def features(self, pictures: Tensor) -> Tensor:
        """(B, D) input of the last layer."""
        features: Tensor = self.trunk(pictures).flatten(1)
        return features


class CnnDiscriminator(_Discriminator):
    """The shallow classifier's trunk followed by a linear layer.

    Args:
        size: side of the picture in pixels, a power of two.
        depth: number of convolutions, each of which halves the grid; two in the study.
        width: channels of the first convolution; each further one doubles them, up to sixteen times `width`.
        kernel_size: side of the filters.
        spectral_norm: whether each layer's weights are divided by their largest singular value (Miyato et al. 2018).

    Raises:
        ValueError: if the picture is too small to be halved that often.
    """

    def __init__(self, size: Side, depth: Depth, width: Width, kernel_size: Kernel, spectral_norm: bool) -> None:
        end = size >> depth
        if end < 1:
            raise ValueError(f"{size} pixels cannot be halved {depth} times")
        channels = [width * min(2**power, 16) for power in range(depth)]
        super().__init__(conv_trunk(3, channels, kernel_size), channels[-1] * end * end, spectral_norm)


class FullyConnectedDiscriminator(_Discriminator):
    """Fully connected layers on the picture's pixels.

    Args:
        size: side of the picture in pixels.
        depth: number of layers, three in the study.
        width: a sixteenth of the units of each hidden layer.
        spectral_norm: as for the CNN.
    """

    def __init__(self, size: Side, depth: Depth, width: Width, spectral_norm: bool) -> None:
        layers: list[nn.Module] = [nn.Flatten()]
        units = 3 * size * size
        for _ in range(depth - 1):
            layers += [nn.Linear(units, 16 * width), nn.LeakyReLU(0.2)]
            units = 16 * width
        super().__init__(nn.Sequential(*layers), units, spectral_norm)


def _normalise_all(network: nn.Module) -> None:
    for layer in list(network.modules()):
        if isinstance(layer, nn.Linear | nn.Conv2d):
            normalise_spectrum(layer)
