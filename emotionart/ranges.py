"""Types of numbers with their ranges, for the signatures that a configuration fills: each is checked before a run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

Seed = Annotated[int, Field(ge=0, le=2**31)]
"""Seed of a random generator."""

MOST = 2**20
"""The largest count; as a batch size it stands for all artworks."""

Count = Annotated[int, Field(ge=1, le=MOST)]
"""Number of things of which there is at least one: epochs, steps, layers, channels."""

Images = Annotated[int, Field(ge=1, le=10**12)]
"""Number of pictures, each as often as it is shown."""

Side = Annotated[int, Field(ge=1, le=4096)]
"""Side of a picture in pixels."""

Kernel = Annotated[int, Field(ge=1, le=255)]
"""Side of a filter in pixels."""

Depth = Annotated[int, Field(ge=1, le=64)]
"""Number of layers."""

Width = Annotated[int, Field(ge=1, le=65_536)]
"""Number of channels or units."""

Share = Annotated[float, Field(ge=0, le=1)]
"""Part of a whole, or a probability."""

SplitShare = Annotated[float, Field(ge=0.01, le=0.99)]
"""Part of the artworks that a split leaves for something else than training."""

Weight = Annotated[float, Field(ge=0, le=1e9)]
"""Weight of a term of a loss, or a learning rate."""

Channels = Annotated[Sequence[float], Field(min_length=3, max_length=3)]
"""A number for each of red, green and blue."""

Deviations = Annotated[Sequence[Annotated[float, Field(gt=0)]], Field(min_length=3, max_length=3)]
"""A standard deviation for each of red, green and blue."""
