"""What a run of a GAN does: train both networks, and leave pictures of how it went."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from omegaconf import DictConfig
from torch import Tensor

from emotionart.classifier.result import count_parameters
from emotionart.config.instantiate import instantiate
from emotionart.config.trust import own_sources
from emotionart.data.artworks import Artworks
from emotionart.data.pictures.encode import png_files
from emotionart.draws import artwork_keys, draw
from emotionart.errors import Failure
from emotionart.figures import plots
from emotionart.figures.generated import as_pictures, curves, save_progress, save_sheet
from emotionart.files import read_json, write_json
from emotionart.gan.build import build_gan, build_optimizers
from emotionart.gan.callbacks import (
    GRID,
    GANMonitorCallback,
    ReportLines,
    Samples,
    seeded,
)
from emotionart.gan.evaluate import (
    Features,
    ReferenceClassifier,
    build_features,
    classify_generated,
    compare,
    load_reference_classifier,
    require_classes,
    require_enough,
)
from emotionart.gan.fit import fit_gan
from emotionart.gan.module import GAN
from emotionart.gan.monitor import ADVICE, Limits
from emotionart.inputs.representation import PreparedInputs, Representation
from emotionart.run.callbacks import History, Metrics
from emotionart.run.context import Result, RunContext
from emotionart.run.data import build_endless_data, build_generated, build_inputs, build_representation

log = logging.getLogger(__name__)

_WATCHED, _COMPARED = 256, 2_048  # held-out pictures, and training pictures, that are looked at
_WALKS, _STEPS = 6, 9  # interpolations, and pictures along each
_WALK_NOISE, _VERDICT_NOISE = 2, 3  # what noise is drawn for, beside those of `reports`


def train_gan(context: RunContext) -> Result:
    """Trains a GAN on the artworks of the run, and returns what `result.json` is to hold."""
    representation = build_representation(context.config)
    artworks = build_generated(context.config, representation.size)
    context.record_data(artworks)
    with build_inputs(context.config, representation, artworks) as inputs:
        return _train_and_draw(context, representation, artworks, inputs)


def _train_and_draw(
    context: RunContext, representation: Representation, artworks: Artworks, inputs: PreparedInputs
) -> Result:
    config, folder, choices = context.config, context.folder, context.choices
    reports = max(1, round(config.model.images / config.model.report_every))
    steps = math.ceil(config.model.images / (reports * config.batch_size))
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
    gan = build_gan(config, inputs.input_transform, counts, build_optimizers(config))
    parameters = {name: sum(count_parameters(getattr(gan, name)).values()) for name in ("generator", "discriminator")}
    log.info(
        "%s: generator %s with %s parameters, discriminator %s with %s",
        choices["model"],
        choices["generator"],
        f"{parameters['generator']:,}",
        choices["discriminator"],
        f"{parameters['discriminator']:,}",
    )
    real, heldout = _some_pictures(artworks, "train", _COMPARED), _some_pictures(artworks, "validation", _WATCHED)
    samples = folder.path / "samples"
    started = _images_so_far(samples)

    def show(path: Path) -> None:
        context.logger.log_image("gan/samples", path)

    save_sheet(real[: GRID**2], GRID, folder.figures / "reals.png")
    context.logger.log_image("figures/reals", folder.figures / "reals.png")

    limits: Limits = instantiate(config.model.monitor)
    description = {
        "kind": "gan",
        "config": context.resolved,
        "representation": representation.describe(),
        "classes": list(artworks.classes) if counts else None,
        "counts": counts,
        "sources": own_sources(context.resolved),
    }
    clock = time.monotonic()
    history = History(folder.path / "metrics.csv" if config.logger.metrics_csv else None, context.log_metrics)
    watch = GANMonitorCallback(real, heldout, limits, config.seed, config.batch_size)
    callbacks = [watch, Samples(samples, config.seed, config.batch_size, show), ReportLines(), history]
    fit_gan(config, gan, data, folder, description, reports, callbacks)
    _record_speed(context, time.monotonic() - clock, started, history.rows)
    _require_finite(gan, config.seed)
    _draw(gan, config.seed, history.rows, samples, folder.figures)
    for name in ("curves.png", "samples.png", "interpolations.png", "progress.gif"):
        context.logger.log_image(f"figures/{Path(name).stem}", folder.figures / name)
    last = history.rows[-1]
    final = {name: value for name, value in last.items() if name.startswith("gan/") and name != "gan/images"}
    said = _verdict(config, gan, artworks, features, judge) if features or judge else {}
    final |= said.pop("metrics", {})
    context.logger.update_summary({**final, "gan/images": last["gan/images"]})
    return {
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
        "checkpoint": {"file": "checkpoints/last.ckpt"},
        "metrics": final,
        **said,
        "monitor": {"state": watch.monitor.state, "told": watch.monitor.told, "grace": limits.grace},
    }


def _verdict(
    config: DictConfig, gan: GAN, artworks: Artworks, features: Features | None, judge: ReferenceClassifier | None
) -> dict[str, Any]:
    """What trained networks say of generated pictures: `distances` with their `metrics`, and `judged`."""
    given = gan.draw(config.model.samples, seeded(config.seed, _VERDICT_NOISE))
    wanted = given[:, gan.latent :].argmax(1).numpy() if gan.condition else None
    fake = png_files(as_pictures(gan.sample(given).cpu().numpy()))
    said: dict[str, Any] = {}
    if features:
        real, others = (png_files(_some_pictures(artworks, part, None)) for part in ("test", "train"))
        said["distances"], said["metrics"] = compare(features, fake, real, others[: len(fake)], config.model.kid_subset)
    if judge:
        said["judged"] = classify_generated(judge, fake, wanted)
    return said


def last_lines(result: Mapping[str, Any], folder: Path) -> Sequence[str]:
    """Lines for a person: what was trained for how long, how the discriminator fares, and where everything is."""
    state = result["monitor"]["state"]
    verdict = "healthy to the end" if state == "healthy" else f"{state.upper()} at the end. To try: {ADVICE[state]}"
    earlier = [event for event in result["monitor"]["told"] if event["state"] != "healthy"]
    if state == "healthy" and earlier:
        verdict = "healthy at the end, after " + ", ".join(f"{e['state']} at {e['images']:,} images" for e in earlier)
    if state == "healthy" and result["images"] <= result["monitor"]["grace"]:
        verdict = f"too short to be judged: the monitor is silent for {result['monitor']['grace']:,} images"
    sign = {kind: result["metrics"][f"gan/sign_{kind}"] for kind in ("real", "heldout", "fake")}
    return [
        f"{result['generator']} against {result['discriminator']}: {result['images']:,} images seen, of "
        f"{result['pictures']['train']:,} training pictures",
        f"the discriminator takes for real: {_share(sign['real'])} of training pictures, {_share(sign['heldout'])} of "
        f"held-out ones, {_share(sign['fake'])} of generated ones",
        f"training was {verdict}",
        *_verdict_lines(result),
        f"pictures: {folder / 'figures' / 'samples.png'}, progress.gif beside it",
        f"everything: {folder}",
    ]


def _verdict_lines(result: Mapping[str, Any]) -> Sequence[str]:
    lines = []
    if "distances" in result:
        found, floor, count = result["distances"], result["distances"]["floor"], result["distances"]["counts"]
        lines.append(
            f"on features of {found['features']}: KID {found['kid']:.4f} (real against real {floor['kid']:.4f}), FID "
            f"{found['fid']:.1f} ({floor['fid']:.1f}), precision {found['precision']:.0%}, recall "
            f"{found['recall']:.0%}; {count['generated']:,} generated against {count['real']:,} real pictures"
        )
    if "judged" in result:
        seen = result["judged"]
        shares = ", ".join(f"{name} {share:.0%}" for name, share in seen["shares"].items())
        lines.append(
            f"the judge ({seen['judge']}, {seen['recall_on_real']['all']:.0%} right on real pictures) sees in "
            f"{seen['n']:,} generated ones: {shares}; mean confidence {seen['confidence']:.0%}"
        )
        if "hit" in seen:
            known = seen["recall_on_real"]
            hits = ", ".join(
                f"{name} {_percent(seen['hit'][name])} ({_percent(known[name])} of real ones)"
                for name in seen["shares"]
            )
            chance = sum(share**2 for share in seen["asked"].values())
            lines.append(
                f"it sees the class that was asked for in {seen['hit']['all']:.0%} (chance {chance:.0%}): {hits}"
            )
    return lines


def _percent(share: float | None) -> str:
    return "none" if share is None else f"{share:.0%}"


def _share(sign: float) -> str:
    return f"{(sign + 1) / 2:.0%}"


def _some_pictures(artworks: Artworks, part: str, count: int | None) -> NDArray[np.uint8]:
    """At most so many pictures of one part, None for all, (n, s, s, 3), chosen by their ids."""
    members = artworks.indices(part)
    chosen = members[np.argsort(draw(artwork_keys(artworks.id[members]), 0))][:count]
    return artworks.pixels[artworks.row[chosen]]


def _images_so_far(samples: Path) -> int:
    """Images that an interrupted run has seen: the last grid's."""
    return max((int(frame.stem) for frame in samples.glob("*.png")), default=0)


