"""Number types with ranges for the parameters set by a configuration; each value is checked before a run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

MOST_SEED = 2**31

Seed = Annotated[int, Field(ge=0, le=MOST_SEED)]
"""Seed of a random generator."""

MOST = 2**20
"""The largest count; as a batch size it stands for all artworks."""

Count = Annotated[int, Field(ge=1, le=MOST)]
"""A count of at least one: of epochs, steps, layers or channels."""

Images = Annotated[int, Field(ge=1, le=10**12)]
"""Number of pictures shown in training, repetitions included."""

Side = Annotated[int, Field(ge=1, le=4096)]
"""Side of a picture in pixels."""

Kernel = Annotated[int, Field(ge=1, le=255)]
"""Side of a filter in pixels."""

Depth = Annotated[int, Field(ge=1, le=64)]
"""Number of layers."""

Width = Annotated[int, Field(ge=1, le=65_536)]
"""Number of channels or units."""

Share = Annotated[float, Field(ge=0, le=1)]
"""A fraction or a probability."""

Decay = Annotated[float, Field(gt=0, le=1)]
"""A factor from one step to the next."""

SplitShare = Annotated[float, Field(ge=0.01, le=0.99)]
"""Fraction of the artworks that a split holds out from training."""

Weight = Annotated[float, Field(ge=0, le=1e9)]
"""Weight of a loss term, or a learning rate."""

Channels = Annotated[Sequence[float], Field(min_length=3, max_length=3)]
"""A number for each of red, green and blue."""

Deviations = Annotated[Sequence[Annotated[float, Field(gt=0)]], Field(min_length=3, max_length=3)]
"""A standard deviation for each of red, green and blue."""
