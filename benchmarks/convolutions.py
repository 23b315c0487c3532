"""What `FastConvolutions` saves in mixed precision on the CPU.

1. A strided depthwise convolution of EfficientNet-Lite0 with its gradient, and R3GAN's doubling: bfloat16, as autocast
   takes it, against float32.
2. A step of `model=gan_projected` and of `model=r3gan` in Lightning's mixed precision, against ours.

What is compared alternates in one process; CPU time on one thread, medians.
"""

import logging
import statistics
import time
from collections.abc import Callable

import numpy as np
import torch
from epoch import timed_epoch
from gan import BATCH, SIZE, batches, gan
from pytorch_lightning.plugins.precision import MixedPrecision
from torch import Tensor
from torch.nn import functional as F

from emotionart.run.training.precision import CPUMixedPrecision

STEPS, ROUNDS = 4, 5
SHAPES = ((96, 49, 3), (144, 27, 5), (240, 13, 3), (672, 9, 5))  # channels and side of the grid, side of the filter
MODELS = {"gan_projected": ["discriminator.backbone.weights=random"], "r3gan": []}


def seconds(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def print_ratio(name: str, slow: Callable[[], float], fast: Callable[[], float]) -> None:
    times = [(slow(), fast()) for _ in range(ROUNDS + 1)][1:]
    medians = [statistics.median(column) for column in zip(*times, strict=True)]
    ratio = statistics.median(before / after for before, after in times)
    print(f"{name}: {medians[0] * 1e3:,.0f} ms, {medians[1] * 1e3:,.0f} ms; {ratio:.2f} times as fast", flush=True)


def halved(channels: int, side: int, filters: int, kind: torch.dtype) -> Callable[[], float]:
    """A convolution of stride 2 and the gradient of its input."""
    grid = torch.randn(BATCH, channels, side, side).to(kind, memory_format=torch.channels_last).requires_grad_()
    weight = torch.randn(channels, 1, filters, filters, dtype=kind)

    def work() -> Tensor:
        output = F.conv2d(grid, weight, stride=2, groups=channels)
        return torch.autograd.grad(output, grid, torch.ones_like(output))[0]

    return lambda: seconds(work)


def doubled(channels: int, side: int, kind: torch.dtype) -> Callable[[], float]:
    grid = torch.randn(BATCH, channels, side, side).to(kind, memory_format=torch.channels_last)
    weight = torch.randn(channels, 1, 3, 3, dtype=kind)
    return lambda: seconds(
        lambda: F.conv_transpose2d(grid, weight, stride=2, padding=1, output_padding=1, groups=channels)
    )


def main() -> None:
    logging.getLogger("pytorch_lightning").setLevel(logging.ERROR)
    torch.set_num_threads(1)
    for channels, side, filters in SHAPES:
        name = f"{channels} channels, {side} x {side}, {filters} x {filters}, stride 2, with gradient"
        print_ratio(name, *(halved(channels, side, filters, kind) for kind in (torch.bfloat16, torch.float32)))
    print_ratio("64 channels, 16 x 16 doubled", *(doubled(64, 16, kind) for kind in (torch.bfloat16, torch.float32)))
    pixels = np.random.default_rng(0).integers(0, 256, (STEPS * BATCH, SIZE, SIZE, 3), dtype=np.uint8)
    for name, overrides in MODELS.items():
        model = gan(f"model={name}", *overrides).to(memory_format=torch.channels_last)
        steps = batches(pixels, STEPS)
        print_ratio(
            f"{STEPS} steps of model={name}",
            lambda: timed_epoch(model, steps, MixedPrecision("bf16-mixed", "cpu")),  # noqa: B023
            lambda: timed_epoch(model, steps, CPUMixedPrecision("bf16-mixed", "cpu")),  # noqa: B023
        )


if __name__ == "__main__":
    main()
