"""Recall and precision of a person detector on painted portraits, by size, part and confidence.

    python studies/person_filter.py yolov8n.pt

Needs `../shared/data`. Positives are 200 evenly drawn portraits; negatives are the 13 scenes without a person, 60
landscapes and still lifes of the built-in gallery, and 12 of scikit-image's sample pictures. Writes
`studies/results/person_filter.json` and `docs/figures/person-filter.png`.
"""

import argparse
import csv
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import skimage.data
from matplotlib.figure import Figure
from numpy.typing import NDArray
from skimage.color import gray2rgb

from emotionart.data.gallery.painter import paint
from emotionart.data.persons.detector import PersonDetector, load_detector
from emotionart.data.pictures.decode import load_picture
from emotionart.figures import plots

ROOT = Path(__file__).parents[1]
DATA = ROOT.parent / "shared" / "data"
RESULTS = Path(__file__).parent / "results" / "person_filter.json"
LOOKS = {"448": (448, 1.0), "320": (320, 1.0), "224": (224, 1.0), "upper 320": (320, 0.6)}
CHOICES = {
    "one look at 320 pixels": ("320",),
    "one look at 448": ("448",),
    "448, 224 and the upper part": ("448", "224", "upper 320"),
}
CONFIDENCES = (0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5, 0.6, 0.7)
MIN_AREA = 0.02
PHOTOGRAPHS = (
    "coffee", "chelsea", "rocket", "coins", "moon", "page", "hubble_deep_field", "immunohistochemistry", "brick",
    "grass", "gravel", "retina",
)  # fmt: skip


def pictures() -> Iterator[tuple[bool, NDArray[np.uint8]]]:
    """Yields whether a picture is a portrait, and the picture."""
    portraits = sorted((DATA / "portraits" / "images").iterdir())
    for path in portraits[:: len(portraits) // 200][:200]:
        yield True, load_picture(path.read_bytes())
    with (DATA / "mixed" / "labels.csv").open() as rows:
        scenes = [row["image"] for row in csv.DictReader(rows) if row["person"] == "no"]
    for name in scenes:
        yield False, load_picture((DATA / "mixed" / name).read_bytes())
    paintings = (paint(0, number, 160, 1.0, 0.0) for number in range(200))
    unpeopled = [np.asarray(painting.picture) for painting in paintings if "portrait" not in painting.tags]
    yield from ((False, picture) for picture in unpeopled[:60])
    for name in PHOTOGRAPHS:
        picture = getattr(skimage.data, name)()
        yield False, picture if picture.ndim == 3 else gray2rgb(picture)


def best_score(detector: PersonDetector, picture: NDArray[np.uint8], side: int, part: float) -> float:
    """The highest score of a person that is large enough; 0 if there is none."""
    seen = picture[: max(1, round(part * len(picture)))]
    height, width = seen.shape[:2]
    scale = side / max(height, width)
    sides = [max(32, round(length * scale / 32) * 32) for length in (width, height)]
    (found,) = detector.detect(
        [cv2.resize(seen, sides, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)]
    )
    areas = (found[:, 2] - found[:, 0]) * (found[:, 3] - found[:, 1]) * part / np.prod(sides)
    return float(found[areas >= MIN_AREA, 4].max(initial=0))


def measure(detector: PersonDetector) -> dict[str, Any]:
    """The scores of each look (size and part), and whether each picture is a portrait."""
    scores: dict[str, list[float]] = {look: [] for look in LOOKS}
    portrait = []
    for is_portrait, picture in pictures():
        portrait.append(is_portrait)
        for look, (side, part) in LOOKS.items():
            scores[look].append(best_score(detector, picture, side, part))
    return {"portrait": portrait, "scores": scores}


def curves(measured: dict[str, Any]) -> dict[str, Any]:
    """For each choice of looks: recall, precision, false positives at each confidence; pixels relative to 640²."""
    portrait = np.array(measured["portrait"])
    found = {}
    for name, looks in CHOICES.items():
        best = np.max([measured["scores"][look] for look in looks], axis=0)
        kept = [best >= confidence for confidence in CONFIDENCES]
        found[name] = {
            "recall": [float(keep[portrait].mean()) for keep in kept],
            "precision": [float(portrait[keep].mean()) for keep in kept],
            "wrong": [int((keep & ~portrait).sum()) for keep in kept],
            "cost": sum(LOOKS[look][0] ** 2 for look in looks) / 640**2,
        }
    return {
        "confidence": CONFIDENCES,
        "portraits": int(portrait.sum()),
        "others": int((~portrait).sum()),
        "looks": found,
    }


def draw(found: dict[str, Any]) -> None:
    """Draws the curves as a figure of the docs."""
    figure = Figure(figsize=(9, 3.6), layout="constrained")
    for axes, kind in zip(figure.subplots(1, 2, sharey=True), ("recall", "precision"), strict=True):
        for (name, curve), colour in zip(found["looks"].items(), (plots.GREY, plots.BLUE, plots.ORANGE), strict=True):
            axes.plot(found["confidence"], curve[kind], marker=".", color=colour, label=name)
        axes.set(xlabel="least confidence of a person", title=kind, ylim=(0.5, 1.01))
        axes.yaxis.set_major_formatter("{x:.0%}")
        plots.open_axes(axes)
    figure.axes[0].legend(frameon=False, fontsize=8)
    plots.save(figure, ROOT / "docs" / "figures" / "person-filter.png")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("weights", help="of the detector")
    weights: str = parser.parse_args().weights
    with tempfile.TemporaryDirectory() as settings:
        found = curves(measure(load_detector(weights, Path(settings))))
    RESULTS.write_text(json.dumps(found, indent=2) + "\n")
    draw(found)
    for name, curve in found["looks"].items():
        print(name, curve, flush=True)


if __name__ == "__main__":
    main()
