"""What every run does beside training: fixed randomness, history, lines."""

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
    """Makes the noise of each training step a function of (seed, epoch, batch), so that no random state has a history.

    Only the CPU's generator and CUDA's are set: `torch.manual_seed` costs a hundred times as much.
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
    """The metrics of each epoch: in `metrics.csv`, to the logger, and as `rows`.

    It is a `Checkpoint` for its place: Lightning calls those last in an epoch, when all metrics are known, and in the
    given order, so that the checkpoint after it holds the rows and a resumed run goes on with them.

    Args:
        file: where to write; None for nowhere.
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
        """Takes up the rows of an interrupted run, and reports them again: what a killed logger held may be lost."""
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
        # Lightning keeps the last validation's metrics through epochs that have none.
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
    """One plain line an epoch, for output that is not a terminal."""

    def on_validation_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Logs the validation metrics."""
        found = {name: value.item() for name, value in trainer.callback_metrics.items() if name.startswith("val/")}
        shown = "  ".join(f"{name} {found[name]:.3f}" for name in ("val/loss", "val/acc", "val/f1_macro"))
        log.info(
            "epoch %*d of %s  %s", len(str(trainer.max_epochs)), trainer.current_epoch + 1, trainer.max_epochs, shown
        )
