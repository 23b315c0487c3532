"""`emotionart features` on 40,000 pictures takes minutes, and its memory does not grow with their number.

Tables of 1,000 and 4,000 JPEGs of about 1,000 pixels, each in a process of its own: seconds, compared with reading,
decoding and resizing the same files on as many threads, and peak memory. A second table of the same pictures shows the
cost of resuming.
"""

import argparse
import io
import resource
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import skimage.data
from PIL import Image

from emotionart.cores import available_cores
from emotionart.data.pictures.decode import load_resized, read_file
from emotionart.features.vectors import FeatureSettings
from emotionart.inputs.feature_table import measure_pictures

COUNTS = (1_000, 4_000)


def make(folder: Path, count: int) -> list[str]:
    """Writes different crops of scikit-image's sample photographs and returns their paths."""
    generator = np.random.default_rng(0)
    photographs = []
    for name in ("astronaut", "chelsea", "coffee", "rocket"):
        image = Image.fromarray(getattr(skimage.data, name)())
        scale = 1_100 / max(image.size)
        photographs.append(image.resize((round(image.width * scale), round(image.height * scale))))
    for number in range(count):
        image = photographs[number % len(photographs)]
        left, top = generator.integers(0, 100, 2).tolist()
        file = io.BytesIO()
        image.crop((left, top, left + image.width - 100, top + image.height - 100)).save(file, "JPEG", quality=90)
        (folder / f"{number}.jpg").write_bytes(file.getvalue() + number.to_bytes(4, "big"))
    return [str(folder / f"{number}.jpg") for number in range(count)]


def peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def table(count: int) -> None:
    """Prints the seconds of a first and a second table and of decoding alone; peak memory before and after."""
    with tempfile.TemporaryDirectory() as folder:
        paths = make(Path(folder), count)
        measure_pictures(paths[:8], ["cvfc13"], FeatureSettings(), Path(folder) / "warm")
        before = peak()
        times = []
        for _ in range(2):
            start = time.perf_counter()
            measure_pictures(paths, ["cvfc13"], FeatureSettings(), Path(folder) / "cache")
            times.append(time.perf_counter() - start)
        after = peak()
        start = time.perf_counter()
        with ThreadPoolExecutor(available_cores()) as pool:
            for _ in pool.map(lambda path: load_resized(read_file(Path(path)), 128).mean(), paths):
                pass
        times.append(time.perf_counter() - start)
    print(*times, before, after)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("count", type=int, nargs="?", help=argparse.SUPPRESS)  # for the processes that it starts
    count = parser.parse_args().count
    if count:
        table(count)
        return
    for count in COUNTS:
        command = [sys.executable, __file__, str(count)]
        told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        first, second, bare, before, after = (float(number) for number in told.split())
        print(
            f"{count:,} pictures on {available_cores()} cores: {first:.0f} s, {first / bare:.2f} times decoding alone"
        )
        print(f"  again, from the store: {second / first:.3f} of it; {before:.0f} MB before, {after:.0f} MB at peak")
    print(f"40,000 by extrapolation: {first / COUNTS[-1] * 40_000 / 60:.1f} minutes", flush=True)


if __name__ == "__main__":
    main()
