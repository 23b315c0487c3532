"""What a model eats: how an artwork's picture becomes the input of a network."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from emotionart.data.artworks import Artworks
from emotionart.data.loader import Inputs, PixelInputs
from emotionart.data.pictures.decode import load_batch
from emotionart.data.pictures.fit import Fit
from emotionart.data.pictures.views import parse_view, parse_views
from emotionart.networks.normalise import NormalisePixels
from emotionart.ranges import Channels, Deviations, Side


@dataclass(frozen=True)
class PreparedInputs:
    """Inputs of the artworks of one run, and the layer that turns them into what the network takes.

    Attributes:
        training: inputs in the training views.
        evaluation: inputs as they are.
        input_transform: maps a batch of inputs to what the network takes.
    """

    training: Inputs
    evaluation: Inputs
    input_transform: nn.Module


class Representation(Protocol):
    """What a model eats; the targets of `model.representation`."""

    @property
    def size(self) -> int:
        """Side in pixels at which pictures are decoded."""

    @property
    def fit(self) -> Fit:
        """How a picture becomes a square."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of what the network takes for one picture."""

    def prepare(
        self, artworks: Artworks, views: Sequence[str], random: Callable[..., Any] | None, cache: Path
    ) -> AbstractContextManager[PreparedInputs]:
        """The inputs of a run, for as long as it lasts; what is computed for them is kept under `cache`."""

    def input_transform(self) -> nn.Module:
        """The first layer with statistics that are still to be loaded from a checkpoint."""

    def encode(self, files: Sequence[bytes]) -> Tensor:
        """Inputs (B, ...) of new pictures, given as the bytes of their files."""

    def describe(self) -> dict[str, Any]:
        """What a reader of the result should know of it, as plain values."""

    def features(self) -> dict[str, Any]:
        """What a head's inputs depend on, as plain values; none where the network takes pictures."""


@dataclass(frozen=True)
class Pixels:
    """Square pictures, normalised on the way into the network.

    Args:
        size: side in pixels.
        mean, std: of the channels red, green, blue, on the scale 0 to 1.
        fit: how a new picture becomes a square.
    """

    size: Side
    mean: Channels
    std: Deviations
    fit: Fit = "squash"

    @property
    def shape(self) -> tuple[int, ...]:
        """(channels, height, width)."""
        return (3, self.size, self.size)

    @contextmanager
    def prepare(
        self, artworks: Artworks, views: Sequence[str], random: Callable[..., Any] | None, cache: Path
    ) -> Iterator[PreparedInputs]:
        """Pictures from the memory-mapped file."""
        yield PreparedInputs(*pixel_inputs(artworks, views, random), self.input_transform())

    def input_transform(self) -> nn.Module:
        """The normalisation."""
        return NormalisePixels(self.mean, self.std)

    def encode(self, files: Sequence[bytes]) -> Tensor:
        """The pictures (B, size, size, 3) themselves."""
        return torch.from_numpy(load_batch(files, self.size, self.fit))

    def describe(self) -> dict[str, Any]:
        """Kind, size, and how pictures became squares."""
        return {"kind": "pixels", "size": self.size, "fit": self.fit}

    def features(self) -> dict[str, Any]:
        """None: the network takes pictures."""
        return {}


def pixel_inputs(
    artworks: Artworks, views: Sequence[str], random: Callable[..., Any] | None
) -> tuple[PixelInputs, PixelInputs]:
    """Pictures in training views with random changes, and pictures as they are."""
    return (
        PixelInputs(artworks.pixels, artworks.row, parse_views(views), random),
        PixelInputs(artworks.pixels, artworks.row, (parse_view("identity"),), None),
    )
