"""Lightning's strategy of several devices for modules that optimise by themselves."""

from __future__ import annotations

from pytorch_lightning.overrides.distributed import _sync_module_states
from pytorch_lightning.strategies import DDPStrategy


class UnwrappedStrategy(DDPStrategy):
    """Starts all devices with the first one's weights, and leaves it to the module to average its gradients.

    `DistributedDataParallel` expects one backward pass through all weights. For two players in turn it has to look for
    the unused ones in each step, and to wait for the GPU to tell them.
    """

    def configure_ddp(self) -> None:
        """Takes over the first device's weights instead of wrapping the module."""
        assert self.model is not None
        _sync_module_states(self.model)
