"""What goes wrong in a GAN's training is told within so many images, and acted upon."""

import csv
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor, nn

from emotionart.config.compose import compose
from emotionart.config.instantiate import instantiate
from emotionart.errors import Failure
from emotionart.gan.build import build_gan
from emotionart.gan.health.monitor import STATES
from emotionart.gan.health.observe import Observer, RealPictures
from emotionart.run.data import build_representation
from tests.integration.test_gan import TINY, states

Run = Callable[..., tuple[Path, dict]]

GRACE, PATIENCE, REPORT = 64, 2, 32
WATCHED = [
    *TINY, f"model.monitor.grace={GRACE}", f"model.monitor.patience={PATIENCE}", f"model.report_every={REPORT}",
    "model.images=256",
]  # fmt: skip
ALIKE = ["model.monitor.diversity=0", "model.monitor.nearness=0"]
"""Takes pictures that are alike for healthy, as those of a generator are that has hardly begun."""

WITHIN = GRACE + PATIENCE * REPORT
"""Images within which a state is told that is there from the start."""


class Constant(nn.Module):
    """A generator that always gives the same picture."""

    def __init__(self, latent: int, size: int, depth: int, width: int) -> None:
        super().__init__()
        self.picture = nn.Parameter(torch.zeros(3, size, size))

    def forward(self, noise: Tensor) -> Tensor:
        return self.picture.expand(len(noise), -1, -1, -1)


def first_told(result: dict) -> dict:
    return result["monitor"]["told"][0]


def constant(name: str) -> str:
    return f"generator._target_=tests.integration.test_gan_monitor.{name}"


FAST_DISCRIMINATOR = ["model=gan_study", "optimizer.lr_discriminator=0.05", "discriminator.width=8"]
FAILURES = {
    "a discriminator that learns a hundred times as fast": (FAST_DISCRIMINATOR, "discriminator winning"),
    "the same, whose generator's pictures become alike": (
        [*FAST_DISCRIMINATOR, "model.monitor.diversity=0.4"],
        "discriminator winning",
    ),
    "a generator that learns a thousand times as fast": (["optimizer.lr_generator=1"], "collapsed"),
    "a discriminator that learns nothing": (
        ["model=gan_study", "optimizer.lr_discriminator=0", "optimizer.lr_generator=0.005", *ALIKE],
        "generator winning",
    ),
    "numbers that are none": (
        ["optimizer.lr_generator=1e30", "optimizer.lr_discriminator=1e30", "generator.norm=none"],
        "not finite",
    ),
}
"""What is provoked, and what has to be told."""


@pytest.mark.parametrize("failure", FAILURES)
def test_a_provoked_failure_is_called_by_its_name(tiny_run: Run, tmp_path: Path, failure: str) -> None:
    overrides, state = FAILURES[failure]
    if state == "not finite":
        with pytest.raises(Failure, match="no longer finite"):
            tiny_run(*WATCHED, *overrides)
    else:
        _, result = tiny_run(*WATCHED, *overrides)
        assert first_told(result)["state"] == state
    rows = list(csv.DictReader((tmp_path / "run" / "metrics.csv").open()))
    assert float(rows[-1]["gan/state"]) == STATES.index(state)


