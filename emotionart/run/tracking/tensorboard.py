"""TensorBoard: the metrics and figures of a run as events in its folder, by Lightning's own logger."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

FOLDER = "tensorboard"
"""In the run folder; `tensorboard --logdir outputs` finds it there."""


class TensorBoard:
    """Events of one run.

    Args:
        folder: of the run.
        columns: what the run was asked for, flat.
    """

    def __init__(self, folder: Path, columns: Mapping[str, Any]) -> None:
        from pytorch_lightning.loggers import TensorBoardLogger

        # A run that goes on tells its earlier epochs again, in the place of what an interrupted one has written.
        self._logger = TensorBoardLogger(folder, name=FOLDER, version="", purge_step=0)
        self._logger.log_hyperparams({key: value for key, value in columns.items() if not isinstance(value, dict)})
        self._step = 0
        self._curves: set[str] = set()

    def log(self, row: Mapping[str, float]) -> None:
        """Adds the metrics of one epoch, or of a GAN's report, by its images."""
        axis = "gan/images" if "gan/images" in row else "epoch"
        self._step = int(row[axis])
        self._curves |= row.keys()
        self._logger.log_metrics({name: value for name, value in row.items() if name != axis}, self._step)

    def log_summary(self, values: Mapping[str, Any]) -> None:
        """Adds those final values that are numbers and end no curve, at the last step."""
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
        """Brings the events to the disk."""
        self._logger.finalize("success")
