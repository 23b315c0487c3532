"""The torch devices that the group `trainer` names."""

from __future__ import annotations

import torch
from omegaconf import DictConfig

from emotionart.config.checks.devices import device_count


def devices_of(trainer: DictConfig) -> list[torch.device]:
    """The devices of `trainer`: GPUs by their numbers, or the CPU once for each place asked for.

    Args:
        trainer: settings of the group `trainer`.
    """
    count = device_count(trainer)
    if trainer.accelerator == "cpu" or not torch.cuda.is_available():
        return [torch.device("cpu")] * count
    numbers = range(count) if isinstance(trainer.devices, int | str) else trainer.devices
    return [torch.device("cuda", number) for number in numbers]
