"""Fine-tuning of a backbone: which of its weights are trained, and the backbone as the first part of a classifier."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn

from emotionart.networks.backbone import Backbone
from emotionart.networks.heads import Standardise
from emotionart.networks.input_transform import InputTransform
from emotionart.networks.layers import missing_layer
from emotionart.networks.normalise import NormalisePixels


def freeze_until(network: nn.Module, layer: str) -> list[nn.Module]:
    """Freezes all weights before `layer` and returns the frozen parts.

    Raises:
        ValueError: if the network has no such layer.
    """
    parts = list(network.named_modules())
    start = next((index for index, (name, _) in enumerate(parts) if f"{name}.".startswith(f"{layer}.")), None)
    if start is None:
        raise missing_layer(network, layer)
    network.requires_grad_(False)
    for _, part in parts[start:]:
        for weight in part.parameters(recurse=False):
            weight.requires_grad_(True)
    return [part for name, part in parts[:start] if name and not layer.startswith(f"{name}.")]


class TrainedBackbone(InputTransform):
    """A network that is fine-tuned with its head.

    It is created in evaluation mode, in which Lightning leaves it while its weights are trained: batch norm keeps the
    statistics of pretraining, and there is no dropout.

    Args:
        normalise: maps pictures to the network's input.
        network: network to train.
        standardise: standardises its features; the identity unless a head that was trained on frozen features brings
            its statistics.
        frozen: parts of the network that are not trained.
        layers: the network's weights by layer, from the input to the last features.
    """

    def __init__(
        self,
        normalise: NormalisePixels,
        network: Backbone,
        standardise: Standardise,
        frozen: Sequence[nn.Module],
        layers: Sequence[Sequence[nn.Parameter]],
    ) -> None:
        super().__init__()
        self.normalise = normalise
        self.network = network
        self.standardise = standardise
        self.frozen = tuple(frozen)
        self.layers = tuple(layers)

    def trained_layers(self) -> list[list[nn.Parameter]]:
        """The trainable weights by layer, from the input to the last features; without layers that are frozen."""
        used = {id(weight) for weight in self.network.parameters() if weight.requires_grad}
        layers = ([weight for weight in layer if id(weight) in used] for layer in self.layers)
        return [layer for layer in layers if layer]

    def train(self, mode: bool = True) -> TrainedBackbone:
        """Sets the mode of all parts but the frozen ones, which stay in evaluation mode; a run does not call this."""
        super().train(mode)
        for part in self.frozen:
            part.training = False
        return self

    def forward(self, pictures: Tensor) -> Tensor:
        """Features of pictures (B, size, size, 3) uint8."""
        features: Tensor = self.standardise(self.network(self.normalise(pictures)))
        return features
