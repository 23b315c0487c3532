"""Painting 600 pictures takes at most ten seconds on two cores, and memory does not grow with their number.

Seconds for 600 paintings of 160 pixels, compared with writing as many noise pictures of that size; peak memory of
painting 600 and 2,400, each in a process of its own, including its workers.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image

from emotionart.data.gallery.gallery import GallerySettings, write_gallery


def paint(count: int) -> None:
    """Prints the seconds and peak memory in MB of painting `count` pictures."""
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        write_gallery(Path(folder) / "gallery", GallerySettings(count))
        seconds = time.perf_counter() - start
    peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    print(seconds, peak / 1024)


def write_noise(count: int) -> float:
    generator = np.random.default_rng(0)
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        for number in range(count):
            picture = Image.fromarray(generator.integers(0, 256, (160, 160, 3), dtype=np.uint8))
            picture.save(f"{folder}/{number}.png", compress_level=1)
        return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("count", type=int, nargs="?", help=argparse.SUPPRESS)  # for the processes that it starts
    count = parser.parse_args().count
    if count:
        paint(count)
        return
    found = {}
    for count in (600, 2_400):
        command = [sys.executable, __file__, str(count)]
        told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        found[count] = [float(number) for number in told.split()]
    noise = write_noise(600)
    for count, (seconds, peak) in found.items():
        print(
            f"{count:,} paintings: {seconds:.1f} s, {1000 * seconds / count:.1f} ms each, peak {peak:.0f} MB a process"
        )
    print(f"600 noise pictures in one process: {noise:.1f} s; painting takes {found[600][0] / noise:.1f} times as long")
    print(f"40,000 by extrapolation: {found[2_400][0] / 2_400 * 40_000 / 60:.1f} minutes")


if __name__ == "__main__":
    main()
