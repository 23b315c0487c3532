"""Checks that a backbone takes pictures of its size, and that its file of weights fits, before any is read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from emotionart.errors import UserError

_BACKBONE = "emotionart.inputs.backbone.BackboneRepresentation"
_USUAL = 224


def check_backbones(config: Mapping[str, Any]) -> list[UserError]:
    """What is wrong between a backbone and its `size`, where one is given, and with its weights."""
    keys = {"backbone": "model.backbone", "features": "model.features"}
    nodes = {path: config["model"].get(key) for key, path in keys.items()}
    return [
        mistake
        for path, node in nodes.items()
        if isinstance(node, dict) and node.get("_target_") == _BACKBONE
        for mistake in (*_check_weights(path, node), *_check_size(path, node))
    ]


def _check_weights(path: str, node: Mapping[str, Any]) -> Iterator[UserError]:
    from emotionart.networks.backbone import known_names, published_weights

    name, source, weights = node["name"], node["source"], node["weights"]
    if weights is None:
        yield UserError("A network needs weights to start from.", where=f"{path}.weights", fix=f"{path}.weights=auto")
        return
    if weights in ("auto", "imagenet", "random") or name not in known_names(source):
        return
    if weights in published_weights(name, source):
        return
    from emotionart.inputs.pretrained import require_fitting_file

    try:
        require_fitting_file(name, source, weights, path, node["layer"])
    except UserError as mistake:
        yield mistake


def _check_size(path: str, node: Mapping[str, Any]) -> Iterator[UserError]:
    if node["size"] is None:
        return
    error = _refusal(node, node["size"])
    # Some networks cannot be tried without memory for their weights: those refuse their usual size too.
    if error is not None and _refusal(node, _USUAL) is None:
        reason = str(error).strip().partition("\n")[0]
        yield UserError(
            f"{node['name']} takes no pictures of {node['size']} pixels: {reason}",
            where=f"{path}.size",
            fix=f"{path}.size={_USUAL}",
        )


def _refusal(node: Mapping[str, Any], size: int) -> Exception | None:
    """What a network says of pictures of a size; on the meta device, which has shapes and no numbers."""
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
