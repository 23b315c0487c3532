"""A trained GAN: its figures, log entries, summary and page."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from emotionart.config.composed import flat
from emotionart.data.artworks import Artworks
from emotionart.errors import UserError
from emotionart.figures import plots
from emotionart.figures.generated import save_progress, save_sheet, training_curves
from emotionart.files import atomic_write, read_yaml
from emotionart.gan.generation.neighbours import (
    nearest_training_pictures,
    read_artworks,
    save_neighbours,
)
from emotionart.gan.generation.sampler import GANSampler, load_sampler
from emotionart.gan.health.monitor import ADVICE
from emotionart.gan.noise import Purpose, noise_generator
from emotionart.gan.page import NEAREST, gan_commands, gan_sections
from emotionart.gan.step.latents import interpolate
from emotionart.run.folder import RunFolder
from emotionart.run.length import doubled_length
from emotionart.run.outcome import Result
from emotionart.run.page import write_run_page
from emotionart.run.stored import read_provenance, read_result
from emotionart.run.tracking.logger import Logger
from emotionart.run.training.callbacks import Metrics
from emotionart.run.training.checkpoint import LAST, read_checkpoint

_INTERPOLATIONS, _STEPS = 6, 9  # interpolations, and pictures along each
_WITH_NEIGHBOURS = 8  # pictures beside their neighbours

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class TrainedGAN:
    """A trained GAN and the record of its training.

    Attributes:
        result: contents of `result.json`.
        sampler: its generator.
        history: one row of metrics per report.
        samples: folder of the grids of pictures of each report, in the run's folder.
        artworks: reads the artworks that it was trained on.
    """

    result: Result
    sampler: GANSampler
    history: Sequence[Metrics]
    samples: Path
    artworks: Callable[[], Artworks]

    def figures(self) -> Mapping[str, Callable[[Path], None]]:
        """Functions that write the figures, by file name."""
        return {
            "samples.png": self._write_samples,
            "interpolations.png": self._write_interpolations,
            "progress.gif": self._write_progress,
            NEAREST: self._write_nearest,
            "curves.png": lambda path: plots.save(training_curves(self.history), path),
        }

    def send(self, logger: Logger, folder: RunFolder) -> None:
        """Logs the final metrics and the figures."""
        judged = flat(self.result.get("judged", {}), "gan/judge/")
        logger.update_summary(
            {
                **{name: value for name, value in judged.items() if isinstance(value, int | float)},
                **self.result["metrics"],
                **{f"parameters/{player}": count for player, count in self.result["parameters"].items()},
                "best/images": self.result["checkpoint"]["images"],
                "gan/images": self.history[-1]["gan/images"],
                "seconds": read_provenance(folder.provenance)["seconds"],
            }
        )
        for figure in (folder.figures / name for name in self.figures()):
            if figure.suffix == ".png" and figure.is_file():  # the frames of the animation are logged already
                logger.log_image(f"figures/{figure.stem}", figure)

    def lines(self) -> Sequence[str]:
        """The summary of the run, line by line."""
        return findings(self.result)

    def headlines(self) -> Sequence[str]:
        """The lines of the summary that the console shows."""
        return headlines(self.result)

    def write_page(self, folder: RunFolder) -> None:
        """Writes `report.html`."""
        sections = gan_sections(folder, self.result, self._frames(), self.history)
        longer = doubled_length(read_yaml(folder.config, "model"), self.result["images"])
        write_run_page(folder, findings(self.result), sections, gan_commands(folder, longer))

    def _frames(self) -> list[Path]:
        return sorted(self.samples.glob("*.png"))

    def _write_samples(self, path: Path) -> None:
        with atomic_write(path) as partial:
            shutil.copyfile(self.samples / f"{self.result['checkpoint']['images']:010d}.png", partial)

    def _write_interpolations(self, path: Path) -> None:
        latents, count = self.sampler.latents, _INTERPOLATIONS
        ends = latents.draw(2 * count, noise_generator(self.result["seed"], Purpose.INTERPOLATIONS))
        pairs = zip(ends[:count], ends[count:], strict=True)
        paths = torch.cat([interpolate(start, end, _STEPS, latents.size) for start, end in pairs])
        save_sheet(self.sampler.pictures(paths), _STEPS, path)

    def _write_nearest(self, path: Path) -> None:
        """Writes the first pictures of `emotionart generate` beside their neighbours, if the artworks are in place."""
        latents = torch.cat([self.sampler.draw(number, 0) for number in range(_WITH_NEIGHBOURS)])
        pictures = self.sampler.pictures(latents)
        try:
            near = nearest_training_pictures(self.artworks(), pictures)
        except UserError as error:
            log.info("figures/%s is left out, because the training pictures cannot be read: %s", path.name, error.what)
        else:
            save_neighbours(pictures, near, path)

    def _write_progress(self, path: Path) -> None:
        frames = self._frames()
        save_progress(frames, [f"{int(frame.stem):,} images" for frame in frames], path)


def load_trained(folder: RunFolder, trust: bool = False) -> TrainedGAN:
    """Loads the GAN of a run that has a result.

    Raises:
        UserError: if the run cannot be loaded.
    """
    history = read_checkpoint(folder.checkpoints / LAST).history
    sampler = load_sampler(folder.path, trust=trust)
    result = read_result(folder.result)
    return TrainedGAN(result, sampler, history, folder.samples, lambda: read_artworks(folder.path, trust))


def findings(result: Mapping[str, Any]) -> Sequence[str]:
    """Sentences: what was trained for how long, the state of training, and the evaluation."""
    return [*headlines(result), _signs_line(result), *_judge_lines(result)]


def headlines(result: Mapping[str, Any]) -> Sequence[str]:
    """The most important findings: what was trained for how long, the state of training, and the distances."""
    state = result["monitor"]["state"]
    verdict = "healthy to the end" if state == "healthy" else f"{state.upper()} at the end. To try: {ADVICE[state]}"
    earlier = [event for event in result["monitor"]["told"] if event["state"] != "healthy"]
    if state == "healthy" and earlier:
        verdict = "healthy at the end, after " + ", ".join(f"{e['state']} at {e['images']:,} images" for e in earlier)
    if state == "healthy" and result["images"] <= result["monitor"]["grace"]:
        verdict = f"too short to judge: the monitor is silent for {result['monitor']['grace']:,} images"
    return [
        *_random_features(result),
        f"{result['generator']} against {result['discriminator']}: {result['images']:,} images seen, of "
        f"{result['pictures']['train']:,} training pictures",
        f"training was {verdict}",
        *_distance_lines(result),
    ]


def _random_features(result: Mapping[str, Any]) -> Sequence[str]:
    """A warning if the discriminator sees through a network that was never trained."""
    frozen = result.get("seen_through")
    if not frozen or frozen["weights"] != "random":
        return []
    return [
        f"RANDOM FEATURES: the discriminator sees through {frozen['name']} with random weights, not pretrained ones"
    ]


def _signs_line(result: Mapping[str, Any]) -> str:
    sign = {kind: result["metrics"][f"gan/sign_{kind}"] for kind in ("real", "heldout", "fake")}
    return (
        f"the discriminator calls real: {_share(sign['real'])} of training pictures, {_share(sign['heldout'])} of "
        f"held-out ones, {_share(sign['fake'])} of generated ones"
    )


def _distance_lines(result: Mapping[str, Any]) -> Sequence[str]:
    if "distances" not in result:
        return []
    metrics, floor, count = result["distances"], result["distances"]["floor"], result["distances"]["counts"]
    leak = ", which trained the discriminator and say little" if metrics["leaks"] else ""
    return [
        f"on features of {metrics['features']}{leak}: KID {metrics['kid']:.4f} (real against real {floor['kid']:.4f}), "
        f"FID {metrics['fid']:.1f} ({floor['fid']:.1f}), precision {metrics['precision']:.0%}, recall "
        f"{metrics['recall']:.0%}; {count['generated']:,} generated against {count['real']:,} real pictures"
    ]


def _judge_lines(result: Mapping[str, Any]) -> Sequence[str]:
    lines = []
    if "judged" in result:
        report = result["judged"]
        shares = ", ".join(f"{name} {share:.0%}" for name, share in report["shares"].items())
        lines.append(
            f"the judge ({report['judge']}, {report['recall_on_real']['all']:.0%} right on real pictures) sees in "
            f"{report['n']:,} generated ones: {shares}; mean confidence {report['confidence']:.0%}"
        )
        if "hit" in report:
            recall = report["recall_on_real"]
            hits = ", ".join(
                f"{name} {_percent(report['hit'][name])} ({_percent(recall[name])} of real ones)"
                for name in report["shares"]
            )
            # The agreement of predictions that do not depend on the request (Cohen 1960).
            chance = sum(share * report["shares"][name] for name, share in report["asked"].items())
            lines.append(f"it sees the requested class in {report['hit']['all']:.0%} (chance {chance:.0%}): {hits}")
    return lines


def _percent(share: float | None) -> str:
    return "none" if share is None else f"{share:.0%}"


def _share(sign: float) -> str:
    return f"{(sign + 1) / 2:.0%}"
