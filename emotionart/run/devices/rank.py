"""The rank of a process in distributed training."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from multiprocessing.connection import Connection
from typing import Any

import torch
from lightning_fabric.plugins.environments.lightning import LightningEnvironment
from pytorch_lightning.strategies import DDPStrategy

from emotionart.run.devices.strategy import UnwrappedStrategy

_PATIENCE = timedelta(minutes=10)  # timeout of one device for the others


class Rank(LightningEnvironment):
    """The rank of a process, as a Lightning environment; rank 0 is the main process, which has started the others.

    Args:
        number: rank from 0; only rank 0 writes files and logs.
        devices: number of devices, with one process each.
        port: local port for their communication.
    """

    def __init__(self, number: int, devices: int, port: int) -> None:
        super().__init__()
        self.number = number
        self.devices = devices
        self._main_port = port

    @property
    def creates_processes_externally(self) -> bool:
        """True, so that Lightning does not start the command again."""
        return True

    @property
    def main_address(self) -> str:
        """The address of this machine."""
        return "127.0.0.1"

    def local_rank(self) -> int:
        """The rank on this machine."""
        return self.number

    def node_rank(self) -> int:
        """0, the first and only machine."""
        return 0

    def settings(self, accelerator: str, *, unused: bool, learns_statistics: bool) -> dict[str, Any]:
        """Trainer settings that replace those of the configuration; without a sampler, as the data set divides batches.

        torch's synchronised batch norm exists only on GPUs.

        Args:
            accelerator: `trainer.accelerator` of the configuration.
            unused: whether some trainable weights get no gradient.
            learns_statistics: whether there is batch norm that torch can synchronise.
        """
        return {
            "strategy": DDPStrategy(cluster_environment=self, timeout=_PATIENCE, find_unused_parameters=unused),
            "use_distributed_sampler": False,
            "sync_batchnorm": learns_statistics and accelerator != "cpu" and torch.cuda.is_available(),
        }

    def manual_settings(self) -> dict[str, Any]:
        """The same for a module that optimises by itself, and averages its gradients over the devices."""
        strategy = UnwrappedStrategy(cluster_environment=self, timeout=_PATIENCE)
        return {"strategy": strategy, "use_distributed_sampler": False}


@dataclass(frozen=True)
class Peer:
    """The role of a process of another device than the first.

    Attributes:
        rank: rank of the process.
        run: connection to the main process, for an empty text (ready) or the reason of a failure.
    """

    rank: Rank
    run: Connection

    def report_ready(self) -> None:
        """Tells the main process that this one is ready to train."""
        self.run.send("")
