import pytest
import torch

from emotionart.attribution.activation_maximisation import (
    ALL,
    NONE,
    ablations,
    class_model_visualisation,
    total_variation,
)
from emotionart.attribution.maps import data_mean
from tests.attribution.nets import MEAN, pictures, shallow


@pytest.mark.parametrize("regularisers", ablations().values(), ids=ablations().keys())
def test_the_logit_rises_from_the_mean_within_the_range_of_pixels(regularisers) -> None:  # type: ignore[no-untyped-def]
    network, classes = shallow(), torch.arange(5)
    mean = data_mean(network)
    found = class_model_visualisation(network, classes, mean, 32, regularisers, steps=40)
    assert found.shape == (5, 3, 32, 32)
    assert found.min() >= 0
    assert found.max() <= 1
    with torch.no_grad():
        start = network(mean.expand(1, 3, 32, 32)).expand(5, -1)
        gain = (network(found) - start).gather(1, classes[:, None])
    assert (gain > 0).all()


def test_it_starts_at_the_mean_of_the_data() -> None:
    network = shallow()
    found = class_model_visualisation(network, torch.tensor([0]), data_mean(network), 16, NONE, steps=0)
    torch.testing.assert_close(found.mean((0, 2, 3)), torch.tensor(MEAN))


@pytest.mark.parametrize("regularisers", [NONE, ALL], ids=["none", "all"])
def test_all_classes_at_once_are_what_each_is_alone(regularisers) -> None:  # type: ignore[no-untyped-def]
    network = shallow().double()  # Adam turns a rounding error of a small gradient into a whole step
    mean = data_mean(network)
    together = class_model_visualisation(network, torch.arange(5), mean, 32, regularisers, steps=8)
    for k in range(5):
        alone = class_model_visualisation(network, torch.tensor([k]), mean, 32, regularisers, steps=8)
        torch.testing.assert_close(together[[k]], alone, rtol=1e-6, atol=1e-6)


def test_the_penalty_keeps_the_picture_near_the_mean() -> None:
    network = shallow()
    mean = data_mean(network)
    free, held = (
        class_model_visualisation(network, torch.arange(5), mean, 32, settings, steps=40)
        for settings in (NONE, ablations()["l2"])
    )
    assert ((held - mean) ** 2).mean() < ((free - mean) ** 2).mean()


def test_blur_and_waves_make_smoother_pictures() -> None:
    network = shallow()
    variation = {
        name: float(
            total_variation(
                class_model_visualisation(network, torch.arange(5), data_mean(network), 32, settings, 40)
            ).mean()
        )
        for name, settings in ablations().items()
    }
    assert variation["blur"] < variation["none"]
    assert variation["fourier"] < variation["none"]


def test_total_variation_of_noise_is_a_third() -> None:
    assert float(total_variation(torch.zeros(1, 3, 8, 8))) == 0
    assert float(total_variation(pictures(1, 128))) == pytest.approx(1 / 3, abs=0.01)
