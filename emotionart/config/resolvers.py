"""OmegaConf's resolvers of this package, which compute values in `conf/`."""

from __future__ import annotations

from typing import Any

from omegaconf import DictConfig, OmegaConf

_LOWER_IS_BETTER = frozenset({"loss", "nll", "ece", "kl"})


def best_is(metric: str) -> str:
    """Whether the best value of a metric, such as `val/loss`, is the "min" or the "max"."""
    return "min" if metric.rpartition("/")[2] in _LOWER_IS_BETTER else "max"


def r3gan_gamma(size: int, batch_size: int) -> float:
    """A default weight of R1 and R2: 0.0002 x pixels per picture / batch size."""
    return 2e-4 * size**2 / batch_size


def unless_gan(value: Any, *, _root_: DictConfig) -> Any:
    """A setting of classifiers; None for a GAN."""
    return None if "generator" in _root_ else value


OmegaConf.register_new_resolver("best_is", best_is, replace=True)
OmegaConf.register_new_resolver("r3gan_gamma", r3gan_gamma, replace=True)
OmegaConf.register_new_resolver("unless_gan", unless_gan, replace=True)
