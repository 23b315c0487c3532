"""Signals to the processes of several devices."""

from __future__ import annotations

import signal
import threading

import pytorch_lightning as pl


class OwnSignals(pl.Callback):
    """Leaves SIGTERM to the process's own handler, which ends it with all that it has started.

    Lightning's broadcasts in the handler, and waits forever if the other devices are in another exchange. It also asks
    all devices for a signal in each step, and waits for the GPU to answer.
    """

    def __init__(self) -> None:
        self._handler = signal.getsignal(signal.SIGTERM)

    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Restores the handler, and stops asking."""
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, self._handler)
        trainer.fit_loop.epoch_loop._broadcast_sigterm_tensor = _no_prompt  # type: ignore[method-assign]


def _no_prompt() -> None:
    """Replaces Lightning's request for a signal in each step; does nothing."""
