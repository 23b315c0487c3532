"""The run of a GAN: training of both networks, and evaluation of the generator."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from omegaconf import DictConfig

from emotionart.classifier.evaluation.result import count_parameters
from emotionart.config.instantiate import instantiate
from emotionart.config.trust import own_sources
from emotionart.data.artworks import Artworks
from emotionart.data.pictures.encode import png_files
from emotionart.draws import artwork_keys, draw
from emotionart.errors import Failure
from emotionart.figures.generated import as_pictures, save_sheet
from emotionart.files import write_json
from emotionart.gan.build import build_gan, build_optimizers
from emotionart.gan.evaluate import (
    Features,
    ReferenceClassifier,
    build_features,
    classify_generated,
    compare,
    load_reference_classifier,
    mark_leaks,
    require_classes,
    require_enough,
)
from emotionart.gan.fit import fit_gan, reports_and_steps, trainer_precision
from emotionart.gan.generation.sampler import GANSampler
from emotionart.gan.health.callbacks import (
    GRID,
    GANMonitorCallback,
    ReportLines,
    Samples,
)
from emotionart.gan.health.monitor import Limits
from emotionart.gan.health.observe import Observer, RealPictures, seeded
from emotionart.gan.health.quality import QualityCallback
from emotionart.gan.module import GAN
from emotionart.gan.start import start_from
from emotionart.gan.trained import WALK_NOISE, TrainedGAN
from emotionart.inputs.representation import PreparedInputs, Representation
from emotionart.run.callbacks import History, Metrics
from emotionart.run.checkpoint import BEST, LAST, Description, best_checkpoint, read_checkpoint
from emotionart.run.context import RunContext
from emotionart.run.data import build_endless_data, build_generated, build_inputs, build_representation
from emotionart.run.outcome import Result
from emotionart.run.stored import read_provenance
from emotionart.run.trainer import on_trained_device

log = logging.getLogger(__name__)

_WATCHED, _COMPARED = 256, 2_048  # numbers of observed held-out and training pictures
_VERDICT_NOISE = 3  # purpose of the evaluation's noise, for `seeded`


def train_gan(context: RunContext) -> TrainedGAN:
    """Trains a GAN on the artworks of the run."""
    representation = build_representation(context.config)
    artworks = build_generated(context.config, representation.size)
    context.record_data(artworks)
    with build_inputs(context.config, representation, artworks) as inputs:
        return _train(context, representation, artworks, inputs)


def _train(
    context: RunContext, representation: Representation, artworks: Artworks, inputs: PreparedInputs
) -> TrainedGAN:
    config, folder, choices = context.config, context.folder, context.choices
    reports, steps = reports_and_steps(config.model.images, config.model.report_every, config.batch_size)
    data = build_endless_data(config, artworks, inputs, steps)
    counts = None
    if config.model.condition is not None:
        counts = np.bincount(artworks.label[artworks.indices("train")], minlength=len(artworks.classes)).tolist()
    judge = load_reference_classifier(config)
    if judge and counts:
        require_classes(judge, artworks.classes)
    features = build_features(config, judge)
    if features:
        require_enough(config, [len(artworks.indices(part)) for part in ("test", "train")])
    real, heldout = _some(artworks, "train", _COMPARED, counts), _some(artworks, "validation", _WATCHED, counts)
    gan = build_gan(config, inputs.input_transform, counts, build_optimizers(config))
    if config.start is not None and not (folder.checkpoints / LAST).exists():
        start_from(gan, Path(config.start))
    gan.calibrate(torch.from_numpy(real.pixels[:_WATCHED]))
    if features:
        features = mark_leaks(features, gan.seen_through, chosen=bool(config.model.features))
    parameters = {name: sum(count_parameters(getattr(gan, name)).values()) for name in ("generator", "discriminator")}
    log.info(
        "%s: generator %s with %s parameters, discriminator %s with %s",
        choices["model"],
        choices["generator"],
        f"{parameters['generator']:,}",
        choices["discriminator"],
        f"{parameters['discriminator']:,}",
    )
    samples = folder.path / "samples"
    started = _images_so_far(samples)

    def show(path: Path, images: int) -> None:
        context.logger.log_image("gan/samples", path, **{"gan/images": images})

    save_sheet(real.pixels[: GRID**2], GRID, folder.figures / "reals.png")
    context.logger.log_image("figures/reals", folder.figures / "reals.png")

    limits: Limits = instantiate(config.model.monitor)
    gan.description = Description(
        kind="gan",
        config=context.resolved,
        representation=representation.describe(),
        features=representation.features(),
        sources=own_sources(context.resolved),
        classes=tuple(artworks.classes) if counts else (),
        counts=tuple(counts or ()),
    )
    quality = None
    if features and not features.name.endswith("_leaks"):
        quality = QualityCallback(features, heldout, config.model.kid_subset, config.seed)
    clock = time.monotonic()
    history = History(folder.path / "metrics.csv" if config.logger.metrics_csv else None, context.log_metrics)
    watch = GANMonitorCallback(Observer(real, heldout, config.seed), limits, config.batch_size)
    callbacks = [watch, Samples(samples, config.seed, config.batch_size, show), ReportLines(), history]
    if quality:
        callbacks += [quality, best_checkpoint(folder.checkpoints, quality.metric, "min", validated=False)]
    trainer = fit_gan(config, gan, data, folder, reports, callbacks)
    _record_speed(context, time.monotonic() - clock, started, history.rows)
    chosen = int(history.rows[-1]["gan/images"])
    if quality:
        chosen = _take_best(gan, folder.checkpoints / BEST, steps * config.batch_size)
    with on_trained_device(trainer, gan):
        _require_finite(gan, config.seed)
        said = _verdict(config, gan, artworks, features, judge) if features or judge else {}
    last = history.rows[-1]
    final = {name: value for name, value in last.items() if name.startswith("gan/") and name != "gan/images"}
    final |= said.pop("metrics", {})
    result: Result = {
        "kind": "gan",
        "model": choices["model"],
        "generator": choices["generator"],
        "discriminator": choices["discriminator"],
        "data": choices["data"],
        "seed": config.seed,
        "classes": list(artworks.classes) if counts else None,
        "representation": representation.describe(),
        "pictures": {part: len(artworks.indices(part)) for part in ("train", "validation", "test")},
        "parameters": parameters,
        "images": int(last["gan/images"]),
        "precision": trainer_precision(config),
        "checkpoint": {"file": f"checkpoints/{BEST if quality else LAST}", "images": chosen},
        "metrics": final,
        **said,
        "monitor": {"state": watch.monitor.state, "told": watch.monitor.told, "grace": limits.grace},
    }
    return TrainedGAN(
        result, GANSampler(gan.sampled.eval(), gan.latents, gan.description.classes), history.rows, samples
    )


def _verdict(
    config: DictConfig, gan: GAN, artworks: Artworks, features: Features | None, judge: ReferenceClassifier | None
) -> dict[str, Any]:
    """Evaluation of generated pictures by trained networks: `distances` with their `metrics`, and `judged`."""
    given = gan.latents.draw(config.model.samples, seeded(config.seed, _VERDICT_NOISE))
    asked = gan.latents.classes(given)
    wanted = None if asked is None else asked.numpy()
    fake = png_files(as_pictures(gan.sample(given).cpu().numpy()))
    said: dict[str, Any] = {}
    if features:
        real, others = (png_files(_some(artworks, part, None).pixels) for part in ("test", "train"))
        said["distances"], said["metrics"] = compare(features, fake, real, others[: len(fake)], config.model.kid_subset)
    if judge:
        said["judged"] = classify_generated(judge, fake, wanted)
    return said


def _some(artworks: Artworks, part: str, count: int | None, counts: Sequence[int] | None = None) -> RealPictures:
    """At most `count` pictures of a part (None: all), chosen by their ids; with classes if there are class counts."""
    members = artworks.indices(part)
    chosen = members[np.argsort(draw(artwork_keys(artworks.id[members]), 0))][:count]
    return RealPictures(artworks.pixels[artworks.row[chosen]], artworks.label[chosen] if counts else None)


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
    if not torch.isfinite(gan.sample(gan.latents.draw(2, seeded(seed, WALK_NOISE)))).all():
        raise Failure(
            "The generator's pictures are no longer finite, so there is nothing to show.",
            where=f"checkpoints/{LAST}",
            fix="lower optimizer.lr_generator and optimizer.lr_discriminator",
        )


def _take_best(gan: GAN, file: Path, images: int) -> int:
    """Loads the best weights and returns the number of images after which they were reached (`images` per epoch)."""
    checkpoint = read_checkpoint(file)
    gan.load_state_dict(checkpoint.weights)
    return (checkpoint.epoch + 1) * images
