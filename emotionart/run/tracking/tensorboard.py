"""TensorBoard events of a run's metrics and figures, by Lightning's logger."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

FOLDER = "tensorboard"
"""Subfolder of the run folder, where `tensorboard --logdir outputs` finds it."""


class TensorBoard:
    """The TensorBoard events of one run.

    Args:
        folder: run folder.
        columns: flat hyperparameters of the run.
    """

    def __init__(self, folder: Path, columns: Mapping[str, Any]) -> None:
        from pytorch_lightning.loggers import TensorBoardLogger

        # A resumed run logs its earlier epochs again; these replace what the interrupted run has written.
        self._logger = TensorBoardLogger(folder, name=FOLDER, version="", purge_step=0)
        self._logger.log_hyperparams({key: value for key, value in columns.items() if not isinstance(value, dict)})
        self._step = 0
        self._curves: set[str] = set()

    def log(self, row: Mapping[str, float]) -> None:
        """Logs the metrics of one epoch, or of a GAN's report by the images seen."""
        axis = "gan/images" if "gan/images" in row else "epoch"
        self._step = int(row[axis])
        self._curves |= row.keys()
        self._logger.log_metrics({name: value for name, value in row.items() if name != axis}, self._step)

    def log_summary(self, values: Mapping[str, Any]) -> None:
        """Logs the numeric final values that have no curve, at the last step."""
        final = {name: value for name, value in values.items() if name not in self._curves}
        numbers = {name: float(value) for name, value in final.items() if isinstance(value, int | float)}
        self._logger.log_metrics(numbers, self._step)

    def log_image(self, name: str, figure: Path, step: int | None) -> None:
        """Adds a picture."""
        import numpy as np
        from PIL import Image

        with Image.open(figure) as picture:
            pixels = np.asarray(picture.convert("RGB"))
        self._logger.experiment.add_image(name, pixels, self._step if step is None else step, dataformats="HWC")

    def close(self) -> None:
        """Writes the events to disk."""
        self._logger.finalize("success")
