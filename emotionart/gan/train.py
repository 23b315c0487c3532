"""The run of a GAN: training of both networks, and evaluation of the generator."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
import torch
from omegaconf import DictConfig

from emotionart.config.instantiate import instantiate
from emotionart.data.pictures.encode import png_files
from emotionart.data.tables.noun import noun_of
from emotionart.errors import Failure
from emotionart.figures.generated import as_pictures, save_sheet
from emotionart.files import write_json
from emotionart.gan.evaluate import compare
from emotionart.gan.fit import fit_gan, trainer_precision
from emotionart.gan.generation.sampler import GANSampler
from emotionart.gan.health.callbacks import GRID, GANMonitorCallback, ReportLines, Samples
from emotionart.gan.health.monitor import Monitor
from emotionart.gan.health.observe import Observer
from emotionart.gan.health.quality import QualityCallback
from emotionart.gan.module import GAN
from emotionart.gan.noise import Purpose, noise_generator
from emotionart.gan.prepared import Prepared, prepare, some_pictures
from emotionart.gan.reference import classify_generated
from emotionart.gan.trained import TrainedGAN
from emotionart.networks.parameters import count_parameters
from emotionart.run.context import RunContext
from emotionart.run.devices.processes import other_devices
from emotionart.run.devices.rank import Rank
from emotionart.run.outcome import Result
from emotionart.run.stored import read_provenance
from emotionart.run.tracking.logger import RANDOM_FEATURES
from emotionart.run.training.callbacks import History, Metrics
from emotionart.run.training.checkpoint import BEST, LAST, best_checkpoint, read_checkpoint
from emotionart.run.training.trainer import on_trained_device, shows_bar

log = logging.getLogger(__name__)

_MOST_INITIAL = 0.1  # share of the first weights in the average after training, above which a warning is due


def train_gan(context: RunContext) -> TrainedGAN:
    """Trains a GAN on the artworks of the run."""
    with prepare(context) as parts:
        _log_networks(context, parts)
        with other_devices(context, fit_on_device) as rank:
            fitted = _fit(context, parts, rank)
        return _evaluate(context, parts, fitted)


def fit_on_device(context: RunContext) -> None:
    """Takes part in the training of a GAN on several devices."""
    with prepare(context) as parts, other_devices(context, fit_on_device) as rank:
        _fit(context, parts, rank)


@dataclass(frozen=True)
class _Fitted:
    """The outcome of training.

    Attributes:
        trainer: trainer that was used.
        history: one row of metrics per report.
        monitor: monitor that followed the training.
        samples: folder of the grids of pictures of each report.
    """

    trainer: pl.Trainer
    history: Sequence[Metrics]
    monitor: Monitor
    samples: Path


def _log_networks(context: RunContext, parts: Prepared) -> None:
    """Logs the sizes of the networks, and shows real pictures."""
    sizes = _parameters(parts.gan)
    log.info(
        "%s: generator %s with %s parameters, discriminator %s with %s",
        context.choices["model"],
        context.choices["generator"],
        f"{sizes['generator']:,}",
        context.choices["discriminator"],
        f"{sizes['discriminator']:,}",
    )
    if parts.gan.seen_through and parts.gan.seen_through.random:
        context.logger.tag(RANDOM_FEATURES)
    _warn_of_initial_weights(context.config)
    path = context.folder.figures / "reals.png"
    save_sheet(parts.real.pixels[: GRID**2], GRID, path)
    context.logger.log_image("figures/reals", path)


def _warn_of_initial_weights(config: DictConfig) -> None:
    """Warns if the averaged generator will still consist of its random weights to a large part."""
    model = config.model
    if not model.ema_halflife or model.ema_ramp is not None or model.schedule or config.start:
        return
    left = 0.5 ** (model.images / model.ema_halflife)
    if left > _MOST_INITIAL:
        log.warning(
            "The averaged generator, which makes the pictures, will still be %s its random first weights after %s "
            "images: model.ema_ramp=0.05 averages less at first",
            f"{left:.0%}",
            f"{model.images:,}",
        )


def _fit(context: RunContext, parts: Prepared, rank: Rank | None) -> _Fitted:
    """Trains the networks, and leaves the GAN with its last weights."""
    config, folder = context.config, context.folder
    samples = folder.samples
    started = _images_so_far(samples)

    def show(path: Path, images: int) -> None:
        context.logger.log_image("gan/samples", path, **{"gan/images": images})

    history = History(folder.metrics if config.logger.metrics_csv else None, context.log_metrics)
    observer = Observer(parts.real, parts.heldout, config.seed)
    watch = GANMonitorCallback(observer, instantiate(config.model.monitor), config.batch_size)
    callbacks = [watch, Samples(samples, config.seed, config.batch_size, show), ReportLines(shows_bar(config)), history]
    if parts.selection_features:
        quality = QualityCallback(parts.selection_features, parts.heldout, config.model.kid_subset, config.seed)
        callbacks += [quality, best_checkpoint(folder.checkpoints, quality.metric, "min", validated=False)]
    clock = time.monotonic()
    trainer = fit_gan(config, parts.gan, parts.data, folder, parts.reports, callbacks, rank)
    if context.peer is None:
        _record_speed(context, time.monotonic() - clock, started, history.rows)
    return _Fitted(trainer, history.rows, watch.monitor, samples)


def _evaluate(context: RunContext, parts: Prepared, fitted: _Fitted) -> TrainedGAN:
    """Evaluates the best weights, or the last ones where nothing tells which are best."""
    config, choices = context.config, context.choices
    gan, artworks, monitor = parts.gan, parts.artworks, fitted.monitor
    last = fitted.history[-1]
    chosen = int(last["gan/images"])
    if parts.selection_features:
        chosen = _take_best(gan, context.folder.checkpoints / BEST, fitted.history)
    with on_trained_device(fitted.trainer, gan):
        _require_finite(gan, config.seed)
        entries = _evaluate_images(config, parts) if parts.features or parts.judge else {}
    final = {name: value for name, value in last.items() if name.startswith("gan/") and name != "gan/images"}
    final |= entries.pop("metrics", {})
    result: Result = {
        "kind": "gan",
        "model": choices["model"],
        "generator": choices["generator"],
        "discriminator": choices["discriminator"],
        "data": choices["data"],
        "seed": config.seed,
        "classes": list(gan.description.classes) or None,
        "representation": parts.representation.describe(),
        "pictures": {part: len(artworks.indices(part)) for part in ("train", "validation", "test")},
        "parameters": _parameters(gan),
        "seen_through": gan.seen_through._asdict() if gan.seen_through else None,
        "images": int(last["gan/images"]),
        "precision": trainer_precision(config),
        "checkpoint": {"file": f"checkpoints/{BEST if parts.selection_features else LAST}", "images": chosen},
        "metrics": final,
        **entries,
        "monitor": {"state": monitor.state, "told": monitor.told, "grace": monitor.limits.grace},
    }
    sampler = GANSampler(gan.sampled.eval(), gan.latents, gan.description.classes, noun_of(gan.description.config))
    return TrainedGAN(result, sampler, fitted.history, fitted.samples, lambda: parts.artworks)


def _evaluate_images(config: DictConfig, parts: Prepared) -> dict[str, Any]:
    """Evaluation of generated pictures by trained networks: `distances` with their `metrics`, and `judged`."""
    gan = parts.gan
    latents = gan.latents.draw(config.model.samples, noise_generator(config.seed, Purpose.EVALUATION))
    classes = gan.latents.classes(latents)
    targets = None if classes is None else classes.numpy()
    fake = png_files(as_pictures(gan.sample(latents).cpu().numpy()))
    entries: dict[str, Any] = {}
    if parts.features:
        real, others = (png_files(some_pictures(parts.artworks, part, None).pixels) for part in ("test", "train"))
        subset = config.model.kid_subset
        entries["distances"], entries["metrics"] = compare(parts.features, fake, real, others[: len(fake)], subset)
    if parts.judge:
        entries["judged"] = classify_generated(parts.judge, fake, targets)
    return entries


def _parameters(gan: GAN) -> dict[str, int]:
    """The number of parameters of each network."""
    return {name: sum(count_parameters(getattr(gan, name)).values()) for name in ("generator", "discriminator")}


def _images_so_far(samples: Path) -> int:
    """The number of images that an interrupted run has seen, by its last grid."""
    return max((int(frame.stem) for frame in samples.glob("*.png")), default=0)


def _record_speed(context: RunContext, seconds: float, started: int, rows: Sequence[Metrics]) -> None:
    """Adds the seconds per 1000 images, in this process's part of the run, to the provenance."""
    done = rows[-1]["gan/images"] - started
    if done > 0:
        origin = read_provenance(context.folder.provenance)
        write_json(context.folder.provenance, {**origin, "seconds_per_1000_images": round(1_000 * seconds / done, 3)})


def _require_finite(gan: GAN, seed: int) -> None:
    if not torch.isfinite(gan.sample(gan.latents.draw(2, noise_generator(seed, Purpose.INTERPOLATIONS)))).all():
        raise Failure(
            "The generator's pictures are no longer finite, so there is nothing to show.",
            where=f"checkpoints/{LAST}",
            fix="lower optimizer.lr_generator and optimizer.lr_discriminator",
        )


def _take_best(gan: GAN, file: Path, history: Sequence[Metrics]) -> int:
    """Loads the best weights and returns the number of images after which they were reached."""
    checkpoint = read_checkpoint(file)
    gan.load_state_dict(checkpoint.weights)
    return next(int(row["gan/images"]) for row in history if row["epoch"] == checkpoint.epoch)
