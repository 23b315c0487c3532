"""A frozen image-text network of open_clip as input representation: embeddings of pictures and of texts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from emotionart.data.artworks import Artworks
from emotionart.data.pictures.fit import Fit
from emotionart.errors import UserError
from emotionart.inputs.backbone import BackboneRepresentation
from emotionart.inputs.precision import Precision
from emotionart.inputs.representation import PreparedInputs
from emotionart.networks.input_transform import InputTransform
from emotionart.networks.pretrained.image_text import UnitLength, embed_prompts, missing_package, tokeniser, trained_as


class ImageTextRepresentation(BackboneRepresentation):
    """Embeddings of pictures, normalised to length 1.

    Args:
        name: name of the network; if open_clip has a variant with the activation function that the weights were trained
            with (`ViT-B-32-quickgelu`), it is used instead.
        weights: open_clip's name of weights (openai), "random", or the path of a `.safetensors` or `.pth` file.
        precision: precision in which embeddings are computed; "auto" is bfloat16 if the processor supports it.
        fit: how to make a picture square.

    Raises:
        UserError: if open_clip is not installed.
    """

    def __init__(self, name: str, weights: str, precision: Precision, fit: Fit) -> None:
        if missing := missing_package(f"network {name}"):
            raise missing
        super().__init__(
            name=trained_as(name, weights),
            source="open_clip",  # type: ignore[arg-type]  # not available for model=transfer
            weights=weights,
            layer=None,
            pool="mean",
            size=None,
            mean=None,
            std=None,
            scale=255.0,
            precision=precision,
            freeze="all",
            fit=fit,
        )

    @contextmanager
    def prepare(
        self,
        artworks: Artworks,
        views: Sequence[str],
        random: Callable[..., Any] | None,
        cache: Path,
        devices: Sequence[torch.device] = (),
    ) -> Iterator[PreparedInputs]:
        """Stored embeddings of all artworks, in the identity view only, since nothing is trained.

        Raises:
            UserError: if the network's tokeniser is unavailable.
        """
        try:
            tokeniser(self.name)
        except ValueError as error:
            raise UserError(
                f"Prompts cannot be read: {error}.", where="model.backbone.name", fix="model.backbone.name=ViT-B-32"
            ) from None
        with super().prepare(artworks, ["identity"], None, cache, devices) as inputs:
            yield replace(inputs, input_transform=self.input_transform())

    def input_transform(self) -> InputTransform:
        """Normalisation to length 1."""
        return UnitLength()

    def embed_prompts(self, prompts: Sequence[Sequence[str]]) -> Tensor:
        """(K, D) class vectors, whose inner products with a unit-length embedding are the class logits.

        Args:
            prompts: prompts of each class, at least one.
        """
        return embed_prompts(self._whole, self.name, prompts)
