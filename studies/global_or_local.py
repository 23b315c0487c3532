"""Checks "Global or local?" of `emotionart explain` against a known truth.

Galleries with global cues only, local cues only, and both at 70 %: a shallow network is trained on each, and the share
of its gain that survives by `emotionart explain` is compared with the true share. For the latter, each test painting is
repainted with its own cues of one kind and those of each emotion of the other kind, and the accuracy is averaged, with
the emotions' shares as weights.

    python studies/global_or_local.py --seeds 5 --runs outputs/global_or_local

Existing runs are used. Writes `studies/results/global_or_local.json` and prints the table of its page.
"""

import argparse
import json
import logging
import statistics
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from emotionart.attribution.network import PictureNetwork, class_probabilities
from emotionart.classifier.predictor import load_run
from emotionart.config.compose import compose
from emotionart.data.gallery.emotion import NAMES, SHARES
from emotionart.data.gallery.painter import draw_emotions, paint_cues
from emotionart.explain.cues import cue_sentence, measure_cues
from emotionart.explain.images import ImageSet, read_tested_images
from emotionart.explain.model import picture_network
from emotionart.explain.selection import balanced
from emotionart.pipeline import run

RESULTS = Path(__file__).parent / "results" / "global_or_local.json"
GALLERIES = {"global": (1.0, 0.0), "local": (0.0, 1.0), "mixed": (0.7, 0.7)}
KINDS = ("global", "local")
ARTWORKS = 256
COMMON = (
    "data.count=2000",
    "model.network.pool=true",
    "model.network.channels=[16,32,64]",
    "model.network.kernel_size=3",
    "model.network.dropout=0",
    "optimizer.lr=3e-3",
    "batch_size=16",
    "augment=none",
    "trainer.max_epochs=15",
    "trainer.threads=1",
    "logger=none",
)


def train(folder: Path, gallery: str, seed: int) -> None:
    """Trains the network of one gallery, unless it exists."""
    if (folder / "result.json").exists():
        return
    global_cues, local_cues = GALLERIES[gallery]
    asked = [*COMMON, f"data.global_cues={global_cues}", f"data.local_cues={local_cues}"]
    asked += [f"data.gallery_seed={seed}", f"seed={seed}"]
    composed = compose(asked)
    folder.mkdir(parents=True)
    run(composed, folder)


def repainted(images: ImageSet, gallery: str, seed: int, kind: str) -> Tensor:
    """(n, emotions, 3, size, size): paintings with their own cues of one kind, each emotion's cues of the other."""
    pictures = []
    for name in images.name:
        number = int(name.split()[1])  # "painting 000123 of gallery 0"
        emotion, everywhere, somewhere = draw_emotions(seed, number, *GALLERIES[gallery])
        for other in NAMES:
            cues = (everywhere, other) if kind == "global" else (other, somewhere)
            picture = paint_cues(seed, number, 160, emotion, *cues).picture
            pictures.append(np.asarray(picture.resize((images.size, images.size), Image.Resampling.BOX)))
    pixels = torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2).float() / 255
    return pixels.unflatten(0, (len(images), len(NAMES)))


def truth(network: PictureNetwork, images: ImageSet, gallery: str, seed: int, kind: str) -> float:
    """Accuracy on paintings that keep only one kind of cue."""
    answers = class_probabilities(network, repainted(images, gallery, seed, kind).flatten(0, 1)).argmax(1).numpy()
    right = answers.reshape(len(images), len(NAMES)) == images.label[:, None]
    return float(np.average(right.mean(0), weights=SHARES))


def measure(folder: Path, gallery: str, seed: int) -> dict[str, Any]:
    """The measured and the true surviving shares of the network's gain over the majority baseline."""
    predictor = load_run(folder)
    network = picture_network(predictor)
    assert network is not None
    every = read_tested_images(folder, predictor, trust=False)
    images = every.take(balanced(every.label, np.arange(len(every)))[:ARTWORKS])
    cues = measure_cues(
        images,
        len(predictor.classes),
        lambda pictures: class_probabilities(network, pictures).numpy(),
        predictor.majority,
    )
    gain = cues["kinds"]["whole"]["acc"] - cues["chance"]
    return {
        "whole": cues["kinds"]["whole"]["acc"],
        "combined": cues["kinds"]["combined"]["acc"],
        "sentence": cue_sentence(cues),
        "found": {kind: cues["survives"][kind]["value"] for kind in KINDS},
        "truth": {kind: (truth(network, images, gallery, seed, kind) - cues["chance"]) / gain for kind in KINDS},
    }


def main() -> None:
    logging.basicConfig(level=logging.WARNING)
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=5, help="galleries of each kind, and networks (default 5)")
    parser.add_argument("--runs", type=Path, default=Path("outputs/global_or_local"), help="where the runs are kept")
    arguments = parser.parse_args()
    found: dict[str, list[dict[str, Any]]] = {gallery: [] for gallery in GALLERIES}
    for seed in range(arguments.seeds):
        for gallery, rows in found.items():
            folder = arguments.runs / f"{gallery}-{seed}"
            train(folder, gallery, seed)
            rows.append(measure(folder, gallery, seed))
            RESULTS.write_text(json.dumps(found, indent=2) + "\n")
    print("| gallery | cue | truth | found | largest error of a seed |\n|---|---|---|---|---|")
    for gallery, rows in found.items():
        for kind in KINDS:
            true, said = ([row[key][kind] for row in rows] for key in ("truth", "found"))
            error = max(abs(one - other) for one, other in zip(true, said, strict=True))
            means = " | ".join(f"{statistics.mean(values):.0%}" for values in (true, said))
            print(f"| {gallery} | {kind} | {means} | {100 * error:.0f} points |")


if __name__ == "__main__":
    main()
