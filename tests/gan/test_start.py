"""A GAN that begins with another run's weights."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from emotionart.config.compose import compose
from emotionart.config.validate import check
from emotionart.errors import UserError
from emotionart.gan.build import build_gan
from emotionart.gan.module import GAN
from emotionart.gan.start import start_from
from emotionart.networks.normalise import NormalisePixels
from emotionart.pipeline import run
from tests.integration.test_gan import TINY, states

Run = Callable[..., tuple[Path, dict]]


def carry_out(folder: Path, cache: Path, *overrides: str) -> Path:
    folder.mkdir()
    asked = [*TINY, "model.images=32", "logger=none", f"cache={cache}", *overrides]
    composed = compose(asked)
    run(composed, folder)
    return folder


def gan(*overrides: str) -> GAN:
    return build_gan(compose([*TINY, "seed=5", *overrides]).config, NormalisePixels([0.5] * 3, [0.5] * 3))


@pytest.fixture(scope="module")
def trained(cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return carry_out(tmp_path_factory.mktemp("start") / "trained", cache)


def test_a_run_begins_where_the_other_ended(trained: Path, cache: Path, tmp_path: Path) -> None:
    begun = carry_out(tmp_path / "begun", cache, f"start={trained}", "optimizer.lr_generator=0.01")
    first, last = begun / "samples/0000000000.png", trained / "samples/0000000032.png"
    assert first.read_bytes() == last.read_bytes()
    assert json.loads((begun / "result.json").read_text())["images"] == 32
    assert not torch.equal(states(begun)["generator.layers.0.weight"], states(trained)["generator.layers.0.weight"])


def test_all_that_fits_is_taken(trained: Path) -> None:
    new = gan()
    start_from(new, trained)
    for name, tensor in torch.load(trained / "checkpoints/last.ckpt", weights_only=True)["state_dict"].items():
        assert torch.equal(new.state_dict()[name], tensor), name


def test_a_run_without_an_average_gives_its_generator_to_it(trained: Path, cache: Path, tmp_path: Path) -> None:
    plain = carry_out(tmp_path / "plain", cache, "model.ema_halflife=null")
    new = gan()
    start_from(new, plain)
    for name, tensor in new.generator.state_dict().items():
        assert torch.equal(new.average.state_dict()[name], tensor)


def test_what_does_not_fit_is_named(trained: Path, caplog: pytest.LogCaptureFixture) -> None:
    new = gan("model.representation.size=32")
    before = {name: tensor.clone() for name, tensor in new.state_dict().items()}
    with caplog.at_level("INFO"):
        start_from(new, trained)
    after, theirs = new.state_dict(), torch.load(trained / "checkpoints/last.ckpt", weights_only=True)["state_dict"]
    fitting = [
        name for name in after if name != "adaptation" and name in theirs and theirs[name].shape == after[name].shape
    ]
    assert "generator.layers.4.weight" in fitting
    assert "generator.layers.0.weight" not in fitting
    for name, tensor in after.items():
        assert torch.equal(tensor, theirs[name] if name in fitting else before[name]), name
    assert "generator.layers.0.weight (32x8, here 128x8), " in caplog.text
    assert f"{len(fitting)} of {len(after)} tensors" in caplog.text


def test_mistakes(trained: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="No layer of that run's generator fits this one: generator") as caught:
        start_from(gan("generator.width=4", "discriminator.width=4", "model.latent=9", "generator.norm=none"), trained)
    assert "discriminator" not in str(caught.value)
    with pytest.raises(UserError, match="There is no checkpoint of a GAN in this folder"):
        start_from(gan(), tmp_path)
    assert check(compose([f"start={trained}"])) == [], "a classifier begins with weights, too: tests/cli/test_resume.py"


def test_the_preset_for_a_gpu_composes() -> None:
    composed = compose(["experiment=portraits_gpu", "data.path=x"]).config
    assert composed.generator.size == composed.discriminator.size == 128
    assert composed.model.loss == "hinge"
    assert composed.model.features.name == "squeezenet1_0" != composed.discriminator.backbone.name, "never its own eyes"
