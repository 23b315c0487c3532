"""Starts a GAN from another run's weights, for other data or, where shapes allow, a finer resolution."""

from __future__ import annotations

import logging
from pathlib import Path

import torch

from emotionart.data.tables.wording import some
from emotionart.errors import UserError
from emotionart.gan.generation.sampler import read_gan
from emotionart.gan.module import GAN

log = logging.getLogger(__name__)

_OWN = ("adaptation",)  # state of the run itself, not taken over
_FROZEN = "_extra_state"  # identifies the discriminator's frozen network
_NAMED = 12  # largest number of listed keys


def start_from(gan: GAN, folder: Path) -> None:
    """Loads the weights that fit from another run's best or last checkpoint, and lists the others.

    A discriminator with another frozen network keeps its own weights. If the other run has no averaged generator, the
    average starts from its generator.

    Raises:
        UserError: if there is no checkpoint of a GAN, or no weights of its generator fit.
    """
    where = f"start={folder}"
    theirs, own = dict(read_gan(folder).weights), gan.state_dict()
    if not any(name.startswith("average.") for name in theirs):
        generators = {name: tensor for name, tensor in theirs.items() if name.startswith("generator.")}
        theirs |= {name.replace("generator.", "average.", 1): tensor for name, tensor in generators.items()}
    frozen = [name for name in own if name.endswith(_FROZEN)]
    other_frozen = [name for name in frozen if name in theirs and not torch.equal(theirs[name], own[name])]
    left = [
        f"{name} ({_shape(theirs.get(name))}, here {_shape(own[name])})"
        for name in own
        if name not in theirs or theirs[name].shape != own[name].shape
    ]
    taken = {
        name: tensor
        for name, tensor in theirs.items()
        if name in own
        and name not in _OWN
        and tensor.shape == own[name].shape
        and not (other_frozen and name.startswith("discriminator."))
    }
    if not any(name.startswith("generator.") and tensor.ndim > 1 for name, tensor in taken.items()):
        unlike = [line for line in left if line.startswith("generator.")]
        raise UserError(
            f"No layer of that run's generator fits this one: {some(unlike, _NAMED)}.",
            where=where,
            fix="the same generator, generator.width and model.latent",
        )
    gan.load_state_dict(taken, strict=False)
    log.info("%s: %s of %s tensors", where, f"{len(taken):,}", f"{len(own):,}")
    if other_frozen:
        log.warning("The frozen network is another one: the discriminator is trained from scratch")
    if left:
        log.warning("These weights do not fit and are initialised: %s", some(left, _NAMED))


def _shape(tensor: torch.Tensor | None) -> str:
    return "not there" if tensor is None else "x".join(map(str, tensor.shape)) or "one number"
