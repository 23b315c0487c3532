"""Features on which generated and real pictures are compared."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import torch
from omegaconf import DictConfig
from torch import Tensor

from emotionart.config.instantiate import instantiate
from emotionart.errors import UserError
from emotionart.progress import progress_bar

_BATCH = 32

Files = Sequence[bytes]
"""Contents of picture files."""


@dataclass(frozen=True)
class Features:
    """Features on which pictures are compared.

    Attributes:
        name: name of the features.
        compute: function from picture files to features (n, D).
        digests: digests of the pretrained weights of the networks that compute them, before any fine-tuning.
        leaks: whether the discriminator learns through one of these networks, which biases KID and FID.
    """

    name: str
    compute: Callable[[Files], Tensor]
    digests: frozenset[str]
    leaks: bool = False

    @property
    def label(self) -> str:
        """The name in metrics and results."""
        return f"{self.name}_leaks" if self.leaks else self.name

    def of(self, files: Files, description: str) -> Tensor:
        """Features (n, D) of many files, in batches; `description` is the text of the progress bar."""
        starts = range(0, len(files), _BATCH)
        bar = progress_bar(starts, description, len(files), _BATCH)
        return torch.cat([self.compute(files[start : start + _BATCH]) for start in bar]).float()


def build_features(config: DictConfig) -> Features | None:
    """The features of `model.features`; None if it is null."""
    if not config.model.features:
        return None
    representation = instantiate(config.model.features)
    random = "random_" if representation.describe()["weights"] == "random" else ""

    def compute(files: Files) -> Tensor:
        features: Tensor = representation.encode(files)
        return features.float().flatten(2).mean(2) if features.ndim == 4 else features

    return Features(f"{random}{representation.name}", compute, frozenset({representation.digest}))


def mark_leaks(features: Features, seen_through: str | None, chosen: bool) -> Features:
    """Marks the judge's features, or refuses chosen ones, if the discriminator learns through their network.

    Args:
        features: features to measure on.
        seen_through: digest of the discriminator's frozen network, if it has one.
        chosen: whether the features come from `model.features`, not from the judge.

    Returns:
        The features, marked as leaking if the judge shares the discriminator's network.

    Raises:
        UserError: if `chosen` features share it.
    """
    if seen_through not in features.digests:
        return features
    if chosen:
        raise UserError(
            f"The discriminator learns through the same network, {features.name}, on which KID and FID are to be "
            "computed: they would look better than the pictures.",
            where="model.features",
            fix="another network for model.features or for discriminator.backbone",
        )
    return replace(features, leaks=True)
