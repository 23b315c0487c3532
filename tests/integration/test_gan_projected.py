"""Whole runs of a GAN with a frozen network in its discriminator: its best moment, leaks, and exact resume."""

import csv
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from emotionart.config.compose import compose
from emotionart.errors import UserError
from emotionart.gan.build import build_gan
from emotionart.gan.features import Features, mark_leaks
from emotionart.gan.generation.sampler import load_sampler
from emotionart.gan.trained import findings
from emotionart.pipeline import run
from tests.gan.test_build import pair
from tests.integration.test_gan import TINY, states
from tests.wandb_log import read_offline_runs

Run = Callable[..., tuple[Path, dict]]

PLAYERS = {
    "gan_projected": [*pair("fastgan", "projected"), "generator.upsampling=bilinear", "generator.noise=true"],
    "r3gan": pair("r3gan", "r3gan"),
}
SMALL = [option for option in TINY if not option.startswith(("model=", "generator.", "discriminator."))]
QUALITY = [
    "model/features=backbone", "model.features.name=squeezenet1_1", "model.features.size=64",
    "model.features.weights=random", "model.samples=30", "model.kid_subset=10",
]  # fmt: skip

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("model", PLAYERS)
def test_an_interrupted_run_ends_as_if_it_had_not_been(tiny_run: Run, cache: Path, tmp_path: Path, model: str) -> None:
    asked = [*SMALL, f"model={model}", *PLAYERS[model], "model.images=48", "model.report_every=16"]
    whole, result = tiny_run(*asked, name="whole")

    class Killed(Exception):
        pass

    reports = []

    def kill(row: dict) -> None:
        reports.append(row)
        if len(reports) == 2:
            raise Killed

    folder = tmp_path / "killed"
    folder.mkdir()
    overrides = ["model.representation.size=16", *asked, "logger=csv", f"cache={cache}"]
    composed = compose(overrides)
    with pytest.raises(Killed):
        run(composed, folder, on_epoch=kill)
    (folder / "error.txt").unlink()
    composed = compose([*overrides, f"resume={folder}"])
    resumed = run(composed, folder)
    assert resumed == result
    for name, tensor in states(whole).items():
        assert torch.equal(tensor, states(folder)[name]), name
    assert (folder / "metrics.csv").read_bytes() == (whole / "metrics.csv").read_bytes()
    saved = {name for name in states(folder) if name.startswith("discriminator.pyramid")}
    assert len(saved) == (2 if model == "gan_projected" else 0)


def test_the_best_moment_is_kept_and_used(tiny_run: Run) -> None:
    folder, result = tiny_run(*TINY, *QUALITY, "model.images=96", "optimizer.lr_generator=0.05")
    rows = list(csv.DictReader((folder / "metrics.csv").open()))
    kids = {int(float(row["gan/images"])): float(row["gan/val_kid_random_squeezenet1_1"]) for row in rows}
    best = min(kids, key=kids.__getitem__)
    assert result["checkpoint"] == {"file": "checkpoints/best.ckpt", "images": best}
    assert (folder / "figures/samples.png").read_bytes() == (folder / f"samples/{best:010d}.png").read_bytes()
    weights = torch.load(folder / "checkpoints/best.ckpt", weights_only=True)["state_dict"]
    for name, tensor in load_sampler(folder).network.state_dict().items():
        assert torch.equal(tensor, weights[f"average.{name}"])
    for name, tensor in load_sampler(folder, averaged=False).network.state_dict().items():
        assert torch.equal(tensor, weights[f"generator.{name}"])


def test_no_metric_is_computed_on_the_discriminators_own_network(tiny_run: Run, tmp_path: Path) -> None:
    same = [*QUALITY, "model.features.name=test_resnet", "model.features.source=timm"]
    with pytest.raises(UserError, match="The discriminator learns through the same network, random_test_resnet"):
        tiny_run(*SMALL, "model=gan_projected", *PLAYERS["gan_projected"], *same)
    assert not list((tmp_path / "run").glob("checkpoints/*"))


def test_a_random_network_is_marked_everywhere(tiny_run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WANDB_MODE", "offline")
    asked = [*SMALL, "model=gan_projected", *PLAYERS["gan_projected"], "model.images=16", "model.report_every=16"]
    folder, result = tiny_run(*asked, "logger=wandb", "figures=now")
    frozen = result["seen_through"]
    assert (frozen["name"], frozen["weights"]) == ("test_resnet", "random")
    pyramid = build_gan(compose(["model.representation.size=16", *asked]).config, torch.nn.Identity()).seen_through
    assert frozen["digest"] == pyramid.digest
    page = (folder / "report.html").read_text()
    assert "RANDOM FEATURES: the discriminator sees through test_resnet" in page
    assert f"resume={folder} model.images=32" in page
    assert "random-features" in read_offline_runs(folder)[0].tags


def test_a_judge_that_shares_the_network_is_marked() -> None:
    features = Features("transfer", lambda files: torch.zeros(len(files), 1), digests=frozenset("a"))
    assert mark_leaks(features, "a", chosen=False).label == "transfer_leaks"
    assert mark_leaks(features, "b", chosen=False) is features
    assert mark_leaks(features, None, chosen=True) is features


SAME = "{name: test_resnet, source: timm, weights: random}"
JUDGES = {
    "transfer": [
        "model.backbone.name=test_resnet", "model.backbone.source=timm", "model.backbone.weights=random",
        "model.backbone.layer=layer2", "model.backbone.size=64",
    ],
    "transfer_joined": [f"model.backbones=[{SAME}, {{name: squeezenet1_1, weights: random}}]", "model.size=64"],
}  # fmt: skip


@pytest.mark.parametrize("model", JUDGES)
def test_a_judge_of_the_same_backbone_leaks_at_any_layer(tiny_run: Run, model: str) -> None:
    judge, _ = tiny_run(f"model={model}", *JUDGES[model], "trainer.max_epochs=1", name="judge", pixels=False)
    asked = [*SMALL, "model=gan_projected", *PLAYERS["gan_projected"], "model.images=16", "model.report_every=16"]
    _, result = tiny_run(*asked, "model.samples=30", "model.kid_subset=10", f"judge={judge}", name="gan")
    assert result["distances"]["leaks"]
    assert f"gan/kid_{model}_leaks" in result["metrics"]
    assert result["checkpoint"]["file"] == "checkpoints/last.ckpt", "no moment is chosen by what leaks"
    assert "which trained the discriminator and say little" in "\n".join(findings(result))
