"""Networks of torchvision, timm and open_clip by name: creation, published weights, input formats."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import timm
import torchvision
from timm.data.config import resolve_model_data_config
from torch import nn
from torchvision.models.vision_transformer import interpolate_embeddings

from emotionart.networks.pretrained import image_text
from emotionart.networks.pretrained.hub import hub_file, is_on_hub

Source = Literal["torchvision", "timm", "open_clip"]


@dataclass(frozen=True)
class InputFormat:
    """Input format that a network was trained with.

    Attributes:
        size: side of the square picture in pixels.
        mean, std: mean and standard deviation of the channels, on the scale 0 to 1.
    """

    size: int
    mean: tuple[float, ...]
    std: tuple[float, ...]


def known_names(source: Source) -> list[str]:
    """The names of all networks of a library, without tags."""
    if source == "open_clip":
        return image_text.network_names()
    return timm.list_models() if source == "timm" else torchvision.models.list_models(module=torchvision.models)


def split_tag(name: str, source: Source) -> tuple[str, str | None]:
    """A network's name, and the tag of its weights if it has one, as in timm's vit_base_patch16_clip_224.openai."""
    if source != "timm" or is_on_hub(name):
        return name, None
    architecture, _, tag = name.partition(".")
    return architecture, tag or None


def with_tag(name: str, source: Source, weights: str | None) -> str:
    """The name of a network with the tag of its weights, if they have one: the reverse of `split_tag`."""
    tagged = source == "timm" and not is_on_hub(name) and weights in published_weights(name, "timm")
    return f"{name}.{weights}" if tagged else name


def has_network(name: str, source: Source) -> bool:
    """Whether a library has a network of this name, with a tag or without, or can look for it on the hub."""
    return (source == "timm" and is_on_hub(name)) or split_tag(name, source)[0] in known_names(source)


def create_network(name: str, source: Source, size: int | None = None) -> nn.Module:
    """A network with random weights, drawn from torch's global generator.

    Args:
        name: name of the network. In timm, it may end in a tag, which determines the input format and the classifier,
            or be a repository of the Hugging Face hub, hf_hub:OWNER/NAME.
        source: library of the network.
        size: side of its pictures in pixels, for networks that are made for one size; None for the usual one.

    Raises:
        ValueError: for a name that the library does not have.
        emotionart.networks.pretrained.hub.WeightsUnavailableError: for a repository that cannot be read.
    """
    if not has_network(name, source):
        raise ValueError(f"{source} has no network {name!r}")
    if source == "open_clip":
        return image_text.create_image_text(name)
    if source == "timm":
        return create_timm(name, size)
    extra = {}
    if name in ("googlenet", "inception_v3"):
        # No auxiliary heads, and inputs in ImageNet's normalisation, as the published weights expect.
        extra = {"aux_logits": False, "init_weights": True, "transform_input": True}
    return _create(lambda **sized: torchvision.models.get_model(name, weights=None, **extra, **sized), image_size=size)


def create_timm(name: str, size: int | None = None, **arguments: Any) -> nn.Module:
    """A network of timm.

    Args:
        name, size: as for `create_network`.
        arguments: further arguments of `timm.create_model`.
    """
    if is_on_hub(name):
        # timm reads the same file itself, but tries the network first even if the file is stored.
        name = f"local-dir:{hub_file(name.partition(':')[2], 'config.json').parent}"
    return _create(lambda **sized: timm.create_model(name, **arguments, **sized), img_size=size)


def _create(create: Callable[..., nn.Module], **size: int | None) -> nn.Module:
    """A network for pictures of a size, if its constructor takes one."""
    try:
        return create(**{key: value for key, value in size.items() if value is not None})
    except TypeError:  # a network for pictures of all sizes
        return create()


def resize_network(network: nn.Module, name: str, source: Source, size: int) -> nn.Module:
    """A network for pictures of another size; weights that depend on it, as position embeddings do, are resampled.

    Networks for all sizes are returned as they are.

    Args:
        network: network of that name.
        name, source: its name and library.
        size: side of the pictures in pixels.
    """
    state = network.state_dict()
    resized = create_network(name, source, size)
    if all(state[key].shape == tensor.shape for key, tensor in resized.state_dict().items()):
        resized.load_state_dict(state)
    elif source == "timm":
        # The library's own conversion of a checkpoint to the size.
        return create_timm(name, size, pretrained=True, pretrained_cfg_overlay={"state_dict": state, "source": ""})
    else:
        patch: Any = resized.patch_size
        resized.load_state_dict(interpolate_embeddings(size, patch, state))
    return resized


def published_weights(name: str, source: Source) -> list[str]:
    """Names of a network's weights in torchvision (IMAGENET1K_V1), timm (a1_in1k) or open_clip (openai)."""
    if source == "open_clip":
        return image_text.published_tags(name)
    if source == "timm":
        return [model.partition(".")[2] for model in timm.list_models(f"{name}.*", pretrained=True)]
    return list(torchvision.models.get_model_weights(name).__members__)


def input_format(name: str, source: Source, network: nn.Module, weights: str | None = None) -> InputFormat:
    """The library's data configuration for a network, or else ImageNet's usual one.

    Args:
        name, source: name and library of the network.
        network: the network itself; timm's networks carry the configuration of their tag.
        weights: one of `published_weights` of torchvision or open_clip, which may differ in their input format; None
            for the default. Not used for timm.
    """
    if source == "open_clip":
        return InputFormat(*image_text.picture_format(network, name, weights))
    if source == "timm":
        data = resolve_model_data_config(network)  # type: ignore[no-untyped-call]
        return InputFormat(data["input_size"][-1], tuple(data["mean"]), tuple(data["std"]))
    entries = torchvision.models.get_model_weights(name)
    transforms: Any = entries[weights or "DEFAULT"].transforms()
    return InputFormat(transforms.crop_size[0], tuple(transforms.mean), tuple(transforms.std))
