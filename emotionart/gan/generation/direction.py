"""Which direction in noise makes a classifier see more of an emotion: the same portrait, sadder."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.linear_model import RidgeCV
from torch import Tensor

from emotionart.classifier.predictor import Predictor
from emotionart.data.pictures.encode import png_files
from emotionart.gan.generation.sampler import GANSampler
from emotionart.gan.health.observe import seeded

_SAMPLES = 400
_NOISE = 5  # what noise is drawn for
_PENALTIES = np.logspace(-1, 5, 25)
_LEAST = 1e-6  # probability, below which a logit says nothing more


@dataclass(frozen=True)
class Direction:
    """A direction in a generator's noise.

    Attributes:
        vector: (size,), of length 1.
        explained: R², at most 1, of the judge's logit on pictures left out: 0 or less, and noise tells nothing of it.
    """

    vector: Tensor
    explained: float

    def turned(self, given: Tensor, degrees: Tensor) -> Tensor:
        """Inputs (n, D) whose noise is turned from that of (D,) towards the direction, and keeps its length.

        A class that follows the noise stays.
        """
        size = len(self.vector)
        noise = given[:size]
        length = noise.norm()
        aside = self.vector - (self.vector @ noise) * noise / length**2
        angle = torch.deg2rad(degrees).unsqueeze(1)
        moved = torch.cos(angle) * noise + torch.sin(angle) * length * aside / aside.norm()
        return torch.cat([moved, given[size:].expand(len(degrees), -1)], 1)


def logits_of(probabilities: NDArray[np.float64], place: int) -> NDArray[np.float64]:
    """The logit log p / (1 − p) of one class, (n,), of probabilities (n, K)."""
    share = probabilities[:, place].clip(_LEAST, 1 - _LEAST)
    logits: NDArray[np.float64] = np.log(share / (1 - share))
    return logits


def find_direction(sampler: GANSampler, judge: Predictor, place: int, given: Tensor, seed: int) -> Direction:
    """Ridge regression of the judge's logit of class `place` on the noise of a few hundred pictures.

    The penalty is chosen by leaving one picture out, in closed form.

    Args:
        sampler: a trained generator.
        judge: a trained classifier.
        place: of the emotion among the judge's classes.
        given: (D,) the input that is to be turned, whose class the pictures have.
        seed: of the noise.
    """
    size = sampler.latents.size
    noise = torch.randn(_SAMPLES, size, generator=seeded(seed, _NOISE))
    pictures = sampler.pictures(torch.cat([noise, given[size:].expand(_SAMPLES, -1)], 1))
    seen = logits_of(judge.predict(png_files(pictures)), place)
    fitted = RidgeCV(_PENALTIES).fit(noise.numpy(), seen)
    # What is left over where each picture in turn is left out, beside what the mean of the others leaves.
    mean_alone = ((seen - seen.mean()) * _SAMPLES / (_SAMPLES - 1)) ** 2
    vector = torch.from_numpy(fitted.coef_).float()
    return Direction(vector / vector.norm(), float(1 + fitted.best_score_ / mean_alone.mean()))
