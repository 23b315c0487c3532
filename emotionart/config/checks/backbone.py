"""Checks of a backbone's name, weights, layers and size, before anything is read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from emotionart.errors import UserError, first_line

if TYPE_CHECKING:
    from emotionart.networks.layers import Layers
    from emotionart.networks.pooling import Pool
    from emotionart.networks.pretrained.libraries import Source

_BACKBONE = "emotionart.inputs.backbone.BackboneRepresentation"
_IMAGE_TEXT = "emotionart.inputs.image_text.ImageTextRepresentation"


def check_backbones(config: Mapping[str, Any]) -> list[UserError]:
    """Errors in a backbone's name, weights, layers and rates, and in its `size`, if one is given."""
    keys = {"backbone": "model.backbone", "features": "model.features"}
    nodes = {path: config["model"].get(key) for key, path in keys.items()}
    errors: list[UserError] = []
    for path, node in nodes.items():
        target = node.get("_target_") if isinstance(node, dict) else None
        if target == _BACKBONE:
            errors += _check_backbone(path, node)
        elif target == _IMAGE_TEXT:
            errors += _check_image_text(path, node, config["labels"])
    if config["model"].get("layer_decay", 1.0) != 1.0 and config["model"].get("freeze", "all") == "all":
        what = "Only a backbone that is trained has learning rates that differ by layer."
        fix = "model.freeze=none" if "freeze" in config["model"] else "model.layer_decay=1.0"
        errors.append(UserError(what, where="model.layer_decay", fix=fix))
    return errors


def _check_backbone(path: str, node: Mapping[str, Any]) -> list[UserError]:
    from emotionart.inputs.pretrained import require_network

    try:
        require_network(node["name"], node["source"], node["weights"], path)
    except UserError as mistake:
        return [mistake]
    return [*_check_weights(path, node, node["source"], node["layer"]), *_check_pass(path, node)]


def _check_image_text(path: str, node: Mapping[str, Any], labels: Mapping[str, Any]) -> Iterator[UserError]:
    from emotionart.networks.pretrained.image_text import missing_package

    if missing := missing_package("model=zero_shot"):
        yield missing
        return
    if not labels["_target_"].endswith(".Grouping"):
        what = "Classes that are ranges of a number cannot be put into words."
        yield UserError(what, where="labels", fix="labels=as_is   or another grouping of labels in words")
    yield from _check_weights(path, node, "open_clip", None)


def _check_weights(path: str, node: Mapping[str, Any], source: Source, layer: Layers) -> Iterator[UserError]:
    from emotionart.networks.pretrained.libraries import has_network, published_weights, split_tag

    name, weights = node["name"], node["weights"]
    if weights is None:
        yield UserError("A network needs weights to start from.", where=f"{path}.weights", fix=f"{path}.weights=auto")
        return
    by_rule = ("random",) if source == "open_clip" else ("auto", "imagenet", "random")
    if not has_network(name, source) or weights in (*by_rule, *published_weights(split_tag(name, source)[0], source)):
        return
    from emotionart.inputs.pretrained import require_fitting_file

    try:
        require_fitting_file(name, source, weights, path, layer)
    except UserError as mistake:
        yield mistake


def _check_pass(path: str, node: Mapping[str, Any]) -> Iterator[UserError]:
    """Tries a picture of the size, and the layers, on the meta device, which has shapes but no data.

    Some networks cannot be tried there: those refuse everything, and nothing is said about them.
    """
    from emotionart.networks.layers import PYRAMID
    from emotionart.networks.pooling import as_pool

    name, size, layer = node["name"], node["size"], node["layer"]
    by_name = None if layer == PYRAMID else layer
    whole = layer is not None and as_pool(node["pool"]) == "grid"
    if (size is None and by_name is None and not whole) or _refusal(node, None, None) is not None:
        return
    if size is not None and (error := _refusal(node, size, None)):
        what = f"{name} takes no pictures of {size} pixels: {first_line(error)}"
        yield UserError(what, where=f"{path}.size", fix=f"{path}.size=null")
    elif by_name is not None and (error := _refusal(node, size, by_name)):
        yield UserError(f"{name}: {str(error).strip()}.", where=f"{path}.layer", fix=f"{path}.layer=null")
    elif whole and (error := _refusal(node, size, layer, "grid")):
        fix = f"{path}.layer=null   for the last grid alone, or {path}.pool=mean"
        yield UserError(f"{name}: {str(error).strip()}.", where=f"{path}.layer", fix=fix)


def _refusal(node: Mapping[str, Any], size: int | None, layer: Layers, pool: Pool = "mean") -> Exception | None:
    """The error of a network for pictures of a size, or of its own, and for its last features or some layers."""
    import torch

    from emotionart.networks.backbone import Backbone
    from emotionart.networks.layers import choose_layers
    from emotionart.networks.pretrained.libraries import create_network, input_format, split_tag

    name, source = node["name"], node["source"]
    try:
        with torch.device("meta"):
            network = create_network(name, source, size)
            side = size or input_format(split_tag(name, source)[0], source, network).size
            Backbone(network, source, choose_layers(network, layer, side), pool).output_shape(side)
    except Exception as error:
        return error
    return None
