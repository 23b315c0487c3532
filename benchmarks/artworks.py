"""Reading, decoding and splitting 40,000 artworks stays under 2 GB and grows linearly, except for finding copies.

The search for copies compares all pairs of pictures, so it grows quadratically; its result is stored.

Times and peak memory at 4,000 and 40,000 generated artworks (32-pixel PNGs, 16 labels, one artist per eight),
each in a process of its own. Making the files is not counted.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import cv2
import numpy as np

from emotionart.config.compose import compose
from emotionart.config.instantiate import instantiate
from emotionart.data.pictures.duplicates import duplicate_clusters
from emotionart.data.pictures.pixels import open_pictures
from emotionart.data.prepare import prepare_artworks
from emotionart.data.tables.labels import Grouping
from emotionart.data.tables.layouts.reading import read_table
from emotionart.data.tables.splits.split import split_artworks
from emotionart.data.tables.splits.units import SplitKeys

SIZE = 64


def generate(folder: Path, count: int) -> None:
    (folder / "images").mkdir()
    generator = np.random.default_rng(0)
    rows = ["image,label,artist"]
    for number in range(count):
        small = generator.integers(0, 256, (8, 8, 3), dtype=np.uint8)
        cv2.imwrite(str(folder / f"images/{number}.png"), cv2.resize(small, (32, 32)))
        rows.append(f"images/{number}.png,emotion {generator.integers(16)},artist {number // 8}")
    (folder / "labels.csv").write_text("\n".join(rows))


def measure(folder: Path) -> dict[str, float]:
    """Seconds of each step, and of all together with everything stored; peak memory in MB."""
    found = {}
    start = time.perf_counter()

    def lap(name: str) -> None:
        nonlocal start
        found[name] = time.perf_counter() - start
        start = time.perf_counter()

    table = read_table(folder / "labels.csv", group="artist")
    lap("reading the table")
    pictures = open_pictures(list(table.image), SIZE, folder / "cache", "squash")
    lap(f"decoding at {SIZE} px")
    cluster = duplicate_clusters(pictures.id, pictures.phash, pictures.square, 2, folder / "cache")
    lap("copies")
    split_artworks(SplitKeys(pictures.id, table.group, cluster), seed=0)
    lap("splitting")
    asked = ["data=table", f"data.path={folder / 'labels.csv'}", "data.group=artist", "labels=as_is"]
    source = instantiate(compose(asked).config.data)
    prepare_artworks(source, Grouping(None, "error", "votes"), SIZE, folder / "cache")
    lap("all of it a second time")
    found["peak memory, MB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", help=argparse.SUPPRESS)  # for the processes that it starts
    folder = parser.parse_args().folder
    if folder:
        print(json.dumps(measure(folder)))
        return
    columns = []
    for count in (4_000, 40_000):
        with tempfile.TemporaryDirectory() as folder:
            generate(Path(folder), count)
            command = [sys.executable, __file__, folder]
            columns.append(json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout))
    small, large = columns
    print(f"{'':<26}{'4,000':>9}{'40,000':>9}  growth")
    for name in small:
        print(f"{name:<26}{small[name]:>9.2f}{large[name]:>9.2f}{large[name] / small[name]:>7.1f}x")
    print(f"peak memory at 40,000: {large['peak memory, MB']:.0f} MB (aim: 2,000)")


if __name__ == "__main__":
    main()
