"""The bar, drawn into a text."""

import io
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import pytest
import pytorch_lightning as pl
import torch
from pytorch_lightning.callbacks import LambdaCallback, ModelCheckpoint
from rich.console import Console
from rich.text import Text
from torch.utils.data import DataLoader, TensorDataset

from emotionart.classifier.training.fit import describe_metrics
from emotionart.gan.fit import describe_metrics as tell_of_gan
from emotionart.gan.health.monitor import STATES, State
from emotionart.run.training.bar import DescribeMetrics, TrainingBar, fitting


class Halving(pl.LightningModule):
    """Its loss halves with each epoch."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = torch.nn.Parameter(torch.ones(1))

    def training_step(self, batch: list[torch.Tensor], index: int) -> torch.Tensor:
        self.log("train/loss", 0.5**self.current_epoch, on_epoch=True, on_step=False)
        return self.weight.sum()

    def configure_optimizers(self) -> torch.optim.Optimizer:
        return torch.optim.SGD(self.parameters(), lr=0.1)


def drawn(tell: DescribeMetrics, width: int, images: int | None = None) -> str:
    """All that the bar of three epochs of four steps draws."""
    text = io.StringIO()
    bar = TrainingBar(tell, images, Console(file=text, force_terminal=True, width=width, _environ={"TERM": "xterm"}))
    trainer = pl.Trainer(
        max_epochs=3, callbacks=[bar], logger=False, enable_checkpointing=False, enable_model_summary=False,
        accelerator="cpu",
    )  # fmt: skip
    trainer.fit(Halving(), DataLoader(TensorDataset(torch.zeros(4, 1))))
    return text.getvalue()


def test_the_bar_counts_epochs_from_one_and_says_how_it_fares() -> None:
    shown = drawn(partial(describe_metrics, "val/loss"), 120)
    assert "1 of 3" in shown
    assert "3 of 3" in shown
    assert "0 of 3" not in shown
    assert "loss 0.500" in shown, "of the epoch before the last, while that is trained"


def test_the_bar_is_gone_before_an_exception_is_told_and_the_best_value_is_never_behind(tmp_path: Path) -> None:
    def interrupt(trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        raise RuntimeError("told")

    told: list[Mapping[str, float]] = []
    text = io.StringIO()
    console = Console(file=text, force_terminal=True, width=80, _environ={"TERM": "xterm"})
    bar = TrainingBar(lambda metrics: told.append(metrics) or [], console=console)  # type: ignore[func-returns-value]
    stop = LambdaCallback(on_train_end=interrupt)
    kept = ModelCheckpoint(tmp_path, monitor="train/loss")
    trainer = pl.Trainer(max_epochs=3, callbacks=[bar, stop, kept], logger=False, enable_model_summary=False)
    with pytest.raises(RuntimeError, match="told"):
        trainer.fit(Halving(), DataLoader(TensorDataset(torch.zeros(4, 1))))
    assert text.getvalue().rstrip("\r").endswith("\x1b[2K"), "the line of the bar is erased"
    assert all(row["best"] <= row["train/loss"] for row in told if "train/loss" in row)


def test_a_bar_of_images_counts_them_and_fits_the_terminal() -> None:
    known = {"gan/images": 512, "gan/d_loss": 1.334, "gan/g_loss": 0.746, "gan/state": STATES.index("healthy")}
    lines = Text.from_ansi(drawn(lambda _: tell_of_gan(20_000, known), 80, 500)).plain.splitlines()
    assert any("6,000 of 6,000 images" in line and "D loss 1.334" in line for line in lines)
    assert all(len(line) <= 80 for line in lines if "images" in line)


def test_the_time_left_is_known_where_a_step_takes_more_than_half_a_minute() -> None:
    clock = 0.0
    bar = TrainingBar(lambda _: [], console=Console(file=io.StringIO(), force_terminal=True))
    bar._progress.get_time = lambda: clock
    bar._progress.update(bar._task, total=10, completed=0)
    for step in range(3):
        clock = 45.0 * (step + 1)
        bar._progress.advance(bar._task)
    (task,) = bar._progress.tasks
    assert task.time_remaining == 7 * 45


@pytest.mark.parametrize("more", [[], ["and another metric that has no room"]])
def test_on_a_narrow_terminal_metrics_make_room_for_the_bar_and_the_time_left(more: list[str]) -> None:
    known = {"train/loss": 1.329, "val/loss": 1.408, "val/acc": 0.417, "best": 1.408}
    shown = drawn(lambda _: [*describe_metrics("val/loss", known), *more], 80)
    (last,) = {line for line in Text.from_ansi(shown).plain.splitlines() if "3 of 3" in line and "0:00:00" in line}
    assert len(last) <= 80
    assert last.count("━") >= 10
    assert last.rstrip().endswith("loss 1.329  val loss 1.408 (best 1.408)  acc 41.7%")


def test_metrics_are_left_out_whole_from_the_last_on() -> None:
    assert fitting(["loss 1.5", "acc 40%"], 17) == "loss 1.5  acc 40%"
    assert fitting(["loss 1.5", "acc 40%"], 16) == "loss 1.5"
    assert fitting(["loss 1.5"], 7) == ""


def test_what_is_not_known_yet_is_not_said() -> None:
    assert describe_metrics("val/acc", {}) == []
    known = {"train/loss": 1.25, "val/loss": 1.5, "val/acc": 0.4, "best": 0.45}
    assert describe_metrics("val/acc", known) == ["loss 1.250", "val loss 1.500", "acc 40.0% (best 45.0%)"]
    assert describe_metrics("val/f1", known) == ["loss 1.250", "val loss 1.500", "acc 40.0%", "best val/f1 0.450"]


@pytest.mark.parametrize(
    ("images", "state", "told"),
    [(512, "healthy", "not judged yet"), (512, "not finite", "not finite"), (20_001, "healthy", "healthy")],
)
def test_a_gan_is_not_called_healthy_before_the_monitor_judges(images: int, state: State, told: str) -> None:
    known = {"gan/images": images, "gan/d_loss": 1.3, "gan/state": STATES.index(state)}
    assert tell_of_gan(20_000, known) == [told, "D loss 1.300"]
    assert tell_of_gan(20_000, {}) == []
