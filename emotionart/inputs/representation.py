"""Input representations: how an artwork's picture becomes a network's input."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import Tensor

from emotionart.data.artworks import Artworks
from emotionart.data.loader import Inputs, PixelInputs
from emotionart.data.pictures.decode import load_batch
from emotionart.data.pictures.fit import Fit
from emotionart.data.pictures.views import parse_view, parse_views
from emotionart.networks.input_transform import InputTransform
from emotionart.networks.normalise import NormalisePixels
from emotionart.ranges import Channels, Deviations, Side


@dataclass(frozen=True)
class PreparedInputs:
    """Inputs of a run's artworks, and the transform to the network's input.

    Attributes:
        training: inputs in the training views.
        evaluation: inputs in the identity view.
        input_transform: maps a batch of inputs to the network's input.
    """

    training: Inputs
    evaluation: Inputs
    input_transform: InputTransform


class Representation(Protocol):
    """Interface of input representations, the targets of `model.representation`."""

    @property
    def size(self) -> int:
        """Side in pixels at which pictures are decoded."""

    @property
    def fit(self) -> Fit:
        """How to make a picture square."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the network's input for one picture."""

    def prepare(
        self,
        artworks: Artworks,
        views: Sequence[str],
        random: Callable[..., Any] | None,
        cache: Path,
        devices: Sequence[torch.device] = (),
    ) -> AbstractContextManager[PreparedInputs]:
        """Context with the inputs of a run.

        Args:
            artworks: artworks of the run.
            views: views of training artworks; the first is the identity.
            random: random augmentation after the view; None for none.
            cache: folder under which computed features are stored.
            devices: devices that share the computation; () for the default one.
        """

    def input_transform(self) -> InputTransform:
        """The input transform, with statistics to be loaded from a checkpoint."""

    def encode(self, files: Sequence[bytes]) -> Tensor:
        """Inputs (B, ...) of new pictures, given as bytes of files."""

    def describe(self) -> dict[str, Any]:
        """Description of the representation for the result, as plain values."""

    def features(self) -> dict[str, Any]:
        """Everything that a head's inputs depend on, as plain values; empty if the network takes pictures."""


@dataclass(frozen=True)
class Pixels:
    """Square pictures, normalised by the input transform.

    Args:
        size: side in pixels.
        mean, std: mean and standard deviation of the channels red, green, blue, on the scale 0 to 1.
        fit: how to make a new picture square.
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
        self,
        artworks: Artworks,
        views: Sequence[str],
        random: Callable[..., Any] | None,
        cache: Path,
        devices: Sequence[torch.device] = (),
    ) -> Iterator[PreparedInputs]:
        """Pictures from the memory-mapped file."""
        yield PreparedInputs(*pixel_inputs(artworks, views, random), self.input_transform())

    def input_transform(self) -> InputTransform:
        """The normalisation."""
        return NormalisePixels(self.mean, self.std)

    def encode(self, files: Sequence[bytes]) -> Tensor:
        """The pictures (B, size, size, 3) uint8 themselves."""
        return torch.from_numpy(load_batch(files, self.size, self.fit))

    def describe(self) -> dict[str, Any]:
        """Kind, size and fit."""
        return {"kind": "pixels", "size": self.size, "fit": self.fit}

    def features(self) -> dict[str, Any]:
        """Empty, as the network takes pictures."""
        return {}


def pixel_inputs(
    artworks: Artworks, views: Sequence[str], random: Callable[..., Any] | None
) -> tuple[PixelInputs, PixelInputs]:
    """Pictures in training views with random augmentation, and pictures in the identity view."""
    return (
        PixelInputs(artworks.pixels, artworks.row, parse_views(views), random),
        PixelInputs(artworks.pixels, artworks.row, (parse_view("identity"),), None),
    )
