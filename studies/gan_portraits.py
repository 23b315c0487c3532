"""GAN families on real portraits at 64 pixels, evaluated by two networks that trained none of them.

    python studies/gan_portraits.py LABELS.csv EFFICIENTNET.safetensors SQUEEZENET.safetensors YOLO.pt FOLDER
    python studies/gan_portraits.py … --images 100000 --settings gan_projected --times 10000 50000 100000

Trains each setting that is not in FOLDER yet (and resumes interrupted ones) for the same number of images, split by
artist. The projected discriminator uses EfficientNet-Lite0; KID, FID, precision and recall use SqueezeNet's ImageNet
features at 224 pixels, and YOLOv8n counts the pictures with a person. Writes `studies/results/gan_portraits.json`,
whose entries are not measured again, and `docs/figures/gan-portraits.jpg`: the last grid of each of several settings.
With `--times`, it writes `gan-portraits-time.jpg` instead: grids of one run, by the averaged generator at those times.
"""

import argparse
import json
import re
import statistics
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from emotionart.config.compose import compose
from emotionart.data.persons.detector import PersonDetector, load_detector
from emotionart.data.pictures.encode import png_files
from emotionart.gan.features import build_features
from emotionart.gan.generation.sampler import load_sampler
from emotionart.gan.noise import Purpose, noise_generator
from emotionart.pipeline import run
from emotionart.run.data import build_representation, build_unlabelled
from emotionart.run.stored import read_provenance, read_result
from emotionart.statistics.image_quality import distances, scale_of

FOUND = Path(__file__).parent / "results" / "gan_portraits.json"
FIGURES = Path(__file__).parents[1] / "docs" / "figures"
SETTINGS = {
    "gan_study": ["model=gan_study"],
    "gan": ["model=gan", "generator=resize_conv"],
    "gan_projected": ["model=gan_projected"],
    "r3gan": ["model=r3gan"],
}
COMMON = [
    "data=table", "data.group=artist", "model.report_every=10000", "logger=csv", "trainer.threads=1",
    "model/features=backbone", "model.features.name=squeezenet1_0", "model.features.mean=[123,117,104]",
    "model.features.std=[1,1,1]", "model.features.scale=1",
]  # fmt: skip
SAMPLES, SUBSET = 1_000, 100
SHOWN, CONFIDENCE = 320, 0.4
"""Side in pixels of the detector's input, and its least confidence."""
JUDGED = 50_000
"""Images from which the monitor can have told anything, with a report every 10,000: its grace, and its patience."""
GAP = 10  # pixels between two grids in a figure


def data(asked: argparse.Namespace) -> list[str]:
    """Overrides of the pictures and of the network that evaluates."""
    return [*COMMON, f"model.features.weights={asked.judge}", f"data.path={asked.labels}",
            f"cache={asked.folder}/cache"]  # fmt: skip


def train(name: str, setting: list[str], asked: argparse.Namespace) -> Path:
    """The folder of a finished run with these overrides."""
    path: Path = asked.folder / f"{name}{f'_seed{asked.seed}' if asked.seed else ''}-{asked.images}"
    if not (path / "result.json").exists():
        path.mkdir(parents=True, exist_ok=True)
        again = [f"resume={path}"] if (path / "run.json").exists() else []
        overrides = [*data(asked), *setting, f"model.images={asked.images}", f"seed={asked.seed}", *again]
        if "model=gan_projected" in setting:
            overrides.append(f"discriminator.backbone.weights={asked.weights}")
        composed = compose(overrides)
        run(composed, path)
    return path


def persons(detector: PersonDetector, pictures: NDArray[np.uint8]) -> float:
    """Share of pictures (n, h, w, 3) in which a person is found."""
    shown = [cv2.resize(picture, (SHOWN, SHOWN), interpolation=cv2.INTER_CUBIC) for picture in pictures]
    found = [detector.detect(shown[start : start + 32]) for start in range(0, len(shown), 32)]
    return float(np.mean([len(boxes) > 0 and boxes[0, 4] >= CONFIDENCE for batch in found for boxes in batch]))


class Evaluation:
    """Compares the pictures of runs with real test pictures, whose features are computed once.

    Args:
        asked: arguments of the command line.
    """

    def __init__(self, asked: argparse.Namespace) -> None:
        self.config = compose(["model=gan", *data(asked), "model.features.size=224"]).config
        features = build_features(self.config)
        assert features is not None
        self.features = features
        self.detector = load_detector(asked.detector, asked.folder)
        artworks = build_unlabelled(self.config, build_representation(self.config).size)
        test, training = (
            np.stack(list(artworks.pixels[artworks.row[artworks.indices(part)]])) for part in ("test", "train")
        )
        real = self.features.of(png_files(test), "real")
        other = self.features.of(png_files(training[:SAMPLES]), "other real")
        self.scale = scale_of(real)
        self.real = real / self.scale
        self.floor = self._distances(other) | {"persons": persons(self.detector, test)}

    def measure(self, path: Path) -> dict[str, Any]:
        """Distances of the best generator from real test pictures, and share with persons, also for real pictures."""
        sampler = load_sampler(path)
        latents = sampler.latents.draw(SAMPLES, noise_generator(self.config.seed, Purpose.EVALUATION))
        painted = sampler.pictures(latents)
        fake = self.features.of(png_files(painted), "painted")
        return {
            "painted": self._distances(fake) | {"persons": persons(self.detector, painted)},
            "real": self.floor,
            "told": [event["state"] for event in read_result(path / "result.json")["monitor"]["told"]],
            "seconds": read_provenance(path / "provenance.json")["seconds"],
        }

    def _distances(self, features: Tensor) -> dict[str, float]:
        return distances(self.real, features / self.scale, SUBSET)


