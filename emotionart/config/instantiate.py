"""From a composed configuration to objects."""

from __future__ import annotations

from typing import Any

from hydra.errors import InstantiationException
from hydra.utils import instantiate as hydra_instantiate
from omegaconf import DictConfig, OmegaConf

from emotionart.errors import UserError

HELD_KEYS = frozenset(
    {
        "representation",
        "backbone",
        "head",
        "freeze",
        "features",
        "texture",
        "colour",
        "start",
        "monitor",
        "samples",
        "kid_subset",
    }
)
"""Keys of a model that other keys of it refer to, and that its task is not called with."""


def instantiate(node: Any, **given: Any) -> Any:
    """What a part of the configuration describes.

    Raises:
        UserError: for a value that its target refuses.
        Exception: whatever else the target raises.
    """
    try:
        return hydra_instantiate(node, **given)
    except InstantiationException as error:
        if isinstance(error.__cause__, UserError):
            raise error.__cause__ from None
        if isinstance(error.__cause__, ValueError):
            raise UserError(f"{error.__cause__}.", where=_full_key(node)) from None
        raise error.__cause__ or error from None


def _full_key(node: Any) -> str | None:
    return node._get_full_key(None) if isinstance(node, DictConfig) else None


def model_arguments(config: DictConfig) -> DictConfig:
    """The model without what only other keys of it refer to."""
    model = OmegaConf.masked_copy(config.model, [key for key in config.model if key not in HELD_KEYS])
    model._set_parent(config)  # its interpolations look for keys of the whole configuration
    return model
