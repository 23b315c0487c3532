"""A run on a frozen backbone takes about as long as one pass over the pictures, and the next run hardly any time.

(a) A first run of 50 epochs in 4 views against one bare forward pass of the backbone over the same pictures;
(b) a second run with another head against the same; (c) the usual way, a forward pass of the frozen backbone in every
epoch, extrapolated from one epoch; (d) peak memory of an epoch over 40,000 x 4 stored features. Random weights: speed
does not depend on them. `python benchmarks/transfer.py 200` takes 200 paintings instead of 800.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
from omegaconf import DictConfig

from emotionart.config.compose import compose
from emotionart.data.loader import ArtworkDataset, load_batches
from emotionart.data.pictures.store import FeatureStore
from emotionart.data.pictures.views import parse_views
from emotionart.inputs.backbone import BackboneRepresentation
from emotionart.inputs.stored import StoredInputs
from emotionart.pipeline import run
from emotionart.run.data import build_artworks, build_representation

EPOCHS = 50
RUN = [
    "model=vgg16_tl", "model.backbone.weights=random", "model.backbone.pool=true", "model/head=arch1", "augment=study",
    f"trainer.max_epochs={EPOCHS}", "logger=none",
]  # fmt: skip


def timed_run(folder: Path, name: str, *overrides: str) -> float:
    asked = [*RUN, f"cache={folder}/cache", *overrides]
    composed = compose(asked)
    (folder / name).mkdir()
    start = time.perf_counter()
    run(composed, folder / name)
    return time.perf_counter() - start


def bare_pass(representation: BackboneRepresentation, pictures: np.ndarray) -> float:
    """Seconds of a plain forward pass in the same precision, format and batches."""
    network = representation.network.eval().to(memory_format=torch.channels_last)
    start = time.perf_counter()
    with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16, enabled=representation.precision == "bfloat16"):
        for part in torch.from_numpy(pictures).split(32):
            batch = (part.permute(0, 3, 1, 2).float() / 255).contiguous(memory_format=torch.channels_last)
            network(batch)
    return time.perf_counter() - start


def same_pictures(config: DictConfig, representation: BackboneRepresentation) -> tuple[np.ndarray, int]:
    """The pictures of a first run in all their views, and the number of training artworks."""
    artworks = build_artworks(config, representation.size)
    train = artworks.indices("train")
    views = parse_views(list(config.augment.views))
    pictures = [view(artworks.pixels[artworks.row[row]]) for row in train for view in views]
    pictures += [artworks.pixels[row] for row in np.delete(artworks.row, train)]
    return np.stack(pictures), len(train)


def stored_epoch(folder: Path) -> dict[str, float]:
    """Seconds and peak MB of an epoch over 40,000 artworks whose 4 views are stored."""
    views, count = ["identity", "flip", "rotate:8", "rotate:-8"], 40_000
    with FeatureStore(folder / "store", {}, (512,)) as store:
        pictures = np.array([f"{number:032x}" for number in range(count)], dtype=object)
        for view in views:
            for start in range(0, count, 1_000):
                keys = [(picture, view) for picture in pictures[start : start + 1_000]]
                store.write(keys, np.full((1_000, 512), start, dtype=np.float32))
        labels = np.zeros(count, dtype=np.int64)
        inputs = StoredInputs([store], pictures, views)
        target = np.zeros((count, 4), dtype=np.float32)
        dataset = ArtworkDataset(inputs, np.arange(count), pictures, target, labels, views=4, seed=0)
        start_time = time.perf_counter()
        read = sum(len(batch.inputs) for batch in load_batches(dataset, 32, seed=0, workers=0))
        seconds = time.perf_counter() - start_time
    return {"artworks": read, "seconds": seconds, "MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("count", nargs="?", default="800", help="paintings (default 800)")
    asked: str = parser.parse_args().count
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if asked == "memory":
            print(json.dumps(stored_epoch(folder)))
            return
        count = f"data.count={asked}"
        # First, while this process is small: on Linux a child's peak memory includes that of its parent at the fork.
        told = subprocess.run([sys.executable, __file__, "memory"], capture_output=True, text=True, check=True).stdout
        found = json.loads(told)
        config = compose([*RUN, count, f"cache={folder}/cache"]).config
        representation = build_representation(config)
        assert isinstance(representation, BackboneRepresentation)
        pictures, train = same_pictures(config, representation)
        bare = bare_pass(representation, pictures)
        first = timed_run(folder, "first", count)
        second = timed_run(folder, "second", count, "model/head=arch2")
        usual = bare * train / len(pictures) * EPOCHS
        print(f"vgg16 at {representation.size} px, {representation.precision}, {len(pictures)} pictures and views")
        print(f"bare pass {bare:.1f} s, {len(pictures) / bare:.1f} pictures a second")
        print(f"(a) first run of {EPOCHS} epochs: {first / bare:.2f} times the bare pass (aim: 1.15)")
        print(f"(b) second run, another head: {second / bare:.2f} times (aim: 0.05)")
        print(f"(c) forwarding in every epoch: {usual / bare:.1f} times, {usual / first:.1f} times the first run")
        print(f"(d) an epoch over 40,000 x 4 stored features: {found['seconds']:.1f} s, peak {found['MB']:.0f} MB")


if __name__ == "__main__":
    main()
