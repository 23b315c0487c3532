"""What a task is, kept with its weights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytorch_lightning as pl


class DescribedModule(pl.LightningModule):
    """A task whose checkpoints can be used without the folder of their run.

    Attributes:
        description: plain values that every checkpoint holds under `emotionart`: classes, labels, representation, the
            whole configuration.
    """

    description: Mapping[str, Any] = {}

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Adds the description; a callback could not, since Lightning asks none where it saves weights alone."""
        checkpoint["emotionart"] = dict(self.description)
