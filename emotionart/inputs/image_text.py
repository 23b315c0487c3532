"""A frozen network of open_clip as what a model eats: embeddings of pictures, and of texts to hold them against."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from emotionart.data.artworks import Artworks
from emotionart.data.pictures.fit import Fit
from emotionart.errors import UserError
from emotionart.inputs.backbone import BackboneRepresentation
from emotionart.inputs.precision import Precision
from emotionart.inputs.representation import PreparedInputs
from emotionart.networks.image_text import UnitLength, embed_prompts, missing_package, tokeniser, trained_as


class ImageTextRepresentation(BackboneRepresentation):
    """Embeddings of pictures, of length 1.

    Args:
        name: of the network; where open_clip has it with the activations that its published weights were trained with
            (`ViT-B-32-quickgelu`), that one is taken.
        weights: what open_clip calls them (openai), "random", or the path of a `.safetensors` or `.pth` file.
        precision: in which embeddings of pictures are computed; "auto" is bfloat16 where the processor computes in it.
        fit: how a picture becomes a square.

    Raises:
        UserError: where open_clip is not installed.
    """

    def __init__(self, name: str, weights: str, precision: Precision, fit: Fit) -> None:
        if missing := missing_package(f"network {name}"):
            raise missing
        super().__init__(
            name=trained_as(name, weights),
            source="open_clip",  # type: ignore[arg-type]  # not among what model=transfer offers
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
        self, artworks: Artworks, views: Sequence[str], random: Callable[..., Any] | None, cache: Path
    ) -> Iterator[PreparedInputs]:
        """Stored embeddings of all artworks as they are, since nothing is trained on other views.

        Raises:
            UserError: where the network's texts cannot be read.
        """
        try:
            tokeniser(self.name)
        except ValueError as error:
            raise UserError(
                f"{str(error).capitalize()}.", where="model.backbone.name", fix="model.backbone.name=ViT-B-32"
            ) from None
        with super().prepare(artworks, ["identity"], None, cache) as inputs:
            yield replace(inputs, input_transform=self.input_transform())

    def input_transform(self) -> nn.Module:
        """The division by the length."""
        return UnitLength()

    def embed_prompts(self, prompts: Sequence[Sequence[str]]) -> Tensor:
        """A vector for each class (K, D), whose inner product with an embedding of length 1 is the class's logit.

        Args:
            prompts: of each class, at least one.
        """
        return embed_prompts(self._whole, self.name, prompts)
