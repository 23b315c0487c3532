import numpy as np
import pytest
import torch
from PIL import Image
from scipy.stats import truncnorm
from torch import Tensor, nn

from emotionart.data.pictures.decode import load_picture
from emotionart.errors import UserError
from emotionart.gan.generation.direction import Direction, find_direction
from emotionart.gan.generation.sampler import GANSampler
from emotionart.gan.step.latents import Latents, truncated
from emotionart.networks.gan.fastgan import FastGANGenerator

SIZE = 12


class Lamp(nn.Module):
    """Pictures of one grey, which is brighter along one direction of the noise, if along any."""

    def __init__(self, along: Tensor) -> None:
        super().__init__()
        self.along = along

    def forward(self, noise: Tensor) -> Tensor:
        return torch.tanh(0.3 * noise @ self.along)[:, None, None, None].expand(-1, 3, 8, 8)


class LightMeter:
    """A judge who sees how bright a picture is."""

    classes = ("dark", "bright")

    def predict(self, files: list[bytes]) -> np.ndarray:
        share = np.array([load_picture(file).mean() / 255 for file in files]) * 0.8 + 0.1
        return np.stack([1 - share, share], axis=1)


def sampler(network: nn.Module, size: int = SIZE) -> GANSampler:
    return GANSampler(network.eval(), Latents(size, None), ())


@pytest.mark.parametrize(("place", "sign"), [(1, 1), (0, -1)])
def test_the_direction_along_which_pictures_become_brighter_is_found(place: int, sign: int) -> None:
    along = torch.nn.functional.normalize(torch.arange(SIZE, dtype=torch.float32) - 4, dim=0)
    found = find_direction(sampler(Lamp(3 * along)), LightMeter(), place, torch.randn(SIZE), 0)
    assert float(found.vector @ along) * sign > 0.99
    assert found.explained > 0.9


def test_where_noise_tells_nothing_nothing_is_explained() -> None:
    class Snow(nn.Module):
        def forward(self, noise: Tensor) -> Tensor:
            return torch.tanh(torch.sin(1e4 * noise.sum(1)))[:, None, None, None].expand(-1, 3, 8, 8)

    assert find_direction(sampler(Snow()), LightMeter(), 1, torch.randn(SIZE), 0).explained < 0.1


def test_where_the_judge_tells_nothing_apart_there_is_no_direction() -> None:
    with pytest.raises(UserError, match="the same probability of 'bright'"):
        find_direction(sampler(Lamp(torch.zeros(SIZE))), LightMeter(), 1, torch.randn(SIZE), 0)


def test_noise_is_turned_by_the_angle_and_keeps_its_length_and_its_class() -> None:
    direction = Direction(nn.functional.normalize(torch.ones(SIZE), dim=0), 1.0)
    given = torch.cat([torch.linspace(-2, 1, SIZE), torch.tensor([0.0, 1.0])])
    turned = direction.turned(given, torch.tensor([0.0, 30, 60]))
    torch.testing.assert_close(turned[0], given)
    assert (turned[:, SIZE:] == given[SIZE:]).all()
    noise, start = turned[:, :SIZE], given[:SIZE]
    torch.testing.assert_close(noise.norm(dim=1), start.norm().expand(3))
    torch.testing.assert_close(noise @ start / start.norm() ** 2, torch.cos(torch.deg2rad(torch.tensor([0.0, 30, 60]))))
    assert (torch.diff(noise @ direction.vector) > 0).all()


def test_truncated_noise_is_scipys_truncated_normal_with_the_wanted_deviation() -> None:
    noise = torch.randn(200_000, generator=torch.Generator().manual_seed(0))
    assert truncated(noise, 1.0) is noise
    for psi in (1e-4, 0.4, 0.8):
        found = truncated(noise, psi)
        assert float(found.std()) == pytest.approx(psi, rel=0.008)
        assert (found.argsort() == noise.argsort()).float().mean() > 0.99
        bound = float(found.abs().max())
        expected = truncnorm.ppf(np.array([0.1, 0.5, 0.9]), -bound, bound)
        np.testing.assert_allclose(np.quantile(found.numpy(), [0.1, 0.5, 0.9]), expected, atol=0.02 * psi)


def test_noise_on_a_sphere_is_turned_towards_the_central_picture() -> None:
    torch.manual_seed(0)
    painter = sampler(FastGANGenerator(SIZE, 16, 2, skip_excitation=False))
    whole, centre = painter.draw(5, 0), painter.centre

    def angle(noise: Tensor) -> float:
        return float(torch.arccos(torch.cosine_similarity(noise, centre, dim=0)))

    assert torch.equal(painter.draw(5, 0, psi=1.0), whole)
    for psi in (0.3, 0.7):
        near = painter.draw(5, 0, psi=psi)
        assert angle(near[0]) == pytest.approx(psi * angle(whole[0]), abs=1e-4)
        assert torch.linalg.matrix_rank(torch.stack([near[0], whole[0], centre]), atol=1e-3) == 2
    pictures = {psi: painter.pictures(torch.cat([painter.draw(n, 0, psi=psi) for n in range(64)])) for psi in (0.4, 1)}
    assert pictures[0.4].std(axis=0).mean() < 0.7 * pictures[1].std(axis=0).mean()
    distances = np.abs(pictures[1] - painter.pictures(centre[None]).astype(float)).mean(axis=(1, 2, 3))
    others = [np.abs(pictures[1] - one.astype(float)).mean() for one in pictures[1]]
    assert distances.mean() < np.median(others), "it is more central than most"


def test_where_the_length_of_noise_matters_there_is_no_centre() -> None:
    painter = sampler(Lamp(torch.ones(SIZE)))
    assert painter.centre is None
    torch.testing.assert_close(painter.draw(5, 0, psi=0.5), painter.draw(5, 0) / 2)


def test_a_strip_has_a_caption_under_each_picture(tmp_path) -> None:  # type: ignore[no-untyped-def]
    from emotionart.figures.generated import save_sheet

    save_sheet(np.zeros((2, 64, 64, 3), np.uint8), 2, tmp_path / "strip.png", ["1 %", ""])
    with Image.open(tmp_path / "strip.png") as image:
        under = np.asarray(image)[68:]
    assert under[:, :66].min() < 60
    assert under[:, 66:].min() == 255
