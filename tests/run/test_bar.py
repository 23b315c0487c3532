"""The bar, drawn into a text."""

import io
from functools import partial

import pytorch_lightning as pl
import torch
from rich.console import Console
from torch.utils.data import DataLoader, TensorDataset

from emotionart.classifier.training.fit import tell
from emotionart.run.bar import TrainingBar


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


def test_the_bar_counts_epochs_from_one_and_says_how_it_fares() -> None:
    text = io.StringIO()
    bar = TrainingBar(
        partial(tell, "val/loss"), Console(file=text, force_terminal=True, width=120, _environ={"TERM": "xterm"})
    )
    trainer = pl.Trainer(
        max_epochs=3, callbacks=[bar], logger=False, enable_checkpointing=False, enable_model_summary=False,
        accelerator="cpu",
    )  # fmt: skip
    trainer.fit(Halving(), DataLoader(TensorDataset(torch.zeros(4, 1))))
    shown = text.getvalue()
    assert "1 of 3" in shown
    assert "3 of 3" in shown
    assert "0 of 3" not in shown
    assert "loss 0.500" in shown, "of the epoch before the last, while that is trained"


def test_what_is_not_known_yet_is_not_said() -> None:
    assert tell("val/acc", {}) == ""
    known = {"train/loss": 1.25, "val/loss": 1.5, "val/acc": 0.4, "best": 0.45}
    assert tell("val/acc", known) == "loss 1.250  validation loss 1.500  accuracy 40.0%  best val/acc 0.450"
