"""Importing and checking ArtEmis at full size: 454,000 votes on 80,000 paintings. Aim: a minute, under 1.5 GB.

Votes are drawn at random; paintings are JPEGs of 32 pixels. Each command runs in a process of its own; making the
files is not counted. On two loaded cores of an AMD EPYC the import took 21 s and 0.5 GB, and the check 100 s and 1.4
GB without a search for copies: a millisecond a picture, most of it Pillow's. The search compares each with each; for
40,000 pictures it took 3 minutes on the same cores.

    python benchmarks/artemis.py [PAINTINGS]
"""

import csv
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import cv2
import numpy as np

EMOTIONS = ("amusement", "awe", "contentment", "excitement", "anger", "disgust", "fear", "sadness", "something else")
VOTES = 454_000 / 80_000
"""Votes of a painting, on average."""


def generate(folder: Path, paintings: int) -> None:
    generator = np.random.default_rng(0)
    names = [f"artist-{number % 1_100}_work-{number}-1900" for number in range(paintings)]
    styles = [f"Style_{number % 27}" for number in range(paintings)]
    for style, name in zip(styles, names, strict=True):
        (folder / style).mkdir(exist_ok=True)
        small = generator.integers(0, 256, (8, 8, 3), dtype=np.uint8)
        cv2.imwrite(str(folder / style / f"{name}.jpg"), cv2.resize(small, (32, 32)))
    with (folder / "artemis_dataset.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["art_style", "painting", "emotion", "utterance", "repetition"])
        for painting in generator.integers(0, paintings, int(paintings * VOTES)):
            emotion = EMOTIONS[generator.integers(len(EMOTIONS))]
            writer.writerow([styles[painting], names[painting], emotion, f"it makes me think, of {painting}", 6])


def measure(name: str, *words: str) -> None:
    start = time.monotonic()
    subprocess.run([sys.executable, "-m", "emotionart", "data", *words], check=True, stdout=subprocess.DEVNULL)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20
    print(f"{name:<30} {time.monotonic() - start:6.1f} s   largest process so far {peak:.2f} GB", flush=True)


def main() -> None:
    paintings = int(sys.argv[1]) if len(sys.argv) > 1 else 80_000
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        generate(folder, paintings)
        print(f"{paintings:,} paintings, {int(paintings * VOTES):,} votes")
        table = str(folder / "artemis.parquet")
        measure("import", "import", "artemis", str(folder / "artemis_dataset.csv"), str(folder), "--out", table)
        asked = [table, "labels=artemis", f"cache={folder / 'cache'}"]
        measure("check, without copies", "check", *asked, "data.near_duplicates=null")
        measure("check", "check", *asked)


if __name__ == "__main__":
    main()
