"""Random augmentation, tested on one picture before training."""

from __future__ import annotations

import copy
import os
from collections.abc import Callable
from typing import Any

import numpy as np
from omegaconf import DictConfig

from emotionart.config.instantiate import instantiate
from emotionart.errors import UserError, first_line

_INSTEAD = {
    "Normalize": "leave it out: the model normalises by itself (model.representation)",
    "ToFloat": "leave it out: the model takes whole numbers from 0 to 255",
    "ToTensorV2": "leave it out: pictures become tensors afterwards",
    "Resize": "leave it out: pictures have the size that the model takes",
}


def build_augmentation(config: DictConfig, size: int) -> Callable[..., Any] | None:
    """The composed albumentations of `augment.random`; None if there are none.

    Args:
        config: a run's configuration.
        size: side of the pictures in pixels, also of transforms whose `size` is null.

    Raises:
        UserError: for a transform that fails, or does not return a uint8 picture of the same size.
    """
    if not config.augment.random:
        return None
    os.environ.setdefault("NO_ALBUMENTATIONS_UPDATE", "1")  # the import would look for updates online
    import albumentations

    transforms = [instantiate(_sized(transform, size)) for transform in config.augment.random]
    picture = np.random.default_rng(0).integers(0, 256, (size, size, 3), np.uint8)
    for index, transform in enumerate(transforms):
        _try(transform, picture, f"augment.random[{index}]")
    compose: Callable[..., Any] = albumentations.Compose(transforms)
    return compose


def _sized(transform: DictConfig, size: int) -> DictConfig:
    if "size" not in transform or transform.size is not None:
        return transform
    return DictConfig({**transform, "size": [size, size]})


def _try(transform: Any, picture: np.ndarray[Any, np.dtype[np.uint8]], where: str) -> None:
    name = type(transform).__name__
    try:
        augmented = _always_applied(transform)(image=picture.copy())["image"]
    except Exception as error:
        # A third-party transform may raise anything.
        raise UserError(
            f"{name} cannot change a picture ({type(error).__name__}: {first_line(error)}).",
            where=where,
            fix="a transform of albumentations, such as {_target_: albumentations.RandomBrightnessContrast}",
        ) from None
    if isinstance(augmented, np.ndarray) and augmented.dtype == np.uint8 and augmented.shape == picture.shape:
        return
    kind = f"{getattr(augmented, 'dtype', type(augmented).__name__)} of shape {tuple(getattr(augmented, 'shape', ()))}"
    raise UserError(
        f"{name} makes {kind} of a picture, which must stay uint8 of shape {picture.shape}.",
        where=where,
        fix=_INSTEAD.get(name, f"leave it out, or give it a size of {picture.shape[0]}"),
    )


def _always_applied(transform: Any) -> Any:
    """A copy of a transform that always applies, with all transforms inside it."""
    certain = copy.deepcopy(transform)
    certain.p = 1.0
    for part in getattr(certain, "transforms", ()):
        part.p = 1.0
    return certain
