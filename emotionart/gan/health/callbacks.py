"""Callbacks at each report of a GAN's training: the monitor, grids of samples, a log line."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
from pytorch_lightning.callbacks import Checkpoint

from emotionart.figures.generated import as_pictures, save_sheet
from emotionart.gan.health.monitor import ADVICE, STATES, Limits, Monitor, State
from emotionart.gan.health.observe import Observer
from emotionart.gan.module import GAN
from emotionart.gan.noise import Purpose, noise_generator
from emotionart.terminal import DETAIL

log = logging.getLogger(__name__)

GRID = 8
"""Pictures per row and per column of a grid."""

_LOGGED_ELSEWHERE = ("finite", "gradient")


class GANMonitorCallback(pl.Callback):
    """Monitors the training: logs observations, reports an unhealthy state, and acts on it.

    Of several devices the first one observes, and all follow.

    Args:
        observer: measures the GAN.
        limits: thresholds of the states, and the action that they lead to.
        batch_size: pictures per training step.
    """

    def __init__(self, observer: Observer, limits: Limits, batch_size: int) -> None:
        self.observer = observer
        self.monitor = Monitor(limits)
        self.batch_size = batch_size

    def state_dict(self) -> dict[str, Any]:
        """The monitor's state."""
        return self.monitor.state_dict()

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Restores the monitor's state."""
        self.monitor.load_state_dict(state_dict)

    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Restores the skipping of discriminator steps in a resumed run."""
        self._skip(pl_module)

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Logs the observations of the training generator, of the averaged one (`gan/average_*`), and `gan/state`."""
        assert isinstance(pl_module, GAN)
        observed = self.observer.observe(pl_module) if trainer.is_global_zero else None
        observation, average = trainer.strategy.broadcast(observed)  # type: ignore[misc]
        images = images_seen(trainer, self.batch_size)
        state = self.monitor.follow(observation, images)
        values = {name: float(value) for name, value in asdict(observation).items() if name not in _LOGGED_ELSEWHERE}
        values |= {f"average_{name}": value for name, value in average._asdict().items()}
        pl_module.log_dict({f"gan/{name}": value for name, value in values.items()})
        pl_module.log_dict({f"gan/lr_{name}": rate for name, rate in _rates(trainer).items()})
        pl_module.log("gan/state", float(STATES.index(self.monitor.state)))
        if state:
            self._act(state, images, trainer)
        self._skip(pl_module)

    def _act(self, state: State, images: int, trainer: pl.Trainer) -> None:
        action = self.monitor.limits.action
        if state == "healthy":
            log.info("%s images: healthy again", f"{images:,}")
            return
        log.warning("%s images: %s. To try: %s", f"{images:,}", state.upper(), ADVICE[state])
        if action == "stop" or state == "not finite":
            trainer.should_stop = True

    def _skip(self, gan: pl.LightningModule) -> None:
        winning = self.monitor.state == "discriminator winning"
        gan.skipping = self.monitor.limits.action == "skip" and winning  # type: ignore[assignment]


def _rates(trainer: pl.Trainer) -> dict[str, float]:
    """The learning rates of both networks."""
    players = zip(("generator", "discriminator"), trainer.optimizers, strict=True)
    return {name: optimizer.param_groups[0]["lr"] for name, optimizer in players}


def images_seen(trainer: pl.Trainer, batch_size: int) -> int:
    """The number of real pictures that the discriminator has seen; `trainer.max_time` may end an epoch early."""
    batches: int = trainer.fit_loop.epoch_loop.batch_progress.total.processed  # type: ignore[attr-defined]
    return batches * batch_size


class Samples(pl.Callback):
    """Writes a grid of pictures from the same noise at each report, as `<images seen>.png`.

    Args:
        folder: output folder.
        seed: seed of the noise.
        batch_size: pictures per training step.
        show: called with the path of each new grid and the number of images seen.
    """

    def __init__(self, folder: Path, seed: int, batch_size: int, show: Callable[[Path, int], None]) -> None:
        self.folder = folder
        self.seed = seed
        self.batch_size = batch_size
        self.show = show

    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Writes the grid of the untrained generator."""
        self.folder.mkdir(exist_ok=True)
        if trainer.global_step == 0 and trainer.is_global_zero:
            self._write(pl_module, 0)

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Writes the next grid."""
        images = images_seen(trainer, self.batch_size)
        pl_module.log("gan/images", float(images))
        if trainer.is_global_zero:
            self._write(pl_module, images)

    def _write(self, gan: pl.LightningModule, images: int) -> None:
        assert isinstance(gan, GAN)
        latents = gan.latents.draw_grid(GRID, noise_generator(self.seed, Purpose.SAMPLES))
        pictures = as_pictures(gan.sample(latents).cpu().numpy())
        path = self.folder / f"{images:010d}.png"
        save_sheet(pictures, GRID, path, rows=gan.description.classes)
        self.show(path, images)


class ReportLines(Checkpoint):
    """Logs one line per report. A `Checkpoint`, like `History`, so that it runs when all metrics are known.

    Args:
        detail: whether the lines are for the log file alone, as a bar tells the same on the console.
    """

    def __init__(self, detail: bool) -> None:
        self.extra = DETAIL if detail else None

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Logs losses and signs."""
        metrics = {name: value.item() for name, value in trainer.callback_metrics.items()}
        losses = "  ".join(
            f"{name} {metrics[f'gan/{name}']:.3f}" for name in ("d_loss", "g_loss") if f"gan/{name}" in metrics
        )
        signs = "  ".join(f"{name} {metrics[f'gan/sign_{name}']:+.2f}" for name in ("real", "heldout", "fake"))
        images = f"{int(metrics['gan/images']):>11,}"
        log.info("%s images  %s  sign: %s", images, losses, signs, extra=self.extra)