def test_a_collapse_is_told_with_what_to_try(tiny_run: Run, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    folder, result = tiny_run(*WATCHED, "generator=fc", constant("Constant"))
    assert first_told(result) == {"images": WITHIN, "state": "collapsed"}
    assert f"{WITHIN} images: COLLAPSED. To try: a lower optimizer.lr_generator" in caplog.text
    assert "training was COLLAPSED at the end. To try:" in caplog.text
    last = list(csv.DictReader((folder / "metrics.csv").open()))[-1]
    assert float(last["gan/diversity"]) == float(last["gan/average_diversity"]) == 0
    assert float(last["gan/state"]) == STATES.index("collapsed")


def test_skip_acts_on_a_discriminator_that_wins_completely(tiny_run: Run) -> None:
    folder, result = tiny_run(*WATCHED, *FAST_DISCRIMINATOR, "model.monitor.action=skip")
    assert first_told(result)["state"] == "discriminator winning"
    checkpoint = torch.load(folder / "checkpoints" / "last.ckpt", weights_only=True)
    generator, discriminator = (
        float(next(iter(player["state"].values()))["step"]) for player in checkpoint["optimizer_states"]
    )
    assert discriminator < generator


def test_the_average_is_not_taken_for_the_generator(tiny_run: Run) -> None:
    """An average that hardly moves gives pictures that are all alike, while the generator's are not."""
    folder, result = tiny_run(*WATCHED, "model.ema_halflife=1000000", "model.monitor.diversity=0.1")
    last = list(csv.DictReader((folder / "metrics.csv").open()))[-1]
    assert float(last["gan/average_diversity"]) < 0.1 < float(last["gan/diversity"])
    assert all(event["state"] != "collapsed" for event in result["monitor"]["told"])


def test_a_generator_that_copies_is_memorising() -> None:
    torch.manual_seed(0)
    pictures = torch.randint(0, 256, (64, 16, 16, 3), dtype=torch.uint8).numpy()
    config = compose([*TINY, "generator=fc"]).config
    gan = build_gan(config, build_representation(config).input_transform())
    known = gan.pictures(torch.from_numpy(pictures[:40]))

    class Copier(nn.Module):
        def forward(self, noise: Tensor) -> Tensor:
            return known[(noise[:, 0].abs() * 1_000).long() % 40] + 0.01 * noise[:, :1, None, None]

    gan.generator = gan.average = Copier()
    gan.on_train_epoch_start()
    observer = Observer(RealPictures(pictures[:40], None), RealPictures(pictures[40:], None), seed=0)
    limits = instantiate(config.model.monitor)
    assert limits.classify(replace(observer.observe(gan)[0], accuracy=0.6), limits.grace + 1) == "memorising"


@pytest.mark.slow
def test_32_pictures_that_are_known_by_heart_are_noticed(tiny_run: Run, tmp_path: Path) -> None:
    from tests.integration.test_gan import _run_on

    generator = np.random.default_rng(0)
    (tmp_path / "art").mkdir()
    for number in range(32):
        picture = generator.integers(0, 256, (16, 16, 3), dtype=np.uint8)
        Image.fromarray(picture).save(tmp_path / "art" / f"{number}.png")
    settings = [option for option in WATCHED if not option.startswith("data.")]
    plain = [
        "model=gan_study",
        "model.monitor.diversity=0",
        "discriminator=fc",
        "discriminator.width=8",
        "model.images=1600",
    ]
    data = ["data=folder", f"data.path={tmp_path}/art", "data.near_duplicates=null"]
    result = _run_on([*settings, *plain], data, tmp_path / "run")
    assert first_told(result)["state"] in ("discriminator winning", "memorising")
    assert first_told(result)["images"] <= 1_600


def test_signs_of_a_relativistic_discriminator_do_not_depend_on_where_its_zero_is() -> None:
    config = compose([*TINY, "model.loss=relativistic", "model.r2=0.1"]).config
    gan = build_gan(config, build_representation(config).input_transform())
    pictures = np.random.default_rng(0).integers(0, 256, (64, 16, 16, 3), dtype=np.uint8)
    observer = Observer(RealPictures(pictures[:40], None), RealPictures(pictures[40:], None), seed=0)
    gan.on_train_epoch_start()
    torch.manual_seed(0)
    before, _ = observer.observe(gan)
    assert -1 < before.sign_real < 1
    with torch.no_grad():
        gan.discriminator.head.bias += 1
    torch.manual_seed(0)
    after, _ = observer.observe(gan)
    assert replace(after, gradient=0.0) == replace(before, gradient=0.0)


def test_stop_stops(tiny_run: Run) -> None:
    target = "generator._target_=tests.integration.test_gan_monitor.Constant"
    _, result = tiny_run(*WATCHED, "generator=fc", target, "model.monitor.action=stop")
    assert result["images"] == WITHIN


def test_skip_leaves_out_every_second_step_of_a_winning_discriminator(tiny_run: Run) -> None:
    """A limit that every discriminator reaches: it steps as often as there are batches, then half as often."""
    folder, _ = tiny_run(*WATCHED, *ALIKE, "model.monitor.winning=0", "model.monitor.action=skip")
    checkpoint = torch.load(folder / "checkpoints" / "last.ckpt", weights_only=True)
    steps = [float(next(iter(player["state"].values()))["step"]) for player in checkpoint["optimizer_states"]]
    before, after = WITHIN // 8, (256 - WITHIN) // 8
    assert steps == [before + after, before + after / 2]


def test_the_probability_of_changes_is_part_of_the_run(tiny_run: Run) -> None:
    folder, result = tiny_run(*WATCHED, "model.adaptive=true", "model.adapt_target=-1", "model.adapt_images=256")
    assert result["metrics"]["gan/augmented"] == pytest.approx(float(states(folder)["adaptation"][0]))
    assert result["metrics"]["gan/augmented"] > 0
