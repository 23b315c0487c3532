"""A finished run is made longer only where it would go on as it began."""

import pytest

from emotionart.config.compose import compose
from emotionart.run.length import doubled_length


@pytest.mark.parametrize(
    ("overrides", "epochs", "extendable"),
    [
        ([], 4, True),
        (["scheduler=plateau"], 4, True),
        (["scheduler=cosine"], 4, False),
        (["trainer.max_epochs=null", "trainer.max_steps=24"], 4, False),
        ([], 3, False),
        ([], 0, False),
    ],
)
def test_a_classifier_is_trained_for_twice_as_many_epochs(overrides: list[str], epochs: int, extendable: bool) -> None:
    config = compose(["model=shallow_arch1", "trainer.max_epochs=4", *overrides]).resolved()
    assert doubled_length(config, epochs) == ("trainer.max_epochs=8" if extendable else None)


@pytest.mark.parametrize(
    ("overrides", "images", "extendable"),
    [
        (["model=gan", "model.images=20000"], 20_096, True),
        (["model=gan", "model.images=12000"], 12_032, False),
        (["model=gan", "model.images=2000"], 2_016, False),
        (["model=r3gan", "model.images=20000"], 20_096, False),
        (["model=gan", "model.images=20000"], 10_048, False),
    ],
)
def test_a_gan_is_trained_for_twice_as_many_images(overrides: list[str], images: int, extendable: bool) -> None:
    config = compose(overrides).resolved()
    doubled = f"model.images={2 * config['model']['images']}"
    assert doubled_length(config, images) == (doubled if extendable else None)
