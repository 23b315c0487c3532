"""Checks, before any is read, that a run can learn from pictures without labels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from emotionart.data.tables.cells import nearest_files
from emotionart.errors import UserError

_STORED = (
    "emotionart.inputs.backbone.BackboneRepresentation",
    "emotionart.inputs.joined.JoinedBackbones",
    "emotionart.inputs.vector.VectorRepresentation",
)
"""Representations whose features are stored, so that rounds of training are cheap."""


def check_unlabelled(config: Mapping[str, Any]) -> Iterator[UserError]:
    """Errors that keep a run from learning from `data.unlabelled`, if it is set."""
    path = config["data"].get("unlabelled")
    if path is None:
        return
    where, node = f"data.unlabelled={path}", config["model"]["representation"]
    if node["_target_"] not in _STORED or node.get("freeze", "all") != "all" or "generator" in config:
        yield UserError(
            "Only a head that is trained on stored features learns from pictures without labels.",
            where=where,
            fix="model=transfer model.backbone.name=resnet18   or without data.unlabelled",
        )
    if not Path(path).exists():
        what = "There is no such folder or table of pictures without labels."
        yield UserError(what, where=where, suggestions=nearest_files(Path(path)))
