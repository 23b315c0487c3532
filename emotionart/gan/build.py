"""Builds a GAN from its configuration."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from omegaconf import DictConfig
from torch import nn

from emotionart.config.instantiate import instantiate, model_arguments
from emotionart.draws import draw_seed
from emotionart.errors import UserError
from emotionart.gan.module import GAN
from emotionart.gan.step.optimizers import GANOptimizers


def build_optimizers(config: DictConfig) -> GANOptimizers:
    """The optimisers of both networks.

    Raises:
        UserError: if `optimizer` is not one for GANs.
    """
    optimizers = instantiate(config.optimizer)
    if not isinstance(optimizers, GANOptimizers):
        raise UserError(
            "A GAN has two players, each with a learning rate of its own.", where="optimizer", fix="optimizer=adam_gan"
        )
    return optimizers


def build_gan(
    config: DictConfig,
    input_transform: nn.Module,
    counts: Sequence[int] | None = None,
    optimizer: GANOptimizers | None = None,
) -> GAN:
    """A GAN with weights drawn from `seed`.

    Args:
        config: configuration of the run.
        input_transform: module from stored pictures to the discriminator's input.
        counts: training artworks of each class, for a conditional GAN.
        optimizer: optimisers of both networks; None for a GAN that only generates.

    Raises:
        UserError: if the networks' sizes do not fit.
    """
    torch.manual_seed(draw_seed(config.seed))
    gan: GAN = instantiate(
        model_arguments(config),
        generator=instantiate(config.generator),
        discriminator=instantiate(config.discriminator),
        input_transform=input_transform,
        optimizer=optimizer,
        counts=counts,
    )
    return gan
