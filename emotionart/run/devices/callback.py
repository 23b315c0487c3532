"""Keeps the training of several devices consistent."""

from __future__ import annotations

from typing import Any

import pytorch_lightning as pl
import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from emotionart.data.loader import Batch
from emotionart.data.share import BatchShare
from emotionart.networks.distributed.batch_norm import PLAIN, SharedBatchNorm, share_statistics, unshare_statistics
from emotionart.networks.distributed.noise import SharedNoise, share_noise, unshare_noise


def has_unused_weights(module: pl.LightningModule, inputs: Tensor) -> bool:
    """Whether a trainable weight does not affect the output for inputs (B, ...), such as those after the layer in use.

    Devices must not wait for such a weight's gradient. The module's state is not changed.
    """
    modes = [(part, part.training) for part in module.modules()]
    module.eval()
    weights = [weight for weight in module.parameters() if weight.requires_grad]
    gradients = torch.autograd.grad(module(inputs).sum(), weights, allow_unused=True)
    for part, mode in modes:
        part.training = mode
    return any(gradient is None for gradient in gradients)


def learns_statistics(module: nn.Module) -> bool:
    """Whether batch norm trains, and only in torch's own layers: subclasses would be replaced by plain ones."""
    layers = [part for part in module.modules() if isinstance(part, _BatchNorm)]
    plain = all(type(part) in PLAIN for part in layers)
    return plain and any(part.training for part in layers)


class AsOnOneDevice(pl.Callback):
    """Gives each artwork the same noise as on one device, and validates the weights that are saved."""

    def __init__(self) -> None:
        self._shared: dict[str, SharedNoise] = {}

    def on_fit_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Replaces the layers that draw noise."""
        self._shared = share_noise(pl_module)

    def on_train_batch_start(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, batch: Batch, batch_idx: int
    ) -> None:
        """Sets which rows of the batch are on this device."""
        count = len(batch.label)
        share = BatchShare(trainer.global_rank, trainer.world_size)
        rows = torch.from_numpy(share.rows(count)).to(pl_module.device)
        for layer in self._shared.values():
            layer.count, layer.rows = count, rows

    def on_train_batch_end(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, outputs: Any, batch: Batch, batch_idx: int
    ) -> None:
        """Lets the layers draw for what one device passes alone."""
        for layer in self._shared.values():
            layer.count = 0

    def on_validation_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Takes over the first device's running statistics, which the checkpoint saves."""
        for buffer in pl_module.buffers():
            torch.distributed.broadcast(buffer, 0)

    def teardown(self, trainer: pl.Trainer, pl_module: pl.LightningModule, stage: str) -> None:
        """Restores the network's own layers."""
        unshare_noise(pl_module, self._shared)
        self._shared = {}


class SharedStatistics(pl.Callback):
    """Lets batch norm see the whole batch in training steps; between them, each device is alone."""

    def __init__(self) -> None:
        self._had: dict[SharedBatchNorm, type[nn.Module]] = {}

    def on_fit_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Replaces the layers."""
        self._had = share_statistics(pl_module)

    def on_train_batch_start(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, batch: Batch, batch_idx: int
    ) -> None:
        """Shares statistics in this step."""
        self._share(True)

    def on_train_batch_end(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, outputs: Any, batch: Batch, batch_idx: int
    ) -> None:
        """Shares none until the next step."""
        self._share(False)

    def teardown(self, trainer: pl.Trainer, pl_module: pl.LightningModule, stage: str) -> None:
        """Restores the layers."""
        unshare_statistics(self._had)
        self._had = {}

    def _share(self, shared: bool) -> None:
        for layer in self._had:
            layer.shared = shared
