"""Distances of generated pictures from real ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from omegaconf import DictConfig

from emotionart.errors import UserError
from emotionart.gan.features import Features, Files
from emotionart.statistics.image_quality import distances, scale_of


def require_enough(config: DictConfig, reals: Sequence[int]) -> None:
    """Checks the sizes of the samples before anything is trained.

    Raises:
        UserError: if a KID subset is larger than a sample.
    """
    least = min(config.model.samples, *reals)
    if config.model.kid_subset > least:
        raise UserError(
            f"A subset of {config.model.kid_subset} pictures cannot be drawn from a sample of {least} "
            f"({config.model.samples} generated, {' and '.join(map(str, reals))} real test and training pictures).",
            where="model.kid_subset",
            fix=f"model.kid_subset={least}",
        )


def compare(
    features: Features, fake: Files, real: Files, others: Files, subset: int
) -> tuple[dict[str, Any], dict[str, float]]:
    """Distances of generated pictures and of other real pictures from real ones, on features of unit scale.

    Args:
        features: features to compare on.
        fake: generated pictures.
        real: real pictures of the test split.
        others: real pictures of the training split, at most as many as generated ones.
        subset: subset size of KID.

    Returns:
        The entry of `result.json`, and the metrics by name.
    """
    by_kind = {
        name: features.of(files, f"features of {name} pictures")
        for name, files in (("real", real), ("generated", fake), ("other real", others))
    }
    real_features, generated, other = (part / scale_of(by_kind["real"]) for part in by_kind.values())
    measured, floor = distances(real_features, generated, subset), distances(real_features, other, subset)
    metrics = {
        **{f"gan/{name}_{features.label}": value for name, value in measured.items()},
        f"gan/kid_{features.label}_floor": floor["kid"],
        f"gan/fid_{features.label}_floor": floor["fid"],
    }
    counts = {"generated": len(fake), "real": len(real), "other_real": len(others)}
    return {"features": features.label, "leaks": features.leaks, "counts": counts, **measured, "floor": floor}, metrics