def _record_speed(context: RunContext, seconds: float, started: int, rows: Sequence[Metrics]) -> None:
    """Adds to the provenance what a thousand images took, in the part of the run that this process did."""
    done = rows[-1]["gan/images"] - started
    if done > 0:
        origin = read_json(context.folder.provenance)
        write_json(context.folder.provenance, {**origin, "seconds_per_1000_images": round(1_000 * seconds / done, 3)})


def _require_finite(gan: GAN, seed: int) -> None:
    if not torch.isfinite(gan.sample(gan.draw(2, seeded(seed, _WALK_NOISE)))).all():
        raise Failure(
            "The generator's pictures are no longer finite, so there is nothing to show.",
            where="checkpoints/last.ckpt",
            fix="lower optimizer.lr_generator and optimizer.lr_discriminator",
        )


def _draw(gan: GAN, seed: int, rows: Sequence[Metrics], samples: Path, folder: Path) -> None:
    """`samples.png`, `interpolations.png`, `progress.gif` and `curves.png`."""
    frames = sorted(samples.glob("*.png"))
    (folder / "samples.png").write_bytes(frames[-1].read_bytes())
    ends = gan.draw(2 * _WALKS, seeded(seed, _WALK_NOISE))
    walks = torch.cat(
        [walk(start, end, _STEPS, gan.latent) for start, end in zip(ends[:_WALKS], ends[_WALKS:], strict=True)]
    )
    save_sheet(as_pictures(gan.sample(walks).cpu().numpy()), _STEPS, folder / "interpolations.png")
    save_progress(frames, [f"{int(frame.stem):,} images" for frame in frames], folder / "progress.gif")
    plots.save(curves(rows), folder / "curves.png")


def walk(start: Tensor, end: Tensor, steps: int, latent: int) -> Tensor:
    """Noise (steps, D) along the great circle from one to the other, on which noise keeps its usual length.

    Args:
        start, end: (D,).
        steps: at least 2, both ends among them.
        latent: numbers of noise in D; what comes after them, a class, is that of the start.
    """
    first, last, rest = start[:latent], end[:latent], start[latent:]
    angle = torch.arccos((first @ last / (first.norm() * last.norm())).clamp(-1, 1))
    share = torch.linspace(0, 1, steps).unsqueeze(1)
    noise = (torch.sin((1 - share) * angle) * first + torch.sin(share * angle) * last) / torch.sin(angle)
    return torch.cat([noise, rest.expand(steps, -1)], 1)
