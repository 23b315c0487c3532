"""The progress bar of training: progress, remaining time and metrics."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytorch_lightning as pl
from pytorch_lightning.callbacks import ModelCheckpoint, ProgressBar
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Column

from emotionart.progress import SPEED_PERIOD, terminal

DescribeMetrics = Callable[[Mapping[str, float]], Sequence[str]]
"""Formats each metric as a few words, the most important first; the monitored metric's best value is `best`."""

_BAR, _REMAINING = 10, 8  # least width of the bar, and width of the time left up to 99 hours, in cells
_GAPS = 3  # cells between the four columns


class TrainingBar(ProgressBar):
    """One bar for the whole training; on a narrow console the last metrics are left out, not the bar or the time left.

    Args:
        describe: formats the metrics.
        images: images of a step, to count images; None to count epochs.
        console: console to draw on; None for that of `terminal`.
    """

    def __init__(self, describe: DescribeMetrics, images: int | None = None, console: Console | None = None) -> None:
        super().__init__()
        self._describe = describe
        self._images = images
        self._described = "training"
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(table_column=Column(min_width=_BAR)),
            TimeRemainingColumn(table_column=Column(no_wrap=True)),
            TextColumn("{task.fields[metrics]}"),
            console=console or terminal(),
            transient=True,
            speed_estimate_period=SPEED_PERIOD,
        )
        self._task = self._progress.add_task(self._described, total=None, metrics="")

    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Shows the bar, at the current position of a resumed run."""
        epochs, steps = trainer.max_epochs, int(trainer.num_training_batches)
        total = epochs * steps if epochs is not None and epochs > 0 else None
        self._progress.update(self._task, total=total, completed=trainer.current_epoch * steps)
        self._progress.start()

    def on_train_epoch_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Shows the number of the epoch or of images, and the metrics so far."""
        if self._images is None:
            limited = trainer.max_epochs is not None and trainer.max_epochs > 0
            self._described = f"{trainer.current_epoch + 1}" + (f" of {trainer.max_epochs}" if limited else "")
        else:
            self._described = self._counted(self._images)
        self._progress.update(self._task, description=self._described)
        self._show(trainer)

    def on_train_batch_end(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Advances by one step."""
        self._progress.advance(self._task)
        if self._images is not None:
            self._progress.update(self._task, description=self._counted(self._images))

    def on_validation_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Shows the validation metrics."""
        self._show(trainer)

    def on_exception(self, trainer: pl.Trainer, pl_module: pl.LightningModule, exception: BaseException) -> None:
        """Removes the bar before anything is said about the exception."""
        self._progress.stop()

    def teardown(self, trainer: pl.Trainer, pl_module: pl.LightningModule, stage: str) -> None:
        """Removes the bar, however training ends."""
        self._progress.stop()

    def _counted(self, images: int) -> str:
        """The images seen, as wide as it will ever be."""
        (task,) = self._progress.tasks
        done = f"{round(task.completed) * images:,}"
        if task.total is None:
            return f"{done} images"
        total = f"{round(task.total) * images:,}"
        return f"{done:>{len(total)}} of {total} images"

    def _show(self, trainer: pl.Trainer) -> None:
        metrics = {name: float(value) for name, value in trainer.callback_metrics.items()}
        best = next(
            (one for one in trainer.checkpoint_callbacks if isinstance(one, ModelCheckpoint) and one.monitor), None
        )
        if best is not None:
            # Checkpoints are kept after this, so the best score does not know the latest value.
            scores = [best.best_model_score, metrics.get(best.monitor or "")]
            finite = [float(score) for score in scores if score is not None and math.isfinite(score)]
            metrics |= {"best": min(finite) if best.mode == "min" else max(finite)} if finite else {}
        room = self._progress.console.width - len(self._described) - _BAR - _REMAINING - _GAPS
        self._progress.update(self._task, metrics=fitting(self._describe(metrics), room), refresh=True)


def fitting(parts: Sequence[str], room: int) -> str:
    """As many of the first parts as fit into `room` cells, two spaces between them."""
    counts = range(len(parts), 0, -1)
    return next((text for count in counts if len(text := "  ".join(parts[:count])) <= room), "")
