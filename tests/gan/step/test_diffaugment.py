import pytest
import torch

from emotionart.gan.step.diffaugment import augment, colour, cut_out, translate

CHANGES = ["colour", "translation", "cutout"]


def pictures(count: int = 3, side: int = 8) -> torch.Tensor:
    return torch.randn(count, 3, side, side, dtype=torch.float64, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("change", CHANGES)
def test_the_gradient_is_that_of_finite_differences(change: str) -> None:
    def drawn(values: torch.Tensor) -> torch.Tensor:
        torch.manual_seed(3)
        return augment(values, [change], 0.5)

    assert torch.autograd.gradcheck(drawn, pictures(2, 8).requires_grad_())
    assert torch.autograd.gradgradcheck(drawn, pictures(1, 4).requires_grad_())


def test_no_change_is_the_picture() -> None:
    values, ones, zeros = pictures(), torch.ones(3), torch.zeros(3, dtype=torch.int64)
    torch.testing.assert_close(colour(values, 0 * ones, ones, ones), values)
    assert torch.equal(translate(values, zeros, zeros), values)
    assert torch.equal(cut_out(values, zeros, zeros, 0, 0), values)
    assert augment(values, [], 0.5) is values


def test_colour_is_its_formula() -> None:
    values = pictures(1)
    brighter = values + 0.25
    grey = brighter.mean(1, keepdim=True)
    duller = grey + 0.5 * (brighter - grey)
    expected = duller.mean() + 1.2 * (duller - duller.mean())
    found = colour(values, torch.tensor([0.25]), torch.tensor([0.5]), torch.tensor([1.2]))
    torch.testing.assert_close(found, expected)


@pytest.mark.parametrize(("down", "right"), [(2, -3), (-1, 0), (0, 4), (8, 8)])
def test_translation_moves_pixels_and_brings_in_grey(down: int, right: int) -> None:
    values = pictures(1)
    expected = torch.zeros_like(values)
    for row in range(8):
        for column in range(8):
            if 0 <= row - down < 8 and 0 <= column - right < 8:
                expected[..., row, column] = values[..., row - down, column - right]
    assert torch.equal(translate(values, torch.tensor([down]), torch.tensor([right])), expected)


def test_cutout_hides_its_rectangle_alone() -> None:
    values = pictures(1)
    expected = values.clone()
    expected[:, :, 0:2, 3:7] = 0
    assert torch.equal(cut_out(values, torch.tensor([-1]), torch.tensor([3]), 3, 4), expected)


@pytest.mark.parametrize(("cutout", "side"), [(0.2, 13), (0.5, 32), (0.0, 0)])
def test_the_cut_square_has_the_size_that_is_asked_for(cutout: float, side: int) -> None:
    torch.manual_seed(0)
    hidden = (augment(torch.ones(200, 3, 64, 64), ["cutout"], cutout) == 0).all(1)
    assert int(hidden.sum((1, 2)).max()) == side**2
    assert int(hidden.any(1).sum(1).max()) == side


def test_each_picture_is_changed_with_the_probability() -> None:
    values = torch.ones(2_000, 3, 8, 8)
    torch.manual_seed(0)
    changed = (augment(values, ["colour"], 0.5, torch.tensor(0.3)) != values).flatten(1).any(1).double().mean()
    assert float(changed) == pytest.approx(0.3, abs=0.03)
    assert torch.equal(augment(values, CHANGES, 0.5, torch.tensor(0.0)), values)


def test_draws_follow_from_the_seed() -> None:
    values = pictures()
    torch.manual_seed(5)
    first = augment(values, CHANGES, 0.5)
    torch.manual_seed(5)
    assert torch.equal(augment(values, CHANGES, 0.5), first)
    assert not torch.equal(augment(values, CHANGES, 0.5), first)
