"""Checks that a backbone accepts pictures of its `size` and that its weights exist, before anything is read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from emotionart.errors import UserError, first_line

if TYPE_CHECKING:
    from emotionart.networks.backbone import Source
    from emotionart.networks.layers import Layers

_BACKBONE = "emotionart.inputs.backbone.BackboneRepresentation"
_IMAGE_TEXT = "emotionart.inputs.image_text.ImageTextRepresentation"
_USUAL = 224


def check_backbones(config: Mapping[str, Any]) -> list[UserError]:
    """Errors in a backbone's `size`, if one is given, and in its weights."""
    keys = {"backbone": "model.backbone", "features": "model.features"}
    nodes = {path: config["model"].get(key) for key, path in keys.items()}
    found: list[UserError] = []
    for path, node in nodes.items():
        target = node.get("_target_") if isinstance(node, dict) else None
        if target == _BACKBONE:
            found += [*_check_weights(path, node, node["source"], node["layer"]), *_check_size(path, node)]
        elif target == _IMAGE_TEXT:
            found += _check_image_text(path, node, config["labels"])
    return found


def _check_image_text(path: str, node: Mapping[str, Any], labels: Mapping[str, Any]) -> Iterator[UserError]:
    from emotionart.networks.image_text import missing_package

    if missing := missing_package("model=zero_shot"):
        yield missing
        return
    if not labels["_target_"].endswith(".Grouping"):
        what = "Classes that are ranges of a number cannot be put into words."
        yield UserError(what, where="labels", fix="labels=as_is   or another grouping of labels in words")
    yield from _check_weights(path, node, "open_clip", None)


def _check_weights(path: str, node: Mapping[str, Any], source: Source, layer: Layers) -> Iterator[UserError]:
    from emotionart.networks.backbone import known_names, published_weights

    name, weights = node["name"], node["weights"]
    if weights is None:
        yield UserError("A network needs weights to start from.", where=f"{path}.weights", fix=f"{path}.weights=auto")
        return
    by_rule = ("random",) if source == "open_clip" else ("auto", "imagenet", "random")
    if name not in known_names(source) or weights in (*by_rule, *published_weights(name, source)):
        return
    from emotionart.inputs.pretrained import require_fitting_file

    try:
        require_fitting_file(name, source, weights, path, layer)
    except UserError as mistake:
        yield mistake


def _check_size(path: str, node: Mapping[str, Any]) -> Iterator[UserError]:
    if node["size"] is None:
        return
    error = _refusal(node, node["size"])
    # Some networks cannot be tried on the meta device: those refuse their usual size too.
    if error is not None and _refusal(node, _USUAL) is None:
        yield UserError(
            f"{node['name']} takes no pictures of {node['size']} pixels: {first_line(error)}",
            where=f"{path}.size",
            fix=f"{path}.size={_USUAL}",
        )


def _refusal(node: Mapping[str, Any], size: int) -> Exception | None:
    """The error of a network for pictures of a size, tried on the meta device, which has shapes but no data."""
    import torch

    from emotionart.networks.backbone import Backbone, create_network
    from emotionart.networks.layers import choose_layers

    try:
        with torch.device("meta"):
            network = create_network(node["name"], node["source"])
            layers = choose_layers(network, node["layer"], size)
            Backbone(network, node["source"], layers, "mean").output_shapes(size)
    except Exception as error:
        return error
    return None
