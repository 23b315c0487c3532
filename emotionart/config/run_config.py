"""The configuration of a run, and how it was chosen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from omegaconf import DictConfig, OmegaConf


@dataclass(frozen=True)
class RunConfig:
    """The configuration of a run.

    Attributes:
        config: all groups, without the node `hydra`.
        choices: chosen option of each group.
        overrides: overrides of the command line.
    """

    config: DictConfig
    choices: Mapping[str, str]
    overrides: Sequence[str]

    def resolved(self) -> dict[str, Any]:
        """The configuration as plain values."""
        return OmegaConf.to_container(self.config, resolve=True)  # type: ignore[return-value]
