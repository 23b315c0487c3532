"""GAN families on real portraits at 64 pixels, evaluated by two networks that trained none of them.

    python studies/gan_portraits.py LABELS.csv EFFICIENTNET.safetensors SQUEEZENET.safetensors YOLO.pt FOLDER
    python studies/gan_portraits.py … --images 200000 --settings gan_projected

Trains each setting that is not in FOLDER yet (and resumes interrupted ones) for the same number of images, split by
artist. The projected discriminator uses EfficientNet-Lite0; KID, FID, precision and recall use SqueezeNet's ImageNet
features at 224 pixels, and YOLOv8n counts the pictures with a person. Writes `studies/results/gan_portraits.json`,
whose entries are not measured again, and `docs/figures/gan-portraits.jpg`.
"""

import argparse
import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
import yaml
from numpy.typing import NDArray
from PIL import Image

from emotionart.config.compose import compose
from emotionart.data.persons.detector import PersonDetector, load_detector
from emotionart.data.pictures.encode import png_files
from emotionart.gan.evaluate import build_features
from emotionart.gan.generation.sampler import load_sampler
from emotionart.gan.health.observe import seeded
from emotionart.pipeline import run
from emotionart.run.data import build_representation, build_unlabelled
from emotionart.run.stored import read_provenance, read_result
from emotionart.statistics.image_quality import distances, scale_of

FOUND = Path(__file__).parent / "results" / "gan_portraits.json"
FIGURE = Path(__file__).parents[1] / "docs" / "figures" / "gan-portraits.jpg"
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
GAP = 10  # pixels between two runs in the figure


def train(name: str, images: int, asked: argparse.Namespace) -> Path:
    path: Path = asked.folder / f"{name}-{images}"
    if not (path / "result.json").exists():
        path.mkdir(parents=True, exist_ok=True)
        again = [f"resume={path}"] if (path / "run.json").exists() else []
        overrides = [*SETTINGS[name], *COMMON, f"model.features.weights={asked.judge}", f"model.images={images}",
                     f"data.path={asked.labels}", f"cache={asked.folder}/cache", *again]  # fmt: skip
        if name == "gan_projected":
            overrides.append(f"discriminator.backbone.weights={asked.weights}")
        composed = compose(overrides)
        run(composed.config, composed.choices, overrides, path)
    return path


def persons(detector: PersonDetector, pictures: NDArray[np.uint8]) -> float:
    """Share of pictures (n, h, w, 3) in which a person is found."""
    shown = [cv2.resize(picture, (SHOWN, SHOWN), interpolation=cv2.INTER_CUBIC) for picture in pictures]
    found = [detector.detect(shown[start : start + 32]) for start in range(0, len(shown), 32)]
    return float(np.mean([len(boxes) > 0 and boxes[0, 4] >= CONFIDENCE for batch in found for boxes in batch]))


def measure(path: Path, detector: PersonDetector) -> dict[str, Any]:
    """Distances of the best generator from real test pictures, and share with persons, also for real pictures."""
    overrides = yaml.safe_load((path / "overrides.yaml").read_text())["overrides"]
    asked = [item for item in overrides if not item.startswith(("hydra.", "resume="))]
    config = compose([*asked, "model.features.size=224"]).config
    artworks = build_unlabelled(config, build_representation(config).size)
    test, training = (
        np.stack(list(artworks.pixels[artworks.row[artworks.indices(part)]])) for part in ("test", "train")
    )
    sampler = load_sampler(path)
    painted = np.stack(list(sampler.pictures(sampler.latents.draw(SAMPLES, seeded(config.seed, 3)))))
    features = build_features(config, None)
    assert features is not None
    real, other, fake = (
        features.of(png_files(pictures), what)
        for pictures, what in ((test, "real"), (training[:SAMPLES], "other real"), (painted, "painted"))
    )
    scale = scale_of(real)
    result = read_result(path / "result.json")
    return {
        "painted": distances(real / scale, fake / scale, SUBSET) | {"persons": persons(detector, painted)},
        "real": distances(real / scale, other / scale, SUBSET) | {"persons": persons(detector, test)},
        "told": [event["state"] for event in result["monitor"]["told"]],
        "seconds": read_provenance(path / "provenance.json")["seconds"],
    }


def draw(paths: list[Path]) -> None:
    """Draws the first 24 of each run's last samples below each other, at twice their size."""
    parts = []
    for path in paths:
        with Image.open(max((path / "samples").glob("*.png"))) as sheet:
            parts.append(sheet.convert("RGB").crop((0, 0, sheet.width, sheet.height * 3 // 8 + 1)))
    width, height = parts[0].width, parts[0].height + GAP
    whole = Image.new("RGB", (width, height * len(parts) - GAP), "white")
    for place, part in enumerate(parts):
        whole.paste(part, (0, place * height))
    whole.resize((2 * whole.width, 2 * whole.height), Image.Resampling.NEAREST).save(FIGURE, quality=85)


def report(found: dict[str, dict[str, Any]]) -> None:
    """Prints one line for each run, and one for real pictures."""
    rows = {key: values["painted"] for key, values in found.items()}
    rows["real"] = next(iter(found.values()))["real"]
    for key, row in rows.items():
        print(f"{key:<24} KID {row['kid']:.3f}  FID {row['fid']:.0f}  precision {row['precision']:.1%}  "
              f"recall {row['recall']:.1%}  persons {row['persons']:.1%}")  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("labels", "weights", "judge", "detector"):
        parser.add_argument(name)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--images", type=int, default=50_000)
    parser.add_argument("--settings", nargs="*", choices=SETTINGS, default=list(SETTINGS))
    asked = parser.parse_args()
    torch.set_num_threads(1)
    found: dict[str, dict[str, Any]] = json.loads(FOUND.read_text()) if FOUND.exists() else {}
    paths = [train(name, asked.images, asked) for name in asked.settings]
    for path in paths:
        if path.name not in found:
            found[path.name] = measure(path, load_detector(asked.detector, asked.folder))
            FOUND.write_text(json.dumps(found, indent=2) + "\n")
    draw(paths)
    report(found)


if __name__ == "__main__":
    main()
