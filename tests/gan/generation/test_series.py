import numpy as np
import pytest
import torch
from torch import Tensor, nn

from emotionart.errors import UserError
from emotionart.gan.generation.sampler import GANSampler
from emotionart.gan.generation.series import generate_series, interpolation, of_every_class
from emotionart.gan.step.latents import Latents


class Flat(nn.Module):
    """Pictures of one colour: the first two numbers of noise, and whether class 1 is asked for."""

    def forward(self, given: Tensor) -> Tensor:
        values = torch.stack([given[:, 0] / 3, given[:, 1] / 3, given[:, -1]], dim=1)
        return values[:, :, None, None].expand(-1, -1, 8, 8)


SAMPLER = GANSampler(Flat(), Latents(64, torch.tensor([0.5, 0.5])), ("no", "yes"))


def test_an_interpolation_passes_through_every_picture_in_the_class_of_the_first() -> None:
    series = generate_series(SAMPLER, 4, 0, None, 1.0, {})
    frames = interpolation(SAMPLER, series.latents).astype(int)
    assert len(frames) == 4 * 12
    for index in range(4):
        assert np.abs(frames[12 * index, ..., :2] - series.pictures[index, ..., :2]).max() <= 1
    assert (frames[..., 2] == series.pictures[0, 0, 0, 2]).all()
    assert np.abs(np.diff(frames[..., :2], axis=0)).max() < 60  # no jump


def test_every_class_is_shown_with_the_same_noise() -> None:
    series = generate_series(SAMPLER, 3, 0, "yes", 1.0, {"run": "x"})
    assert series.classes == ["yes"] * 3
    every = of_every_class(SAMPLER, series.latents).reshape(2, 3, 8, 8, 3)
    assert (every[0, ..., :2] == every[1, ..., :2]).all()
    assert (every[1] == series.pictures).all()
    assert (every[0, ..., 2] == 128).all()


def test_the_surest_come_first() -> None:
    class Judge:
        def predict(self, files: list[bytes]) -> np.ndarray:
            share = np.array([0.1, 0.9, 0.5])
            return np.stack([share, 1 - share], axis=1)

    series = generate_series(SAMPLER, 3, 0, None, 1.0, {}).with_predictions(Judge())  # type: ignore[arg-type]
    best = series.best(0, 2)
    assert best.number.tolist() == [1, 2]
    assert (best.pictures == series.pictures[[1, 2]]).all()
    assert best.probabilities[:, 0].tolist() == [0.9, 0.5]
    assert best.files == [series.files[1], series.files[2]]


def test_a_class_that_was_never_trained_cannot_be_asked_for() -> None:
    sampler = GANSampler(Flat(), Latents(64, torch.tensor([1.0, 0.0])), ("no", "yes"))
    sampler.require_class("no")
    with pytest.raises(UserError, match="No training artwork was of class 'yes'") as caught:
        sampler.require_class("yes")
    assert caught.value.fix == "one of no"
