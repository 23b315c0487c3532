"""A network of torchvision or timm with its weights: published ones, those of a file, or random ones with a warning."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import torch
from torch import nn

from emotionart.errors import UserError, suggest
from emotionart.networks.backbone import Source, create_network, known_names
from emotionart.networks.weights import WeightsUnavailableError, load_published, load_weights, weights_digest

log = logging.getLogger(__name__)

_RANDOM_SEED = 0  # of random weights, so that all runs share them


@dataclass(frozen=True)
class Pretrained:
    """A network with its weights.

    Attributes:
        network: not to be changed.
        weights: "random", "imagenet" or a file's name.
        digest: of the weights.
        warning: what a user must not miss, where there is something.
    """

    network: nn.Module
    weights: str
    digest: str
    warning: str | None


def load_pretrained(name: str, source: Source, weights: str, key: str) -> Pretrained:
    """A network with the weights that were asked for; warns where they are random.

    Args:
        name: of the network.
        source: the library that has it.
        weights: "auto" (published ones, or random ones with a warning where they cannot be had), "imagenet" (published
            ones or an error), "random", or the path of a `.safetensors` or `.pth` file.
        key: of the configuration, for errors.

    Raises:
        UserError: for an unknown name, or weights that cannot be had or do not fit.
    """
    if name not in known_names(source):
        raise UserError(
            f"{source} has no network {name!r}.",
            where=f"{key}.name",
            suggestions=suggest(name, known_names(source)),
            fix=f"{key}.source=timm" if source == "torchvision" and name in known_names("timm") else None,
        )
    loaded = _load(name, source, weights, key, _stamp(weights))
    if loaded.warning:
        log.warning(loaded.warning)
    return loaded


@lru_cache(maxsize=2)
def _load(name: str, source: Source, weights: str, key: str, stamp: int | None) -> Pretrained:
    """A network with the weights that were asked for, kept for the next run of the process.

    Args:
        name, source, weights, key: see `load_pretrained`.
        stamp: time of the file of weights, so that a changed one is read again.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(_RANDOM_SEED)
        network = create_network(name, source)
    loaded, warning = _load_weights(network, name, source, weights, key)
    return Pretrained(network, loaded, weights_digest(network), warning)


def _stamp(weights: str) -> int | None:
    path = Path(weights)
    return path.stat().st_mtime_ns if path.is_file() else None


def _load_weights(network: nn.Module, name: str, source: Source, weights: str, key: str) -> tuple[str, str | None]:
    """Loads weights, and says which they are and what to warn of."""
    if weights == "random":
        return "random", f"RANDOM FEATURES, as asked for: this run says nothing of a pretrained {name}."
    if weights not in ("auto", "imagenet"):
        path = Path(weights)
        if not path.is_file():
            raise UserError("There is no such file of weights.", where=f"{key}.weights={path}")
        try:
            load_weights(network, path)
        except ValueError as error:
            raise UserError(f"{error}.", where=f"{key}.weights") from None
        return path.name, None
    try:
        load_published(network, name, source)
    except WeightsUnavailableError as error:
        if weights == "imagenet":
            raise UserError(
                f"The published weights of {name} cannot be had: {error}.",
                where=f"{key}.weights=imagenet",
                fix=f"a network connection, or {key}.weights=FILE, or {key}.weights=random",
            ) from None
        rule = "!" * 80
        return "random", (
            f"\n{rule}\nRANDOM FEATURES: the published weights of {name} cannot be had ({error}).\nThis run says "
            f"nothing of a pretrained {name}; give {key}.weights=FILE to have one.\n{rule}"
        )
    return "imagenet", None
