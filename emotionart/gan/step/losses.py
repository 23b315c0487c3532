"""GAN losses as functions of the discriminator's logits, and gradient penalties.

Logits are (B,), or (B, P) for a discriminator with P positions; every loss is a scalar, the mean over all logits.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.modules.batchnorm import _BatchNorm

from emotionart.errors import UserError

Name = Literal["nonsaturating", "hinge", "relativistic"]


class Losses(NamedTuple):
    """The losses of both networks.

    Attributes:
        discriminator: function of the logits of real pictures and of fakes.
        generator: function of the logits of fakes and of real pictures.
        paired: whether the generator's loss uses the logits of real pictures.
    """

    discriminator: Callable[[Tensor, Tensor], Tensor]
    generator: Callable[[Tensor, Tensor], Tensor]
    paired: bool


def nonsaturating_discriminator(real: Tensor, fake: Tensor) -> Tensor:
    """-E[log D(x)] - E[log(1 - D(G(z)))], with D = sigmoid(logit) (Goodfellow et al. 2014)."""
    return F.softplus(-real).mean() + F.softplus(fake).mean()


def nonsaturating_generator(fake: Tensor, real: Tensor) -> Tensor:
    """-E[log D(G(z))]."""
    return F.softplus(-fake).mean()


def hinge_discriminator(real: Tensor, fake: Tensor) -> Tensor:
    """E[max(0, 1 - d(x))] + E[max(0, 1 + d(G(z)))], with d the logit (Lim and Ye 2017)."""
    return F.relu(1 - real).mean() + F.relu(1 + fake).mean()


def hinge_generator(fake: Tensor, real: Tensor) -> Tensor:
    """-E[d(G(z))]."""
    return -fake.mean()


def relativistic_discriminator(real: Tensor, fake: Tensor) -> Tensor:
    """E[softplus(-(d(x) - d(G(z))))], each real picture paired with a fake (Jolicoeur-Martineau 2019, R3GAN 2024)."""
    return F.softplus(fake - real).mean()


def relativistic_generator(fake: Tensor, real: Tensor) -> Tensor:
    """E[softplus(-(d(G(z)) - d(x)))]."""
    return F.softplus(real - fake).mean()


LOSSES: dict[Name, Losses] = {
    "nonsaturating": Losses(nonsaturating_discriminator, nonsaturating_generator, paired=False),
    "hinge": Losses(hinge_discriminator, hinge_generator, paired=False),
    "relativistic": Losses(relativistic_discriminator, relativistic_generator, paired=True),
}


def per_picture(logits: Tensor) -> Tensor:
    """One logit per picture (B,), averaged over its positions."""
    return logits.flatten(1).mean(1) if logits.ndim > 1 else logits


def gradient_penalty(logits: Tensor, pictures: Tensor) -> Tensor:
    """E[||d logit / d picture||^2] / 2: R1 on real pictures, R2 on fakes (Mescheder, Geiger and Nowozin 2018).

    Args:
        logits: (B,) or (B, P), each computed from its own picture; those of positions are averaged.
        pictures: (B, 3, H, W), with gradients enabled.
    """
    (gradient,) = torch.autograd.grad(per_picture(logits).sum(), pictures, create_graph=True)
    return gradient.square().sum((1, 2, 3)).mean() / 2


def require_penalisable(discriminator: nn.Module) -> None:
    """Checks that each logit depends on its own picture alone, as a gradient penalty presumes.

    Raises:
        UserError: for a discriminator with batch norm.
    """
    if any(isinstance(part, _BatchNorm) for part in discriminator.modules()):
        raise UserError(
            "A discriminator with batch norm cannot have a gradient penalty, since each logit depends on the whole "
            "batch.",
            where="model.r1, model.r2",
            fix="model.r1=0 model.r2=0",
        )
