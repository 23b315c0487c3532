"""The optimisers of a GAN's two networks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch

from emotionart.ranges import Count, Weight


@dataclass(frozen=True)
class GANOptimizers:
    """The target of the config group `optimizer` for a GAN.

    Args:
        lr_generator, lr_discriminator: learning rates.
        discriminator_steps: steps of the discriminator before each turn of the generator.
        generator_steps: steps of the generator per turn.
        algorithm: called with the parameters and `lr`.
    """

    lr_generator: Weight
    lr_discriminator: Weight
    discriminator_steps: Count
    generator_steps: Count
    algorithm: Callable[..., torch.optim.Optimizer]
