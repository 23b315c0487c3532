from functools import partial

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from emotionart.gan.health.observe import logits
from emotionart.gan.step.condition import Classes
from emotionart.gan.step.discriminator_input import DiscriminatorInput
from emotionart.gan.step.latents import Latents
from tests.gan.test_module import gan

COUNTS = [10, 30, 60]


def classes(weight: float = 2.0, projection: bool = False) -> Classes:
    return Classes(weight, 1_000, projection, features=6, counts=COUNTS)


def test_classes_are_asked_for_as_often_as_they_occur() -> None:
    torch.manual_seed(0)
    asked = Latents(4, classes().share).draw(20_000, torch.Generator().manual_seed(0))
    for drawn in (classes().draw(20_000), Latents(4, classes().share).classes(asked)):
        shares = torch.bincount(drawn, minlength=3) / 20_000
        torch.testing.assert_close(shares, torch.tensor([0.1, 0.3, 0.6]), rtol=0, atol=0.02)


@pytest.mark.parametrize(("images", "weight"), [(0, 0.0), (500, 1.0), (1_000, 2.0), (5_000, 2.0)])
def test_the_class_term_is_ramped_in(images: int, weight: float) -> None:
    condition, features, wanted = classes(), torch.randn(8, 6), torch.randint(0, 3, (8,))
    expected = weight * F.cross_entropy(condition.classifier(features), wanted)
    torch.testing.assert_close(torch.as_tensor(condition.loss(features, wanted, images)), expected)


def test_a_projection_adds_the_product_of_class_and_features() -> None:
    condition, features, wanted = classes(projection=True), torch.randn(8, 6), torch.randint(0, 3, (8,))
    assert condition.embedding is not None
    assert torch.equal(condition.projected(features, wanted), torch.zeros(8))
    nn.init.normal_(condition.embedding.weight)
    table = condition.embedding.weight
    expected = torch.stack([found @ table[place] for found, place in zip(features, wanted, strict=True)])
    torch.testing.assert_close(condition.projected(features, wanted), expected)
    average = sum(share * table[place] for place, share in enumerate([0.1, 0.3, 0.6]))
    torch.testing.assert_close(condition.projected(features, None), features @ average)
    assert classes().projected(features, wanted) == 0


def test_places_have_the_term_of_their_class_each_and_are_averaged_for_the_classifier() -> None:
    condition, features, wanted = classes(projection=True), torch.randn(8, 5, 6), torch.randint(0, 3, (8,))
    nn.init.normal_(condition.embedding.weight)
    for index in range(5):
        for told in (wanted, None):
            expected = condition.projected(features[:, index], told)
            torch.testing.assert_close(condition.projected(features, told)[:, index], expected)
    expected = 2.0 * F.cross_entropy(condition.classifier(features.mean(1)), wanted)
    torch.testing.assert_close(torch.as_tensor(condition.loss(features, wanted, 1_000)), expected)


def test_both_players_losses_have_the_class_term_of_real_and_of_generated_pictures() -> None:
    condition = partial(Classes, 1.0, 100, False)
    model = gan(condition=condition, counts=COUNTS)
    real, fake = (DiscriminatorInput(torch.randn(6, 3, 16, 16), torch.tensor([0, 1, 2, 2, 1, 0])) for _ in range(2))
    without, _ = model.discriminator_loss(real, fake, 0, penalised=False)
    ramped, _ = model.discriminator_loss(real, fake, 100, penalised=False)
    terms = [
        F.cross_entropy(model.condition.classifier(model.discriminator.features(shown.pictures)), shown.classes)
        for shown in (real, fake)
    ]
    torch.testing.assert_close(ramped - without, sum(terms))
    torch.manual_seed(0)
    early = model.generator_loss(real, 0)
    torch.manual_seed(0)
    late = model.generator_loss(real, 100)
    torch.manual_seed(0)
    shown = model.generate(6)
    expected = F.cross_entropy(model.condition.classifier(model.discriminator.features(shown.pictures)), shown.classes)
    torch.testing.assert_close(late - early, expected)


def test_logits_that_are_observed_are_those_of_training() -> None:
    """With the classes of the pictures; without them, a projection is averaged over all."""
    model = gan(condition=partial(Classes, 1.0, 100, True), counts=COUNTS)
    nn.init.normal_(model.condition.embedding.weight)
    shown = DiscriminatorInput(torch.randn(6, 3, 16, 16), torch.tensor([0, 1, 2, 2, 1, 0]))
    torch.testing.assert_close(logits(model, shown), model.discriminate(shown)[0])
    assert not torch.allclose(logits(model, shown), logits(model, DiscriminatorInput(shown.pictures, None)))


def test_a_grid_has_a_row_for_each_class_with_the_same_noise() -> None:
    model = gan(condition=partial(Classes, 1.0, 100, False), counts=COUNTS)
    grid = model.latents.draw_grid(4, torch.Generator().manual_seed(0))
    assert grid.shape == (12, 5 + 3)
    assert grid[:, 5:].argmax(1).tolist() == [0] * 4 + [1] * 4 + [2] * 4
    assert torch.equal(grid[:4, :5], grid[8:, :5])
    assert model.sample(grid).shape == (12, 3, 16, 16)


def test_the_discriminators_optimiser_trains_the_class_layers() -> None:
    model = gan(condition=partial(Classes, 1.0, 100, True), counts=COUNTS)
    trained = {id(weight) for weight in model.configure_optimizers()[1].param_groups[0]["params"]}
    assert {id(weight) for weight in model.condition.parameters()} <= trained


def test_a_discriminator_that_shows_no_features_cannot_be_told_classes() -> None:
    blind = nn.Sequential(nn.Flatten(), nn.Linear(3 * 16 * 16, 1), nn.Flatten(0))
    with pytest.raises(ValueError, match="needs a discriminator with `features` and a linear `head`"):
        gan(blind, condition=partial(Classes, 1.0, 100, False), counts=COUNTS)
