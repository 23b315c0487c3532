"""Importing and checking ArtEmis at full size: 454,000 votes on 80,000 paintings. Aim: a minute, under 1.5 GB.

Votes are drawn at random; paintings are JPEGs of 32 pixels, whose decoding is mostly overhead. Each command runs in a
process of its own; making the files is not counted.

At full size, on two quiet cores of an AMD EPYC:

    import                        4.5 s   0.58 GB
    check, without copies        41.9 s   1.45 GB
    check                       171.8 s   2.30 GB
    reading and decoding alone   12.6 s

So import and check take less than a minute, unless copies are looked for, which compares all pairs of paintings.

    python benchmarks/artemis.py [PAINTINGS]
"""

import argparse
import csv
import resource
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np

from emotionart.cores import available_cores
from emotionart.data.pictures.decode import HASHED_SIDE, decode

EMOTIONS = ("amusement", "awe", "contentment", "excitement", "anger", "disgust", "fear", "sadness", "something else")
VOTES = 454_000 / 80_000
"""Mean number of votes per painting."""


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
    start, before = time.monotonic(), _processor_seconds()
    subprocess.run([sys.executable, "-m", "emotionart", "data", *words], check=True, stdout=subprocess.DEVNULL)
    seconds, used = time.monotonic() - start, _processor_seconds() - before
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20
    print(f"{name:<30} {seconds:6.1f} s, {used:.1f} s of a core   largest process so far {peak:.2f} GB", flush=True)


def _processor_seconds() -> float:
    """CPU seconds of all finished child processes."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def decode_alone(folder: Path) -> None:
    """The lower bound of a check: only reads and decodes each file once, on all cores."""
    files = sorted(folder.glob("*/*.jpg"))
    rows = [files[start : start + 64] for start in range(0, len(files), 64)]
    start, before = time.monotonic(), time.process_time()
    with ThreadPoolExecutor(available_cores()) as pool:
        for _ in pool.map(lambda row: [decode(file.read_bytes(), HASHED_SIDE) for file in row], rows):
            pass
    seconds, used = time.monotonic() - start, time.process_time() - before
    print(f"{'reading and decoding alone':<30} {seconds:6.1f} s, {used:.1f} s of a core", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paintings", type=int, nargs="?", default=80_000)
    paintings: int = parser.parse_args().paintings
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        generate(folder, paintings)
        print(f"{paintings:,} paintings, {int(paintings * VOTES):,} votes")
        table = str(folder / "artemis.parquet")
        measure("import", "import", "artemis", str(folder / "artemis_dataset.csv"), str(folder), "--out", table)
        decode_alone(folder)
        asked = [table, "labels=artemis", f"cache={folder / 'cache'}"]
        measure("check, without copies", "check", *asked, "data.near_duplicates=null")
        measure("check", "check", *asked)


if __name__ == "__main__":
    main()
