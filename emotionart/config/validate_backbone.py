"""Checks that a backbone takes pictures of the size that it is to be given, before any is read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from emotionart.errors import UserError

_BACKBONE = "emotionart.inputs.backbone.BackboneRepresentation"
_USUAL = 224


def check_backbones(config: Mapping[str, Any]) -> list[UserError]:
    """What is wrong between a backbone and its `size`, where one is given."""
    keys = {"backbone": "model.backbone", "features": "model.features"}
    nodes = {path: config["model"].get(key) for key, path in keys.items()}
    return [
        mistake
        for path, node in nodes.items()
        if isinstance(node, dict) and node.get("_target_") == _BACKBONE and node["size"] is not None
        for mistake in _check_size(path, node)
    ]


def _check_size(path: str, node: Mapping[str, Any]) -> Iterator[UserError]:
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

    try:
        with torch.device("meta"):
            network = create_network(node["name"], node["source"])
            Backbone(network, node["source"], node["layer"], node["pool"]).output_shape(size)
    except Exception as error:
        return error
    return None
