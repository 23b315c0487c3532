"""The commands that a run's page suggests can be used as they stand."""

from pathlib import Path

import pytest

from emotionart.classifier.evaluation.page import classifier_commands
from emotionart.config.compose import compose
from emotionart.gan.page import gan_commands


@pytest.mark.parametrize(
    ("overrides", "epochs", "extendable"),
    [([], 4, True), (["scheduler=cosine"], 4, False), (["scheduler=plateau"], 4, True), ([], 3, False)],
)
def test_a_classifier_is_trained_on_where_that_is_not_refused(
    overrides: list[str], epochs: int, extendable: bool
) -> None:
    config = compose(["model=shallow_arch1", "trainer.max_epochs=4", *overrides]).resolved()
    told = "\n".join(classifier_commands(Path("run"), config, epochs))
    assert ("resume=run trainer.max_epochs=8" in told) == extendable
    assert "start=run" in told


@pytest.mark.parametrize(
    ("overrides", "seen", "extendable"),
    [
        (["model=gan", "model.images=20000"], 20_096, True),
        (["model=gan", "model.images=12000"], 12_032, False),
        (["model=gan", "model.images=2000"], 2_016, False),
        (["model=r3gan", "model.images=20000"], 20_096, False),
        (["model=gan", "model.images=20000"], 10_048, False),
    ],
)
def test_a_gan_is_trained_on_where_that_is_not_refused(overrides: list[str], seen: int, extendable: bool) -> None:
    config = compose(overrides).resolved()
    told = "\n".join(gan_commands(Path("run"), config, seen))
    assert (f"resume=run model.images={2 * config['model']['images']}" in told) == extendable
    assert ("start=run" in told) != extendable
