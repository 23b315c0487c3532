"""A new GAN that begins with the weights of another run: other data, or a finer resolution where shapes allow."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

import torch

from emotionart.errors import UserError
from emotionart.gan.generation.sampler import read_gan
from emotionart.gan.module import GAN

log = logging.getLogger(__name__)

_OWN = ("adaptation",)  # of the run itself
_FROZEN = "_extra_state"  # says which frozen network a discriminator looks through
_NAMED = 12  # keys that are listed


def start_from(gan: GAN, folder: Path) -> None:
    """Gives a GAN those weights of another run's best moment, else of its last one, that fit, and names the others.

    A discriminator that looks through another frozen network keeps its own weights. Where the other run has no average,
    this one's begins as its generator.

    Raises:
        UserError: where there is no GAN's checkpoint, or no layer's weights of its generator fit.
    """
    where = f"start={folder}"
    theirs, own = dict(read_gan(folder).weights), gan.state_dict()
    if not any(name.startswith("average.") for name in theirs):
        generators = {name: tensor for name, tensor in theirs.items() if name.startswith("generator.")}
        theirs |= {name.replace("generator.", "average.", 1): tensor for name, tensor in generators.items()}
    frozen = [name for name in own if name.endswith(_FROZEN)]
    strange = [name for name in frozen if name in theirs and not torch.equal(theirs[name], own[name])]
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
        and not (strange and name.startswith("discriminator."))
    }
    if not any(name.startswith("generator.") and tensor.ndim > 1 for name, tensor in taken.items()):
        raise UserError(
            f"No layer of that run's generator fits this one: {_listing(left)}.",
            where=where,
            fix="the same generator, generator.width and model.latent",
        )
    gan.load_state_dict(taken, strict=False)
    log.info("%s: %s of %s tensors", where, f"{len(taken):,}", f"{len(own):,}")
    if strange:
        log.warning("The frozen network is another one: the discriminator is trained from scratch")
    if left:
        log.warning("These weights do not fit and are initialised: %s", _listing(left))


def _shape(tensor: torch.Tensor | None) -> str:
    return "not there" if tensor is None else "x".join(map(str, tensor.shape)) or "one number"


def _listing(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_NAMED])
    return f"{shown} and {len(names) - _NAMED} more" if len(names) > _NAMED else shown
