"""A run's network from pictures to logits or probabilities."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from emotionart.attribution.network import PictureNetwork, class_probabilities
from emotionart.classifier.predictor import Predictor
from emotionart.data.pictures.encode import png_files
from emotionart.errors import UserError
from emotionart.explain.images import ImageSet
from emotionart.inputs.backbone import BackboneRepresentation
from emotionart.inputs.joined import JoinedBackbones
from emotionart.networks.fine_tuning import TrainedBackbone
from emotionart.networks.normalise import NormalisePixels
from emotionart.networks.shallow import ShallowNet


def picture_network(predictor: Predictor) -> PictureNetwork | None:
    """A run's network from pictures to logits, in evaluation mode on the CPU; None for one on hand-crafted features.

    A classifier on stored features gets its frozen backbone back: normalisation, backbone, standardisation, head. It
    computes in float32, so that bfloat16 features agree with it to their precision.

    Raises:
        UserError: for joined backbones.
    """
    classifier, representation = predictor.classifier, predictor.representation
    first = classifier.input
    if isinstance(representation, JoinedBackbones):
        raise UserError(
            "Maps of several networks at once are not supported.",
            where="model=transfer_joined",
            fix="a run of one of them, with model=transfer",
        )
    if isinstance(representation, BackboneRepresentation):
        normalise = NormalisePixels(representation.mean, representation.std, representation.scale)
        standardise = first.standardise if isinstance(first, TrainedBackbone) else first
        # A copy: extracting features has turned the weights into inference tensors, which block gradients.
        backbone = representation.by_modules(
            first.network if isinstance(first, TrainedBackbone) else representation.network
        )
        # Several layers have no common grid, so their joint output is a vector.
        several = len(backbone.layers) > 1
        trunk, reduce = (backbone, nn.Identity()) if several else (backbone.body, backbone.reduce)
        head = nn.Sequential(reduce, standardise, classifier.network)
        return PictureNetwork(normalise, trunk, head).cpu().eval()
    if not isinstance(first, NormalisePixels):
        return None
    network = classifier.network
    if isinstance(network, ShallowNet):
        return PictureNetwork(first, network.trunk, nn.Sequential(network.reduce, network.head)).eval()
    return PictureNetwork(first, network, nn.Identity()).eval()


def precision_sentence(predictor: Predictor, network: PictureNetwork, artworks: ImageSet) -> str | None:
    """How many predictions the explained network, in float32, does not share with those of the run.

    None if all are the same and the run computes in float32, too.

    Args:
        predictor: the run's classifier.
        network: its `picture_network`.
        artworks: artworks with the run's predictions.
    """
    ours = class_probabilities(network, artworks.tensor()).numpy().argmax(axis=1)
    differ = int((ours != artworks.probabilities.argmax(axis=1)).sum())
    representation = predictor.representation
    coarse = isinstance(representation, BackboneRepresentation) and representation.in_bfloat16
    if not (differ or coarse):
        return None
    run = ", where the run computes in bfloat16" if coarse else ""
    have = "has" if differ == 1 else "have"
    return (
        f"Computed in float32, which gradients need{run}: {differ} of the {len(artworks)} artworks below {have} "
        "another prediction than in the run."
    )


def predict_pictures(predictor: Predictor, network: PictureNetwork | None, pictures: Tensor) -> NDArray[np.float64]:
    """Class probabilities (n, K) of pictures (n, 3, size, size) in 0..1."""
    if network is None:
        pixels = (255 * pictures).round().byte().permute(0, 2, 3, 1).numpy()
        return predictor.predict(png_files(pixels))
    return class_probabilities(network, pictures).numpy()
