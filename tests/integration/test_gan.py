"""Whole runs of GANs: every pair, from pictures without labels, resumed to the bit."""

import csv
import json
import signal
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from emotionart.errors import Failure, UserError
from tests.conftest import stop, train
from tests.wandb_log import read_offline_runs

Run = Callable[..., tuple[Path, dict]]

TINY = (
    "model=gan",
    "data.count=160",
    "data.picture_size=32",
    "model.representation.size=16",
    "generator.width=2",
    "discriminator.width=2",
    "model.latent=8",
    "model.images=96",
    "model.report_every=32",
    "trainer.threads=1",
    "trainer.max_epochs=null",
    "batch_size=8",
)


@pytest.fixture
def loose(tmp_path: Path) -> Path:
    """A folder of pictures of noise, and a table that names them and nothing else."""
    generator = np.random.default_rng(0)
    folder = tmp_path / "art"
    folder.mkdir()
    names = [f"{number}.png" for number in range(60)]
    for name in names:
        Image.fromarray(generator.integers(0, 256, (20, 20, 3), dtype=np.uint8)).save(folder / name)
    (folder / "pictures.csv").write_text("\n".join(["image", *sorted(names)]))
    return folder


def states(folder: Path) -> dict[str, torch.Tensor]:
    """Every tensor of the last checkpoint: networks, average, both optimisers."""
    checkpoint = torch.load(folder / "checkpoints" / "last.ckpt", weights_only=True)
    found = dict(checkpoint["state_dict"])
    assert len(checkpoint["optimizer_states"]) == 2
    for player, optimizer in enumerate(checkpoint["optimizer_states"]):
        for number, state in optimizer["state"].items():
            found |= {f"{player}.{number}.{name}": value for name, value in state.items()}
    return found


@pytest.mark.parametrize("generator", ["fc", "deconv", "resize_conv"])
@pytest.mark.parametrize("discriminator", ["fc", "cnn"])
def test_every_pair_trains_and_leaves_everything_in_its_folder(
    tiny_run: Run, generator: str, discriminator: str
) -> None:
    folder, result = tiny_run(*TINY, f"generator={generator}", f"discriminator={discriminator}", "figures=now")
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert found - {".lock"} == {
        "config.yaml", "overrides.yaml", "split.csv", "provenance.json", "run.json", "result.json", "metrics.csv",
        "report.html", "MODEL_CARD.md", "checkpoints/last.ckpt", "checkpoints/previous.ckpt",
        "figures/reals.png", "figures/samples.png",
        "figures/interpolations.png",
        "figures/progress.gif", "figures/curves.png", "figures/nearest.png",
        *(f"samples/{images:010d}.png" for images in (0, 32, 64, 96)),
    }  # fmt: skip
    assert json.loads((folder / "result.json").read_text()) == result
    assert (result["kind"], result["generator"], result["discriminator"]) == ("gan", generator, discriminator)
    assert result["images"] == 96
    weights = torch.load(folder / "checkpoints" / "last.ckpt", weights_only=True)["state_dict"]
    learnt = sum(tensor.numel() for name, tensor in weights.items() if name.startswith("discriminator."))
    assert result["parameters"]["discriminator"] == learnt
    rows = list(csv.DictReader((folder / "metrics.csv").open()))
    assert [float(row["gan/images"]) for row in rows] == [32, 64, 96]
    for name in ("gan/d_loss", "gan/g_loss", "gan/sign_real", "gan/sign_heldout", "gan/sign_fake"):
        assert all(np.isfinite(float(row[name])) for row in rows)
        assert result["metrics"][name] == float(rows[-1][name])
    assert json.loads((folder / "provenance.json").read_text())["seconds_per_1000_images"] > 0
    with Image.open(folder / "figures" / "progress.gif") as animation:
        assert animation.n_frames == 4


def test_the_same_run_twice_is_bit_equal_and_workers_do_not_matter(tiny_run: Run) -> None:
    first = tiny_run(*TINY, name="first")[0]
    second = tiny_run(*TINY, "workers=2", name="second")[0]
    for name, tensor in states(first).items():
        assert torch.equal(tensor, states(second)[name]), name
    for file in ("result.json", "metrics.csv", "figures/samples.png", "figures/progress.gif"):
        assert (first / file).read_bytes() == (second / file).read_bytes(), file


@pytest.mark.parametrize(
    "overrides",
    [
        ["model.loss=hinge", "discriminator.spectral_norm=true", "model.r1=0", "optimizer.discriminator_steps=2"],
        ["model.loss=relativistic", "model.r2=0.1", "model.penalty_every=1", "optimizer.generator_steps=2"],
        ["trainer.precision=bf16-mixed", "augment=random", "generator.norm=none"],
        ["debug=fast"],
    ],
)
def test_settings_can_be_combined(tiny_run: Run, overrides: list[str]) -> None:
    _, result = tiny_run(*TINY, *overrides)
    expected = 3 * 2 * 8 if overrides == ["debug=fast"] else 96
    assert result["images"] == expected
    assert all(np.isfinite(value) for value in result["metrics"].values())


