"""The direction in noise that makes a classifier see more of an emotion: the same portrait, sadder."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.linear_model import RidgeCV
from torch import Tensor

from emotionart.classifier.predictor import Predictor
from emotionart.data.pictures.encode import png_files
from emotionart.errors import UserError
from emotionart.gan.generation.sampler import GANSampler
from emotionart.gan.noise import Purpose, noise_generator

_SAMPLES = 400
_PENALTIES = np.logspace(-1, 5, 25)
_LEAST = 1e-6  # probabilities are clipped to this before the logit


@dataclass(frozen=True)
class Direction:
    """A direction in a generator's noise.

    Attributes:
        vector: (size,), of length 1.
        explained: leave-one-out R² of the judge's logit, at most 1; at 0 or below, noise does not predict it.
    """

    vector: Tensor
    explained: float

    def turned(self, latent: Tensor, degrees: Tensor) -> Tensor:
        """Inputs (n, D) whose noise is that of `latent` (D,), turned towards the direction by `degrees` (n,).

        The length of the noise and the class after it stay the same.
        """
        size = len(self.vector)
        noise = latent[:size]
        length = noise.norm()
        aside = self.vector - (self.vector @ noise) * noise / length**2
        angle = torch.deg2rad(degrees).unsqueeze(1)
        moved = torch.cos(angle) * noise + torch.sin(angle) * length * aside / aside.norm()
        return torch.cat([moved, latent[size:].expand(len(degrees), -1)], 1)


def logits_of(probabilities: NDArray[np.float64], index: int) -> NDArray[np.float64]:
    """The logits log(p / (1 − p)) (n,) of class `index`, from probabilities (n, K)."""
    share = probabilities[:, index].clip(_LEAST, 1 - _LEAST)
    logits: NDArray[np.float64] = np.log(share / (1 - share))
    return logits


def find_direction(sampler: GANSampler, judge: Predictor, index: int, latent: Tensor, seed: int) -> Direction:
    """Ridge regression of the judge's logit of class `index` on the noise of a few hundred pictures.

    The penalty is chosen by leaving one picture out, in closed form.

    Args:
        sampler: a trained generator.
        judge: a trained classifier.
        index: index of the emotion among the judge's classes.
        latent: (D,) input that will be turned; the pictures are of its class.
        seed: seed of the noise.

    Raises:
        UserError: if the judge gives all pictures the same probability.
    """
    size = sampler.latents.size
    noise = torch.randn(_SAMPLES, size, generator=noise_generator(seed, Purpose.DIRECTION))
    pictures = sampler.pictures(torch.cat([noise, latent[size:].expand(_SAMPLES, -1)], 1))
    logits = logits_of(judge.predict(png_files(pictures)), index)
    if np.ptp(logits) == 0:
        raise UserError(
            f"The judge gives all {_SAMPLES} pictures the same probability of {judge.classes[index]!r}: no direction "
            "changes it.",
            where="--towards",
            fix="--judge RUN   with a run that tells these pictures apart",
        )
    fitted = RidgeCV(_PENALTIES).fit(noise.numpy(), logits)
    # Leave-one-out squared errors of the regression, relative to those of the mean of the other pictures.
    mean_alone = ((logits - logits.mean()) * _SAMPLES / (_SAMPLES - 1)) ** 2
    vector = torch.from_numpy(fitted.coef_).float()
    return Direction(vector / vector.norm(), float(1 + fitted.best_score_ / mean_alone.mean()))
