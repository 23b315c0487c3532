"""Callbacks of every run: reproducible randomness, history, log lines."""

from __future__ import annotations

import csv
import io
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
import torch
from pytorch_lightning.callbacks import Checkpoint

from emotionart.draws import draw_seed
from emotionart.files import write_text

log = logging.getLogger(__name__)

Metrics = dict[str, float]


class StepwiseSeed(pl.Callback):
    """Makes the noise of each training step a function of (seed, epoch, batch), so that it does not depend on history.

    Only the generators of the CPU and CUDA are seeded: `torch.manual_seed` takes a hundred times as long.
    """

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def on_train_batch_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule, batch: Any, index: int) -> None:
        """Seeds the generators for this step."""
        seed = draw_seed(self.seed, trainer.current_epoch, index)
        torch.default_generator.manual_seed(seed)
        if pl_module.device.type == "cuda":
            torch.cuda.manual_seed(seed)


class History(Checkpoint):
    """Records the metrics of each epoch in `metrics.csv`, in the logger, and as `rows`.

    A `Checkpoint`, because Lightning calls these last in an epoch, when all metrics are known, and in the given order:
    the checkpoint that follows contains the rows, and a resumed run continues them.

    Args:
        file: CSV file; None for none.
        report: called with each new row.
    """

    def __init__(self, file: Path | None, report: Callable[[Metrics], None]) -> None:
        self.file = file
        self.report = report
        self.rows: list[Metrics] = []
        self._validated = False

    def state_dict(self) -> dict[str, Any]:
        """The rows so far."""
        return {"rows": self.rows}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Restores the rows of an interrupted run and reports them again, since a killed logger may have lost them."""
        self.rows = state_dict["rows"]
        for row in self.rows:
            self.report(row)

    def on_validation_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Notes that this epoch has validation metrics."""
        self._validated = True

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Adds the epoch's row."""
        row: Metrics = {"epoch": trainer.current_epoch, "trainer/global_step": trainer.global_step}
        row["lr"] = trainer.optimizers[0].param_groups[0]["lr"]
        # Lightning keeps the last validation metrics in epochs without validation.
        row |= {
            name: value.item()
            for name, value in sorted(trainer.callback_metrics.items())
            if self._validated or not name.startswith("val/")
        }
        self._validated = False
        self.rows.append(row)
        if self.file is not None:
            write_text(self.file, _as_csv(self.rows))
        self.report(row)


def _as_csv(rows: list[Metrics]) -> str:
    columns = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


class EpochLines(pl.Callback):
    """Logs one line per epoch, for output other than a terminal."""

    def on_validation_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Logs the validation metrics."""
        metrics = {name: value.item() for name, value in trainer.callback_metrics.items() if name.startswith("val/")}
        shown = "  ".join(f"{name} {metrics[name]:.3f}" for name in ("val/loss", "val/acc", "val/f1_macro"))
        log.info(
            "epoch %*d of %s  %s", len(str(trainer.max_epochs)), trainer.current_epoch + 1, trainer.max_epochs, shown
        )
