"""Creates objects from a composed configuration."""

from __future__ import annotations

from typing import Any

from hydra.errors import InstantiationException
from hydra.utils import get_class
from hydra.utils import instantiate as hydra_instantiate
from omegaconf import DictConfig, OmegaConf

from emotionart.config.targets import parameters
from emotionart.errors import UserError


def instantiate(node: Any, **arguments: Any) -> Any:
    """Instantiates a part of the configuration.

    Raises:
        UserError: for a value that the target refuses.
        Exception: any other exception of the target.
    """
    try:
        return hydra_instantiate(node, **arguments)
    except InstantiationException as error:
        if isinstance(error.__cause__, UserError):
            raise error.__cause__ from None
        if isinstance(error.__cause__, ValueError):
            raise UserError(f"{error.__cause__}.", where=_full_key(node)) from None
        raise error.__cause__ or error from None


def _full_key(node: Any) -> str | None:
    return node._get_full_key(None) if isinstance(node, DictConfig) else None


def model_arguments(config: DictConfig) -> DictConfig:
    """The model's configuration with only the arguments of its task; other keys are referenced or read by the run."""
    taken = parameters(get_class(config.model._target_))
    model = OmegaConf.masked_copy(config.model, [key for key in config.model if key in taken or key.startswith("_")])
    model._set_parent(config)  # its interpolations refer to the whole configuration
    return model