class Results:
    """Measured runs in a file; what is in it is not measured again."""

    def __init__(self, file: Path, asked: argparse.Namespace) -> None:
        self.file, self.asked = file, asked
        self.found: dict[str, dict[str, Any]] = json.loads(file.read_text()) if file.exists() else {}

    @cached_property
    def evaluation(self) -> Evaluation:
        return Evaluation(self.asked)

    def add(self, path: Path) -> None:
        if path.name not in self.found:
            self.found[path.name] = self.evaluation.measure(path)
            self.file.write_text(json.dumps(self.found, indent=2) + "\n")


def sheet(path: Path, images: int) -> Path:
    """The grid of a run after so many images, up to the end of a batch."""
    nearest = min((path / "samples").glob("*.png"), key=lambda file: abs(int(file.stem) - images))
    if abs(int(nearest.stem) - images) > images / 100:
        raise SystemExit(f"{path} has no grid after {images:,} images; the nearest is {nearest.name}")
    return nearest


def draw(sheets: list[Path], figure: Path) -> None:
    """Draws the first 24 pictures of each grid below each other, at twice their size."""
    parts = []
    for path in sheets:
        with Image.open(path) as whole:
            parts.append(whole.convert("RGB").crop((0, 0, whole.width, whole.height * 3 // 8 + 1)))
    width, height = parts[0].width, parts[0].height + GAP
    stacked = Image.new("RGB", (width, height * len(parts) - GAP), "white")
    for index, part in enumerate(parts):
        stacked.paste(part, (0, index * height))
    stacked.resize((2 * stacked.width, 2 * stacked.height), Image.Resampling.NEAREST).save(figure, quality=85)


def over_seeds(found: dict[str, dict[str, Any]]) -> Iterator[str]:
    """A line for each setting and number of images that has several seeds: means and standard deviations."""
    runs: dict[str, list[dict[str, float]]] = {}
    for key, values in found.items():
        runs.setdefault(re.sub(r"_seed\d+", "", key), []).append(values["painted"])
    for key, rows in runs.items():
        if len(rows) > 1:
            spread = ", ".join(
                f"{name} {statistics.mean(values):.3f} ± {statistics.stdev(values):.3f}"
                for name in ("kid", "fid", "precision", "recall", "persons")
                for values in [[row[name] for row in rows]]
            )
            yield f"{key}, {len(rows)} seeds: {spread}"


def report(found: dict[str, dict[str, Any]]) -> None:
    """Prints one line for each run, one for real pictures, and one for each group of runs with several seeds."""
    rows = {key: values["painted"] for key, values in found.items()}
    rows["real"] = next(iter(found.values()))["real"]
    monitor = {key: ", ".join(values["told"]) or "silent" for key, values in found.items()}
    monitor |= {key: "too short to judge" for key in found if int(key.rpartition("-")[2]) < JUDGED}
    for key, row in rows.items():
        print(f"{key:<24} KID {row['kid']:.3f}  FID {row['fid']:.0f}  precision {row['precision']:.1%}  "
              f"recall {row['recall']:.1%}  persons {row['persons']:.1%}  "
              f"monitor: {monitor.get(key, '-')}")  # fmt: skip
    print(*over_seeds(found), sep="\n")


def parser(doc: str | None, images: int, settings: Iterable[str]) -> argparse.ArgumentParser:
    """Arguments of a study of these settings."""
    found = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("labels", "weights", "judge", "detector"):
        found.add_argument(name)
    found.add_argument("folder", type=Path)
    found.add_argument("--images", type=int, default=images)
    found.add_argument("--seed", type=int, default=0, help="seed of training; evaluation always has the same")
    found.add_argument("--settings", nargs="*", choices=list(settings), default=list(settings))
    return found


def main() -> None:
    arguments = parser(__doc__, 50_000, SETTINGS)
    arguments.add_argument("--times", nargs="*", type=int, help="numbers of images: draws the last setting by time")
    asked = arguments.parse_args()
    torch.set_num_threads(1)
    results = Results(FOUND, asked)
    paths = [train(name, SETTINGS[name], asked) for name in asked.settings]
    for path in paths:
        results.add(path)
    if asked.times:
        draw([sheet(paths[-1], images) for images in asked.times], FIGURES / "gan-portraits-time.jpg")
    elif len(paths) > 1:
        draw([sheet(path, asked.images) for path in paths], FIGURES / "gan-portraits.jpg")
    report(results.found)


if __name__ == "__main__":
    main()
