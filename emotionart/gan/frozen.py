"""The frozen feature network of a projected discriminator, from its configuration."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field

from emotionart.errors import UserError
from emotionart.inputs.pretrained import load_pretrained
from emotionart.networks.gan.pyramid import FeaturePyramid, Origin
from emotionart.networks.pretrained.libraries import input_format, published_weights


def load_pyramid(
    channels: Sequence[int],
    name: str,
    source: Literal["torchvision", "timm"],
    weights: str,
    layers: Sequence[str] | None,
    size: Annotated[int, Field(ge=32, le=4096)],
    mean: Sequence[float] | None,
    std: Sequence[float] | None,
    scale: float,
) -> FeaturePyramid:
    """Feature grids of a network of torchvision or timm: the target of `discriminator.backbone`.

    Args:
        channels: channels of the mixed grids.
        name, source, weights: as for a backbone of transfer learning.
        layers: names of the layers, from fine to coarse; None for the last one at each of the strides 4 to 32.
        size: side in pixels at which the network sees the pictures.
        mean, std: normalisation of the channels after division by `scale`; None for the library's values for
            these weights.
        scale: divisor of the pixel values (0 to 255).

    Raises:
        UserError: for an unknown network, weights or layers.
    """
    key = "discriminator.backbone"
    loaded = load_pretrained(name, source, weights, key)
    network = copy.deepcopy(loaded.network)
    if mean is None or std is None:
        named = loaded.weights if loaded.weights in published_weights(loaded.name, source) else None
        own = input_format(loaded.name, source, network, named)
        mean, std = mean or own.mean, std or own.std
    mean, std = ([float(value) * scale / 255 for value in values] for values in (mean, std))
    origin = Origin(name, loaded.weights, loaded.digest)
    try:
        return FeaturePyramid(network, origin, layers, size, mean, std, channels)
    except ValueError as error:
        raise UserError(f"{name}: {error}.", where=f"{key}.layers") from None
