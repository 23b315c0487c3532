"""Image-text networks of open_clip; the package is an optional dependency, imported where it is used."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any

import torch
from huggingface_hub import try_to_load_from_cache
from torch import Tensor, nn
from torch.nn import functional as F

from emotionart.errors import UserError, first_line
from emotionart.networks.input_transform import InputTransform

_QUICK = "-quickgelu"


def missing_package(where: str) -> UserError | None:
    """The error for needing open_clip, at `where` in the configuration; None if it is installed."""
    if find_spec("open_clip"):
        return None
    return UserError("open_clip is not installed.", where=where, fix="pip install 'emotionart[clip]'")


def open_clip() -> ModuleType:
    """Imports the package.

    Raises:
        ImportError: if it is not installed.
    """
    return import_module("open_clip")


def network_names() -> list[str]:
    """The names of all networks of open_clip, including those of `open_clip.add_model_config`."""
    return list(open_clip().list_models())


def create_image_text(name: str) -> nn.Module:
    """A network with random weights, from torch's global generator and on its default device.

    Raises:
        ValueError: if something that this network needs is missing, such as another package's text transformer.
    """
    with _silent():
        try:
            network: nn.Module = open_clip().create_model(
                name, load_weights=False, pretrained_text=False, device=torch.get_default_device()
            )
        except (RuntimeError, OSError, ImportError) as error:
            raise ValueError(f"open_clip cannot make {name}: {first_line(error)}") from error
    return network.eval()


def published_tags(name: str) -> list[str]:
    """open_clip's names of a network's weights: openai, laion2b_s34b_b79k and so on."""
    return list(open_clip().list_pretrained_tags_by_model(name))


def trained_as(name: str, weights: str | None) -> str:
    """The name of the network with the activation function that the weights were trained with.

    OpenAI's and some other weights need QuickGELU. open_clip has such networks under separate names, but offers those
    weights under both names.
    """
    return f"{name}{_QUICK}" if weights in published_tags(f"{name}{_QUICK}") else name


def picture_format(network: Any, name: str, weights: str | None) -> tuple[int, Any, Any]:
    """Side of the picture in pixels, and mean and standard deviation of its channels on the scale 0 to 1.

    Args:
        network: the network itself.
        name: name of the network.
        weights: one of `published_tags`; None for the first, as all usually have the same format.
    """
    tag = weights or next(iter(published_tags(name)), "")
    published = open_clip().pretrained.get_pretrained_cfg(name, tag)
    size = network.visual.image_size
    mean, std = open_clip().OPENAI_DATASET_MEAN, open_clip().OPENAI_DATASET_STD
    return size if isinstance(size, int) else size[0], published.get("mean") or mean, published.get("std") or std


def stored_tag(name: str, tag: str) -> str | None:
    """Path of the file of published weights in the local cache; None if it has not been downloaded."""
    repository, _, file = open_clip().pretrained.get_pretrained_cfg(name, tag)["hf_hub"].rpartition("/")
    usual = (open_clip().constants.HF_SAFE_WEIGHTS_NAME, open_clip().constants.HF_WEIGHTS_NAME)
    for candidate in [file] if file else usual:
        stored = try_to_load_from_cache(repository, candidate)
        if isinstance(stored, str):
            return stored
    return None


def load_tag(network: nn.Module, name: str, tag: str) -> None:
    """Loads published weights, downloading them if necessary; no code in the file is run.

    Raises:
        OSError, RuntimeError: if they cannot be obtained.
    """
    published = open_clip().pretrained.get_pretrained_cfg(name, tag)
    with _silent():
        path = stored_tag(name, tag) or open_clip().pretrained.download_pretrained(published)
        open_clip().load_checkpoint(network, path)


class ImageTower(nn.Module):
    """The image encoder of a network; it contains the whole network, whose weights are stored together.

    Maps float pictures (B, 3, size, size) to embeddings (B, D).
    """

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network: Any = network

    def forward(self, pictures: Tensor) -> Tensor:
        """Embeddings (B, D), not normalised."""
        embeddings: Tensor = self.network.encode_image(pictures)
        return embeddings


class UnitLength(InputTransform):
    """Divides vectors (B, D) by their length."""

    def forward(self, features: Tensor) -> Tensor:
        """Vectors (B, D) of length 1."""
        return F.normalize(features, dim=1)


def tokeniser(name: str) -> Any:
    """A network's tokeniser, which maps n texts to tokens (n, L).

    Raises:
        ValueError: if it is unavailable because it belongs to another package.
    """
    with _silent():
        try:
            return open_clip().get_tokenizer(name)
        except (RuntimeError, OSError, ImportError, AttributeError) as error:
            raise ValueError(f"the tokeniser of {name} cannot be had: {first_line(error)}") from error


@torch.inference_mode()
def embed_prompts(network: Any, name: str, prompts: Sequence[Sequence[str]]) -> Tensor:
    """(K, D) class vectors, whose inner products with a picture's unit-length embedding are the class logits.

    As in Radford et al. (2021): the mean of the unit-length embeddings of a class's prompts, normalised to unit length
    and multiplied by the network's learnt logit scale.

    Args:
        network: network of open_clip.
        name: name of the network.
        prompts: prompts of each class, at least one.

    Raises:
        ValueError: if the network's tokeniser is unavailable.
    """
    tokenise = tokeniser(name)
    device = network.logit_scale.device
    means = [
        F.normalize(network.encode_text(tokenise(list(texts)).to(device)).float(), dim=1).mean(0) for texts in prompts
    ]
    vectors: Tensor = network.logit_scale.exp() * F.normalize(torch.stack(means), dim=1)
    return vectors.cpu()


@contextmanager
def _silent() -> Iterator[None]:
    """Context that silences open_clip's log messages."""
    before = logging.root.manager.disable
    logging.disable(logging.ERROR)
    try:
        yield
    finally:
        logging.disable(before)
