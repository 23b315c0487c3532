"""Concatenated features of several frozen networks as input representation."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Annotated, Any

import torch
from pydantic import Field
from torch import Tensor

from emotionart.data.artworks import Artworks
from emotionart.data.pictures.fit import Fit
from emotionart.data.pictures.store import FeatureStore
from emotionart.errors import UserError, suggest
from emotionart.inputs.backbone import BackboneRepresentation
from emotionart.inputs.precision import Precision
from emotionart.inputs.representation import PreparedInputs
from emotionart.inputs.stored import join_inputs
from emotionart.networks.heads import Standardise
from emotionart.networks.input_transform import InputTransform
from emotionart.ranges import Side


class JoinedBackbones:
    """Features of several frozen networks on the same pictures.

    Args:
        backbones: `name` of each network, and its settings that differ from `each`.
        each: default settings of the networks: those of `BackboneRepresentation` except name, size, precision, freeze
            and fit.
        size: side of the picture in pixels.
        precision: precision in which features are computed.
        fit: how to make a new picture square.

    Raises:
        UserError: for an unknown setting, or one that a network does not allow.
    """

    def __init__(
        self,
        backbones: Annotated[Sequence[Mapping[str, Any]], Field(min_length=1)],
        each: Mapping[str, Any],
        size: Side,
        precision: Precision,
        fit: Fit,
    ) -> None:
        self.size, self.fit = size, fit
        common = {"size": size, "precision": precision, "fit": fit, "freeze": "all"}
        self.parts = [_create(f"model.backbones[{n}]", backbone, each, common) for n, backbone in enumerate(backbones)]

    @property
    def shape(self) -> tuple[int, ...]:
        """(D,), the total number of features of all networks."""
        return (sum(part.shape[0] for part in self.parts),)

    def describe(self) -> dict[str, Any]:
        """The resolved settings of each network and of all together."""
        parts = [part.describe() for part in self.parts]
        weights = [part["weights"] for part in parts]
        return {
            "kind": "frozen backbone",
            "name": " + ".join(part.name for part in self.parts),
            "weights": "random" if "random" in weights else " + ".join(weights),
            "size": self.size,
            "fit": self.fit,
            "precision": self.parts[0].precision,
            "shape": list(self.shape),
            "frozen_parameters": sum(part["frozen_parameters"] for part in parts),
            "backbones": parts,
        }

    def features(self) -> dict[str, Any]:
        """Networks, weights, layers and input formats."""
        return {"backbones": [part.features() for part in self.parts]}

    @contextmanager
    def prepare(
        self,
        artworks: Artworks,
        views: Sequence[str],
        random: Callable[..., Any] | None,
        cache: Path,
        devices: Sequence[torch.device] = (),
    ) -> Iterator[PreparedInputs]:
        """Stored features of all artworks, with missing ones computed in one pass per network.

        Raises:
            UserError: for random augmentation, as frozen networks need a finite number of views.
        """
        with ExitStack() as opened:
            yield join_inputs(
                [opened.enter_context(part.prepare(artworks, views, random, cache, devices)) for part in self.parts]
            )

    @contextmanager
    def open_stores(self, cache: Path) -> Iterator[list[FeatureStore]]:
        """Opens the stores of all layers of all networks."""
        with ExitStack() as opened:
            yield [store for part in self.parts for store in opened.enter_context(part.open_stores(cache))]

    def input_transform(self) -> InputTransform:
        """Standardisation with statistics to be loaded."""
        return Standardise(torch.zeros(self.shape), torch.ones(self.shape))

    def encode(self, files: Sequence[bytes]) -> Tensor:
        """Features (B, D) of new pictures, given as bytes of files."""
        return torch.cat([part.encode(files) for part in self.parts], 1)


def _create(
    key: str, backbone: Mapping[str, Any], each: Mapping[str, Any], common: Mapping[str, Any]
) -> BackboneRepresentation:
    unknown = next((name for name in backbone if name not in ("name", *each)), None)
    if unknown is not None:
        raise UserError(
            f"A network has no setting {unknown!r}.", where=key, suggestions=suggest(unknown, ["name", *each])
        )
    if "name" not in backbone:
        raise UserError("A network needs a name.", where=key, fix=f"{key}: {{name: resnet18}}")
    settings = copy.deepcopy({**each, **backbone})
    try:
        part = BackboneRepresentation(**settings, **common)
        if any(len(shape) > 1 for shape in part.network.output_shapes(part.size)):
            where, fix = (key, "pool: mean+std") if "pool" in backbone else ("model.each", "model.each.pool=mean+std")
            raise UserError("Only vectors can be concatenated, not grids.", where=f"{where}.pool", fix=fix)
    except UserError as error:
        where = (error.where or key).replace("model.backbone.", f"{key}.")
        raise UserError(error.what, where=where, suggestions=error.suggestions, fix=error.fix) from None
    return part