def test_as_many_images_are_shown_as_are_asked_for(tiny_run: Run, caplog: pytest.LogCaptureFixture) -> None:
    folder, result = tiny_run(*TINY, "model.images=40")
    assert result["images"] == 40
    assert [path.stem for path in sorted((folder / "samples").iterdir())] == ["0000000000", "0000000040"]
    assert "will still be 99% its random first weights after 40 images" in caplog.text


def test_the_study_has_no_average_and_samples_from_its_generator(
    tiny_run: Run, caplog: pytest.LogCaptureFixture
) -> None:
    folder, result = tiny_run(*TINY, "model=gan_study")
    assert "random first weights" not in caplog.text
    assert result["images"] == 96
    assert all(np.isfinite(value) for value in result["metrics"].values())
    assert not any(name.startswith("average") for name in states(folder))


# Reports far enough apart that a run can be killed between them.
SLOW = [*TINY, "logger=wandb", "model.images=800", "model.report_every=200", "model.penalty_every=3", "batch_size=4"]


@pytest.fixture(scope="module")
def unbroken(cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("unbroken")
    finished = train(*SLOW, f"cache={cache}", "logger=csv", f"hydra.run.dir={folder}")
    assert finished.returncode == 0, finished.stderr
    return folder


@pytest.mark.parametrize(
    ("report", "delay", "workers"), [(1, 0.0, 0), pytest.param(2, 0.15, 2, marks=pytest.mark.slow)]
)
def test_a_killed_run_that_is_resumed_is_bit_equal_to_the_unbroken_one(
    unbroken: Path, cache: Path, tmp_path: Path, report: int, delay: float, workers: int
) -> None:
    folder = tmp_path / "killed"
    arguments = [*SLOW, f"cache={cache}", f"workers={workers}"]
    assert (
        stop(signal.SIGKILL, f"{200 * report:,} images", folder, *arguments, delay=delay).returncode == -signal.SIGKILL
    )
    assert not (folder / "result.json").exists()

    resumed = train(f"resume={folder}")
    assert resumed.returncode == 0, resumed.stderr
    for name, tensor in states(unbroken).items():
        assert torch.equal(tensor, states(folder)[name]), name
    for file in ("result.json", "metrics.csv", "figures/samples.png", "figures/progress.gif", "figures/curves.png"):
        assert (folder / file).read_bytes() == (unbroken / file).read_bytes(), file
    _, finished = read_offline_runs(folder)
    assert finished.exit_code == 0
    assert [row["gan/images"] for row in finished.history if "gan/d_loss" in row] == [200, 400, 600, 800]


def test_pictures_without_labels_are_enough(loose: Path) -> None:
    given = [option for option in TINY if not option.startswith("data.")]
    small = [*given, "model.images=32", "data.near_duplicates=null"]
    results = [
        _run_on(small, ["data=folder", f"data.path={loose}"], loose.parent / "folder"),
        _run_on(small, ["data=table", f"data.path={loose}/pictures.csv"], loose.parent / "table"),
    ]
    assert results[0] == {**results[1], "data": "folder"}
    assert sum(results[0]["pictures"].values()) == 60


def _run_on(settings: list[str], data: list[str], folder: Path) -> dict:
    from emotionart.config.compose import compose
    from emotionart.pipeline import run

    folder.mkdir()
    asked = [*settings, *data, "logger=none", f"cache={folder.parent}/cache"]
    composed = compose(asked)
    return run(composed, folder)


def test_a_labelled_table_gives_the_same_parts_to_a_gan_and_to_a_classifier(tiny_run: Run) -> None:
    parts = []
    for name, overrides in (("gan", TINY), ("classifier", [option for option in TINY if option.startswith("data.")])):
        folder, _ = tiny_run(*overrides, name=name)
        parts.append({row["id"]: row["part"] for row in csv.DictReader((folder / "split.csv").open())})
    assert parts[0] == parts[1]


def test_fewer_pictures_than_a_batch_are_refused(tiny_run: Run, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="pictures, fewer than a batch of 128") as caught:
        tiny_run(*TINY, "batch_size=128")
    assert "fix: batch_size=" in str(caught.value)
    assert not (tmp_path / "run" / "checkpoints" / "last.ckpt").exists()


def test_batch_norm_under_a_gradient_penalty_is_refused(tiny_run: Run) -> None:
    with pytest.raises(UserError, match="batch norm cannot have a gradient penalty"):
        tiny_run(*TINY, "discriminator._target_=tests.integration.test_gan.normalised_discriminator")


def normalised_discriminator(
    size: int, depth: int, width: int, kernel_size: int, spectral_norm: bool
) -> torch.nn.Module:
    """A user's own discriminator, with batch norm."""
    del depth, width, kernel_size, spectral_norm
    return torch.nn.Sequential(
        torch.nn.Flatten(), torch.nn.BatchNorm1d(3 * size**2), torch.nn.Linear(3 * size**2, 1), torch.nn.Flatten(0)
    )


def test_a_generator_that_diverges_is_a_failure_and_no_result(tiny_run: Run, tmp_path: Path) -> None:
    with pytest.raises(Failure, match="no longer finite"):
        tiny_run(*TINY, "optimizer.lr_generator=1e30", "optimizer.lr_discriminator=1e30", "generator.norm=none")
    assert not (tmp_path / "run" / "result.json").exists()
