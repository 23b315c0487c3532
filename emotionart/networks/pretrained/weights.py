"""Loading a network's weights from a file or from its library's server."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

import timm
import torch
import torchvision
from safetensors.torch import load_file
from torch import Tensor, nn

from emotionart.errors import first_line
from emotionart.networks.pretrained import image_text
from emotionart.networks.pretrained.hub import (
    WeightsUnavailableError,
    connection_timeout,
    hub_file,
    is_on_hub,
    require_reachable,
)
from emotionart.networks.pretrained.libraries import Source, create_timm

_SHOWN = 5
_HUB_FILES = ("model.safetensors", "pytorch_model.bin")
_ALL: Mapping[str, bool] = {}


def load_weights(network: nn.Module, path: Path, used: Mapping[str, bool] = _ALL) -> None:
    """Loads a `.safetensors` file, or a `.pth` file with nothing but tensors; no code in the file is run.

    Args:
        network: network to load the weights into.
        path: path of the file.
        used: tensor -> whether it is needed; others may be missing from the file.

    Raises:
        ValueError: for a file without a state dict, or with tensors that do not fit; it names these.
    """
    network.load_state_dict(require_fit(network, path, used), strict=False)


def require_fit(network: nn.Module, path: Path, used: Mapping[str, bool] = _ALL) -> dict[str, Tensor]:
    """The tensors of a file, checked to fit a network, which may be on the meta device.

    Raises:
        ValueError: as for `load_weights`.
    """
    state, expected = _read_state(path), network.state_dict()
    problems = [
        *(f"{name} is missing" for name in expected if name not in state and used.get(name, True)),
        *(f"{name} is unknown" for name in state if name not in expected),
        *(
            f"{name} has shape {tuple(state[name].shape)} instead of {tuple(tensor.shape)}"
            for name, tensor in expected.items()
            if name in state and state[name].shape != tensor.shape
        ),
    ]
    if problems:
        more = f"; and {len(problems) - _SHOWN} more" if len(problems) > _SHOWN else ""
        raise ValueError(f"the tensors of {path} do not fit: {'; '.join(problems[:_SHOWN])}{more}")
    return state


def _read_state(path: Path) -> dict[str, Tensor]:
    try:
        state = load_file(path) if path.suffix == ".safetensors" else torch.load(path, "cpu", weights_only=True)
    except Exception as error:
        raise ValueError(f"{path} cannot be read as weights: {first_line(error)}") from error
    state = state.get("state_dict", state) if isinstance(state, dict) else state
    if not isinstance(state, dict) or not all(isinstance(tensor, Tensor) for tensor in state.values()):
        raise ValueError(f"{path} holds no state dict")
    return _without_auxiliary_heads(state)


def load_published(network: nn.Module, name: str, source: Source, weights: str | None = None) -> None:
    """Loads the library's published weights, downloading them the first time, with a progress bar and checked hash.

    Args:
        network: network to load the weights into.
        name, source: name and library of the network.
        weights: one of `published_weights`; None for the library's default, which open_clip does not have.

    Raises:
        WeightsUnavailableError: within about ten seconds, if they are unavailable.
    """
    if source == "timm":
        _load_from_hub(network, name if weights is None else f"{name}.{weights}")
        return
    if source == "open_clip":
        _load_tag(network, name, weights or "")
        return
    url = torchvision.models.get_model_weights(name)[weights or "DEFAULT"].url
    stored = Path(torch.hub.get_dir()) / "checkpoints" / Path(urlparse(url).path).name
    if not stored.exists():
        require_reachable(url)
    with connection_timeout():
        try:
            state = torch.hub.load_state_dict_from_url(url, progress=True, check_hash=True, weights_only=True)
        except (OSError, RuntimeError) as error:
            raise WeightsUnavailableError(str(error)) from error
    network.load_state_dict(_without_auxiliary_heads(state))


def _without_auxiliary_heads(state: Mapping[str, Any]) -> dict[str, Any]:
    """The weights without those of GoogLeNet's and Inception's auxiliary heads, which are only for training."""
    return {name: tensor for name, tensor in state.items() if not name.startswith(("AuxLogits.", "aux1.", "aux2."))}


def _load_from_hub(network: nn.Module, name: str) -> None:
    settings: dict[str, Any] = {}
    if is_on_hub(name):
        hub_file(name.partition(":")[2], *_HUB_FILES)
    else:
        published = timm.get_pretrained_cfg(name)
        if published is None or not published.hf_hub_id:
            raise WeightsUnavailableError(f"timm publishes no weights of {name}")
        file = hub_file(
            published.hf_hub_id, *([published.hf_hub_filename] if published.hf_hub_filename else _HUB_FILES)
        )
        overlay = {
            "file": str(file),
            "custom_load": str(published.custom_load) == "hf",
        }  # else it describes another file
        settings = {"pretrained_cfg_overlay": overlay}
    try:
        pretrained = create_timm(name, pretrained=True, **settings)
    except (OSError, RuntimeError) as error:
        raise WeightsUnavailableError(str(error)) from error
    network.load_state_dict(pretrained.state_dict())


def _load_tag(network: nn.Module, name: str, tag: str) -> None:
    if image_text.stored_tag(name, tag) is None:
        require_reachable("https://huggingface.co")
    try:
        image_text.load_tag(network, name, tag)
    except (OSError, RuntimeError) as error:
        raise WeightsUnavailableError(str(error)) from error


def weights_digest(network: nn.Module, used: Mapping[str, bool] = _ALL) -> str:
    """A hash of a network's weights.

    Args:
        network: network with the weights.
        used: tensor -> whether to include it; tensors that are not listed are included.
    """
    digest = hashlib.blake2b(digest_size=16)
    for name, tensor in sorted(network.state_dict().items()):
        if not used.get(name, True):
            continue
        digest.update(name.encode())
        digest.update(tensor.detach().cpu().contiguous().view(-1).view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()
