"""Networks with published weights, weights from a file, or random ones with a warning."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import torch
from torch import nn

from emotionart.data.tables.cells import nearest_files
from emotionart.errors import UserError, suggest
from emotionart.networks.fine_tuning import freeze_until
from emotionart.networks.layers import Layers
from emotionart.networks.pretrained.hub import WeightsUnavailableError, is_on_hub
from emotionart.networks.pretrained.libraries import (
    Source,
    create_network,
    has_network,
    known_names,
    published_weights,
    resize_network,
    split_tag,
    with_tag,
)
from emotionart.networks.pretrained.weights import load_published, load_weights, require_fit, weights_digest
from emotionart.networks.used_tensors import used_tensors

log = logging.getLogger(__name__)

_RANDOM_SEED = 0  # seed of random weights, the same for all runs


@dataclass(frozen=True)
class Pretrained:
    """A network with its weights.

    Attributes:
        network: the network; it is shared and must not be changed.
        name: name of the network, without a tag.
        weights: "random", "imagenet", "hub", the library's name of the weights, or a file's name.
        digest: hash of the weights up to the last grid, whichever layer is used: the same for the same weights from any
            source, with another classifier, or none.
        used_digest: hash of the weights that the features depend on.
        warning: warning for the user, or None.
    """

    network: nn.Module
    name: str
    weights: str
    digest: str
    used_digest: str
    warning: str | None


def load_pretrained(
    name: str, source: Source, weights: str | None, key: str, layer: Layers = None, size: int | None = None
) -> Pretrained:
    """A network with the requested weights; logs a warning if they are random.

    Args:
        name: name of the network; a tag at its end (vit_base_patch16_clip_224.openai) names timm's weights.
        source: library of the network.
        weights: "auto" (published weights, or random ones with a warning if they are unavailable), "imagenet"
            (published weights or an error), the library's name of weights (IMAGENET1K_FEATURES), "random", or the path
            of a `.safetensors` or `.pth` file; None for random ones without a warning, if a checkpoint will be loaded.
        key: key of the network in the configuration, for errors.
        layer: one or several layers up to which features are computed; None for the last grid.
        size: side of the pictures in pixels; None for the usual one.

    Raises:
        UserError: for an unknown name, or weights that are unavailable or do not fit.
    """
    plain, tag = require_network(name, source, weights, key)
    loaded = _load(plain, tag, source, weights, key, _hashable(layer), size, _stamp(weights))
    if loaded.warning:
        log.warning(loaded.warning)
    return loaded


def require_network(name: str, source: Source, weights: str | None, key: str) -> tuple[str, str | None]:
    """The name of a network without its tag, and the tag, which does not contradict the weights.

    Raises:
        UserError: for an unknown name or tag, a contradiction, or a repository of the hub that cannot be read.
    """
    plain, tag = split_tag(name, source)
    if not has_network(name, source):
        in_timm = source == "torchvision" and has_network(name, "timm")
        raise UserError(
            f"{source} has no network {name!r}.",
            where=f"{key}.name",
            suggestions=suggest(plain, known_names(source)),
            fix=f"{key}.source=timm" if in_timm else None,
        )
    if is_on_hub(name):
        _require_on_hub(name, key)
        return plain, tag
    published = published_weights(plain, source)
    if tag is not None and tag not in published:
        raise UserError(
            f"timm publishes no weights {tag!r} of {plain}.",
            where=f"{key}.name={name}",
            suggestions=[f"{plain}.{one}" for one in suggest(tag, published) or published],
        )
    if tag is not None and weights in published and weights != tag:
        raise UserError(
            f"The name asks for the weights {tag!r}, and the weights are {weights!r}.",
            where=f"{key}.weights={weights}",
            fix=f"{key}.name={plain}   or {key}.weights=auto",
        )
    return plain, tag


def _require_on_hub(name: str, key: str) -> None:
    try:
        with torch.device("meta"):
            create_network(name, "timm")
    except WeightsUnavailableError as error:
        raise UserError(
            f"{name} cannot be had: {error}.",
            where=f"{key}.name",
            fix="a network connection, or a network that timm knows by name",
        ) from None
    except (KeyError, ValueError, RuntimeError) as error:
        raise UserError(f"timm cannot make {name}: {error}.", where=f"{key}.name") from None


@lru_cache(maxsize=2)
def _load(
    name: str,
    tag: str | None,
    source: Source,
    weights: str | None,
    key: str,
    layer: str | tuple[str, ...] | None,
    size: int | None,
    stamp: int | None,
) -> Pretrained:
    """A network with the requested weights, cached for later runs of the process.

    Args:
        name, tag: name of the network without its tag, and the tag.
        source, weights, key, layer, size: as for `load_pretrained`.
        stamp: modification time of the weights file, so that a changed file is read again.
    """
    weights = tag if tag and weights in ("auto", "imagenet") else weights
    # The classifier and the input format are those of the weights.
    tagged = f"{name}.{tag}" if tag else with_tag(name, source, weights)
    used = needed_tensors(name, source, layer)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(_RANDOM_SEED)
        network = create_network(tagged, source)
        loaded, warning = _load_weights(network, name, source, weights, key, used)
        to_last_grid = needed_tensors(name, source, None)
        digest = weights_digest(network, to_last_grid)
        used_digest = digest if used == to_last_grid else weights_digest(network, used)
        if size is not None:
            network = resize_network(network, tagged, source, size)
    return Pretrained(network, name, loaded, digest, used_digest, warning)


def needed_tensors(name: str, source: Source, layer: Layers) -> dict[str, bool]:
    """Tensor -> whether features up to the layer need it; empty, which means all, if the network cannot be analysed."""
    try:
        return dict(used_tensors(name, source, _hashable(layer)))
    except (ValueError, RuntimeError, NotImplementedError):  # the last two: a network that does not allow meta tensors
        return {}


def require_fitting_file(name: str, source: Source, weights: str, key: str, layer: Layers) -> None:
    """Checks, before anything is computed, that a weights file exists and fits; arguments as for `load_pretrained`.

    Raises:
        UserError: if it does not.
    """
    plain, _ = split_tag(name, source)
    path = _require_file(plain, source, weights, key)
    if used := needed_tensors(plain, source, layer):
        with torch.device("meta"):
            network = create_network(name, source)
        try:
            require_fit(network, path, used)
        except ValueError as error:
            raise UserError(f"{error}.", where=f"{key}.weights") from None


def freeze_before(network: nn.Module, layer: str) -> list[nn.Module]:
    """Freezes the weights before a layer, and returns the frozen parts: see `freeze_until`.

    Raises:
        UserError: if the network has no such layer.
    """
    try:
        return freeze_until(network, layer)
    except ValueError as error:
        raise UserError(f"Nothing can be frozen until {layer!r}: {error}.", where="model.freeze") from None


def _hashable(layer: Layers) -> str | tuple[str, ...] | None:
    return layer if layer is None or isinstance(layer, str) else tuple(layer)


def _stamp(weights: str | None) -> int | None:
    path = Path(weights or "")
    return path.stat().st_mtime_ns if path.is_file() else None


def _load_weights(
    network: nn.Module, name: str, source: Source, weights: str | None, key: str, used: Mapping[str, bool]
) -> tuple[str, str | None]:
    """Loads weights; returns their name and a warning or None."""
    if weights is None:
        return "random", None
    if weights == "random":
        return "random", f"RANDOM FEATURES, as asked for: this run says nothing about a pretrained {name}."
    named = weights if weights in published_weights(name, source) else None
    # open_clip's weights were not trained on ImageNet, and there is no default among them.
    if named is None and (weights not in ("auto", "imagenet") or source == "open_clip"):
        path = _require_file(name, source, weights, key)
        try:
            load_weights(network, path, used)
        except ValueError as error:
            raise UserError(f"{error}.", where=f"{key}.weights") from None
        return path.name, None
    try:
        load_published(network, name, source, named)
    except WeightsUnavailableError as error:
        if weights != "auto":
            raise UserError(
                f"The published weights of {name} cannot be had: {error}.",
                where=f"{key}.weights={weights}",
                fix=f"a network connection, or {key}.weights=FILE, or {key}.weights=random",
            ) from None
        rule = "!" * 80
        return "random", (
            f"\n{rule}\nRANDOM FEATURES: the published weights of {name} cannot be had ({error}).\nThis run says "
            f"nothing of a pretrained {name}; give {key}.weights=FILE to have one.\n{rule}"
        )
    return named or ("hub" if is_on_hub(name) else "imagenet"), None


def _require_file(name: str, source: Source, weights: str, key: str) -> Path:
    """The path of a weights file.

    Raises:
        UserError: if it does not exist; it suggests similar files, or for a mere word similar names of weights.
    """
    path = Path(weights)
    if not path.is_file():
        published = published_weights(name, source)
        is_word = path.name == weights and not path.suffix
        words = ["random", *published] if source == "open_clip" else ["auto", "imagenet", "random", *published]
        near = suggest(weights, words) if is_word else nearest_files(path)
        raise UserError(
            "There is no such file of weights.", where=f"{key}.weights={path}", suggestions=near or published
        )
    return path
