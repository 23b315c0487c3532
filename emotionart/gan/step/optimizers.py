"""How the two players of a GAN learn."""

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
        discriminator_steps: batches the discriminator learns from before it is the generator's turn.
        generator_steps: steps of the generator in its turn.
        algorithm: called with the parameters and `lr`.
    """

    lr_generator: Weight
    lr_discriminator: Weight
    discriminator_steps: Count
    generator_steps: Count
    algorithm: Callable[..., torch.optim.Optimizer]
