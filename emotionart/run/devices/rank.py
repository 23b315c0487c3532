"""Which of the processes that train a model together this one is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from multiprocessing.connection import Connection
from typing import Any

import torch
from lightning_fabric.plugins.environments.lightning import LightningEnvironment
from pytorch_lightning.strategies import DDPStrategy

_PATIENCE = timedelta(minutes=10)  # of one device for the others


class Rank(LightningEnvironment):
    """One of several processes, as Lightning asks for it; the first is that of the run, which started the others.

    Args:
        number: from 0; the first alone writes and tells.
        devices: how many there are, a process for each.
        port: of this machine, at which they meet.
    """

    def __init__(self, number: int, devices: int, port: int) -> None:
        super().__init__()
        self.number = number
        self.devices = devices
        self._main_port = port

    @property
    def creates_processes_externally(self) -> bool:
        """Yes: Lightning is not to start the command again."""
        return True

    @property
    def main_address(self) -> str:
        """This machine."""
        return "127.0.0.1"

    def local_rank(self) -> int:
        """The number on this machine."""
        return self.number

    def node_rank(self) -> int:
        """The first and only machine."""
        return 0

    def settings(self, accelerator: str, *, unused: bool, learns_statistics: bool) -> dict[str, Any]:
        """What Lightning's Trainer is told instead of what the configuration says: the data set cuts batches itself.

        Batch normalisation over all devices exists on GPUs alone.

        Args:
            accelerator: of the configuration.
            unused: whether some trained weights get no gradient.
            learns_statistics: whether there is batch normalisation that torch can spread over devices.
        """
        return {
            "strategy": DDPStrategy(cluster_environment=self, timeout=_PATIENCE, find_unused_parameters=unused),
            "use_distributed_sampler": False,
            "sync_batchnorm": learns_statistics and accelerator != "cpu" and torch.cuda.is_available(),
        }


@dataclass(frozen=True)
class Peer:
    """What the process of another device than the first knows of its place.

    Attributes:
        rank: its own.
        run: to the run's process, which is told nothing but an empty text, or why this one has failed.
    """

    rank: Rank
    run: Connection

    def meet(self) -> None:
        """Tells the run's process that this one is ready to train."""
        self.run.send("")
