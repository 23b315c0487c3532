"""Two processes that train one GAN see what one sees."""

import json
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from tests.conftest import stop, train
from tests.gan.test_build import pair
from tests.integration.test_gan import TINY, states
from tests.integration.test_gan_projected import QUALITY
from tests.run.devices.test_devices import ONE, TWO, numbers

Run = Callable[..., tuple[Path, dict[str, Any]]]

PLAIN = [option for option in TINY if not option.startswith(("model=", "generator.", "discriminator.", "trainer.max"))]
SMALL = [*PLAIN, "trainer.precision=32-true"]
STUDY = pair("deconv", "cnn")
WATCHED = [f"model.monitor.{key}" for key in ("action=skip", "grace=0", "patience=1", "winning=0", "vanished=1e9")]
EVERYTHING = ["model=acgan", *STUDY, "model.condition.ramp_images=32", "model.adaptive=true", "model.penalty_every=2"]


def both(tiny_run: Run, *what: str) -> tuple[Path, Path]:
    """Folders of the same run on one device and on two, which hold the same files with the same metrics."""
    one, _ = tiny_run(*SMALL, *what, *ONE, name="one")
    two, result = tiny_run(*SMALL, *what, *TWO, name="two")
    written = [sorted(path.name for path in folder.rglob("*") if path.name != ".lock") for folder in (one, two)]
    assert written[0] == written[1]
    assert (one / "metrics.csv").read_text().splitlines()[0] == (two / "metrics.csv").read_text().splitlines()[0]
    assert set(result) == set(json.loads((one / "result.json").read_text()))
    assert not torch.distributed.is_initialized()
    return one, two


def test_two_devices_have_the_losses_and_the_pictures_of_one(tiny_run: Run) -> None:
    """With classes, penalties, adaptive augmentation, an average, and batch norm over the whole batch."""
    one, two = both(tiny_run, *EVERYTHING, "model.images=64")
    for columns, tolerance in (("gan/", 2e-3), ("gan/d_", 1e-5), ("gan/g_", 1e-5), ("gan/augmented", 0)):
        found = [numbers(folder / "metrics.csv", columns) for folder in (one, two)]
        np.testing.assert_allclose(found[1], found[0], atol=tolerance, err_msg=columns)
        assert found[0].size
    sheets = sorted((one / "samples").iterdir())
    assert sheets
    for sheet in sheets:
        shown = [np.asarray(Image.open(folder / "samples" / sheet.name), dtype=int) for folder in (one, two)]
        assert np.abs(shown[1] - shown[0]).max() <= 2, sheet.name


@pytest.mark.slow
@pytest.mark.parametrize(
    "what",
    [
        ["model=gan", *STUDY, "generator.norm=none", "model.loss=relativistic", "model.r2=0.1", *WATCHED],
        ["model=r3gan", *pair("r3gan", "r3gan"), "workers=2", "augment=random"],
    ],
    ids=["gan", "r3gan"],
)
def test_without_batch_norm_all_weights_are_equal(tiny_run: Run, what: list[str]) -> None:
    one, two = both(tiny_run, *what)
    np.testing.assert_allclose(numbers(two / "metrics.csv"), numbers(one / "metrics.csv"), atol=1e-5)
    known = states(one)
    for name, tensor in states(two).items():
        torch.testing.assert_close(tensor, known[name], atol=1e-5, rtol=1e-4, msg=name)


@pytest.mark.slow
def test_a_frozen_network_trains_the_discriminator_and_another_finds_the_best_moment(tiny_run: Run) -> None:
    one, two = both(tiny_run, "model=gan_projected", *pair("fastgan", "projected"), *QUALITY)
    for columns, tolerance in (("gan/", 2e-3), ("gan/d_", 1e-4), ("gan/g_", 1e-4), ("gan/val_kid", 1e-3)):
        found = [numbers(folder / "metrics.csv", columns) for folder in (one, two)]
        np.testing.assert_allclose(found[1], found[0], atol=tolerance, err_msg=columns)
    best = [json.loads((folder / "result.json").read_text())["checkpoint"]["images"] for folder in (one, two)]
    assert best[0] == best[1]


@pytest.mark.slow
def test_all_devices_stop_when_the_first_one_says_so(tiny_run: Run) -> None:
    stopping = ["model.monitor.action=stop", *WATCHED[1:]]
    _, result = tiny_run(*SMALL, "model=gan_study", *STUDY, *stopping, *TWO)
    assert result["images"] == 32 < 96
    assert result["monitor"]["state"] == "discriminator winning"


@pytest.mark.slow
def test_a_gan_on_two_devices_that_is_stopped_twice_goes_on(cache: Path, tmp_path: Path) -> None:
    what = [*SMALL, *EVERYTHING, *TWO, "model.images=384", f"cache={cache}", "logger=csv", "figures=later"]
    unbroken, stopped = tmp_path / "unbroken", tmp_path / "stopped"
    assert train(*what, f"hydra.run.dir={unbroken}").returncode == 0
    assert stop(signal.SIGTERM, "64 images", stopped, *what).returncode == 128 + signal.SIGTERM
    assert json.loads((stopped / "run.json").read_text())["status"] == "interrupted"
    assert stop(signal.SIGKILL, "192 images", stopped, *what, "resume=auto").returncode == -signal.SIGKILL
    resumed = train(*what, f"hydra.run.dir={stopped}", "resume=auto")
    assert resumed.returncode == 0, resumed.stderr
    for file in ("result.json", "metrics.csv", "samples/0000000384.png"):
        assert (stopped / file).read_bytes() == (unbroken / file).read_bytes(), file
