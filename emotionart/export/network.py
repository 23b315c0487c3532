"""A run's complete network, from a decoded picture of any size to class probabilities."""

from __future__ import annotations

import copy
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from emotionart.classifier.predictor import Predictor
from emotionart.errors import UserError
from emotionart.export.resize import PillowResize
from emotionart.inputs.backbone import BackboneRepresentation
from emotionart.inputs.joined import JoinedBackbones
from emotionart.inputs.representation import Representation
from emotionart.inputs.vector import VectorRepresentation
from emotionart.networks.normalise import NormalisePixels


class PictureClassifier(nn.Module):
    """Maps uint8 sRGB pictures (B, H, W, 3) of any size to class probabilities (B, K) in float32.

    Args:
        size: side in pixels of the training pictures.
        encoder: maps pictures (B, size, size, 3) to the inputs stored for training; the identity if none were stored.
        first: the classifier's input transform.
        network: the classifier's network, up to logits.
        temperature: divisor of the logits.
    """

    def __init__(self, size: int, encoder: nn.Module, first: nn.Module, network: nn.Module, temperature: float) -> None:
        super().__init__()
        self.temperature = temperature
        self.layers = nn.Sequential(PillowResize(size), encoder, first, network)

    def forward(self, pictures: Tensor) -> Tensor:
        """Probabilities (B, K)."""
        return torch.softmax(self.layers(pictures) / self.temperature, 1)


def picture_classifier(predictor: Predictor) -> PictureClassifier:
    """The network of a run, in float32 and evaluation mode, including a frozen backbone.

    Raises:
        UserError: for hand-crafted features, which are not computed by a network, or cropped or padded pictures.
    """
    representation, classifier = predictor.representation, predictor.classifier
    if isinstance(representation, VectorRepresentation):
        raise UserError(
            f"This run reads {len(representation.names)} hand-made features ({', '.join(representation.sets)}), which "
            "are computed from a picture by code and not by a network: they cannot be exported.",
            fix="a run whose network reads pictures, such as model=shallow_arch1 or model=transfer; where emotionart "
            "is installed, emotionart predict",
        )
    if representation.fit != "squash":
        raise UserError(
            f"This run makes pictures square by data.fit={representation.fit}, and an exported file can only squash "
            "them: it would look at other pictures than the run.",
            fix="a run with data.fit=squash; where emotionart is installed, emotionart predict",
        )
    # A copy, since feature extraction has turned a frozen network's weights into tensors that cannot be traced.
    network = PictureClassifier(
        representation.size,
        _encoder(representation),
        classifier.input,
        classifier.network,
        classifier.temperature,
    )
    return copy.deepcopy(network).cpu().float().eval().requires_grad_(False)


def backbones(representation: Representation) -> Sequence[BackboneRepresentation]:
    """The pretrained networks that a representation consists of; none if it has no such network."""
    if isinstance(representation, JoinedBackbones):
        return representation.parts
    return [representation] if isinstance(representation, BackboneRepresentation) else []


def _encoder(representation: Representation) -> nn.Module:
    encoders = [
        nn.Sequential(NormalisePixels(one.mean, one.std, one.scale), one.network)
        for one in backbones(representation)
        if one.freeze == "all"
    ]
    if len(encoders) > 1:
        return _SideBySide(encoders)
    return encoders[0] if encoders else nn.Identity()


class _SideBySide(nn.Module):
    """Concatenates the outputs (B, D_i) of several encoders for the same pictures."""

    def __init__(self, encoders: Sequence[nn.Module]) -> None:
        super().__init__()
        self.encoders = nn.ModuleList(encoders)

    def forward(self, pictures: Tensor) -> Tensor:
        """(B, sum of D_i)."""
        return torch.cat([encoder(pictures) for encoder in self.encoders], 1)
