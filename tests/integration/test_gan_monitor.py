"""What goes wrong in a GAN's training is told within so many images, and acted upon."""

import csv
from collections.abc import Callable
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
from emotionart.gan.callbacks import GANMonitorCallback
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


def test_a_constant_generator_is_called_collapsed(tiny_run: Run, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    target = "generator._target_=tests.integration.test_gan_monitor.Constant"
    folder, result = tiny_run(*WATCHED, "generator=fc", target)
    assert first_told(result) == {"images": WITHIN, "state": "collapsed"}
    assert f"{WITHIN} images: COLLAPSED. To try: a lower optimizer.lr_generator" in caplog.text
    assert "training was COLLAPSED at the end. To try:" in caplog.text
    last = list(csv.DictReader((folder / "metrics.csv").open()))[-1]
    assert float(last["gan/diversity"]) == 0
    assert result["metrics"]["gan/state"] == 3


def test_a_discriminator_that_learns_a_hundred_times_as_fast_is_called_winning(tiny_run: Run) -> None:
    default = compose(["model=gan_study"]).config.optimizer.lr_discriminator
    overrides = [*ALIKE, "model=gan_study", f"optimizer.lr_discriminator={100 * default}", "discriminator.width=8"]
    folder, result = tiny_run(*WATCHED, *overrides)
    assert first_told(result)["state"] == "discriminator winning"
    assert first_told(result)["images"] <= 256
    accuracy = {
        float(row["gan/images"]): float(row["gan/accuracy"]) for row in csv.DictReader((folder / "metrics.csv").open())
    }
    assert accuracy[first_told(result)["images"]] >= 0.95


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


def test_nan_stops_the_run_at_once(tiny_run: Run, tmp_path: Path) -> None:
    rates = ["optimizer.lr_generator=1e30", "optimizer.lr_discriminator=1e30", "generator.norm=none"]
    with pytest.raises(Failure, match="no longer finite"):
        tiny_run(*WATCHED, *rates)
    rows = list(csv.DictReader((tmp_path / "run" / "metrics.csv").open()))
    assert [float(row["gan/state"]) for row in rows] == [5]


def test_signs_of_a_relativistic_discriminator_do_not_depend_on_where_its_zero_is() -> None:
    config = compose([*TINY, "model.loss=relativistic", "model.r2=0.1"]).config
    gan = build_gan(config, build_representation(config).input_transform())
    pictures = np.random.default_rng(0).integers(0, 256, (64, 16, 16, 3), dtype=np.uint8)
    watch = GANMonitorCallback(pictures[:40], pictures[40:], instantiate(config.model.monitor), 0, 8)
    torch.manual_seed(0)
    before = watch.observe(gan)
    assert -1 < before.sign_real < 1
    with torch.no_grad():
        gan.discriminator.head.bias += 1
    torch.manual_seed(0)
    assert watch.observe(gan) == before


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
