"""The second search through 40,000 pictures takes little longer than listing them and one matrix product.

The parts of `emotionart search RUN FOLDER --like PICTURE` in this process, after the start of the program: listing the
folder, looking the features and probabilities up, choosing the best. The pictures are tiny files, and their features
(1,024 numbers, a random SqueezeNet's) are drawn and stored, so that no network runs. The first search reads and hashes
all files, the second finds them unchanged in the index; a third, after a new picture, writes the index again. Against
the limit: listing, one `stat` for each file, and the product of the same matrix with a vector. Aims: a second search
within a second, at most 3 times the limit. Then the start of the program alone, and the memory of a second search.

Times are of the processor, so that other load on the machine does not count; the wall clock's beside them.

`python benchmarks/search.py 4000` takes 4,000 pictures.

On one core of a busy AMD EPYC: first search 5.3 s, second 0.33 s, after a new picture 1.2 s; limit 0.14 s, ratio 2.3.
Start 6.8 s; memory 579 MB, with a search after a new picture 750 MB.
"""

import argparse
import io
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import numpy as np
from PIL import Image

from emotionart.classifier.predictor import Predictor, load_run
from emotionart.config.compose import compose
from emotionart.data.pictures.decode import picture_digest
from emotionart.inputs.backbone import BackboneRepresentation
from emotionart.inputs.feature_table import find_pictures
from emotionart.pipeline import run
from emotionart.works.collection import Collection, read_collection
from emotionart.works.search import Hits, by_likeness

RUN = (
    "model=transfer", "model.backbone.name=squeezenet1_0", "model.backbone.weights=random", "model.backbone.size=64",
    "model.backbone.layer=null", "model.backbone.pool=mean+std", "augment=none", "data.count=80",
    "trainer.max_epochs=1", "logger=none", "figures=none", "trainer.threads=1",
)  # fmt: skip
FOLDERS, ROUNDS, LONG_AGO = 10, 5, 1_600_000_000


def write_picture(path: Path, number: int) -> bytes:
    """Writes a tiny PNG with a number after its end, modified long ago; returns its bytes."""
    file = io.BytesIO()
    Image.new("RGB", (8, 8), "navy").save(file, "PNG")
    content = file.getvalue() + number.to_bytes(4, "big")
    path.write_bytes(content)
    os.utime(path, (LONG_AGO, LONG_AGO))
    return content


def gather(folder: Path, count: int) -> list[str]:
    """Writes pictures into subfolders and returns their digests."""
    for number in range(FOLDERS):
        (folder / str(number)).mkdir(parents=True)
    return [
        picture_digest(write_picture(folder / str(number % FOLDERS) / f"{number:06}.png", number))
        for number in range(count)
    ]


def store(predictor: Predictor, digests: list[str], cache: Path) -> None:
    """Stores drawn features of the pictures."""
    assert isinstance(predictor.representation, BackboneRepresentation)
    generator = np.random.default_rng(0)
    with ExitStack() as stack:
        for one in stack.enter_context(predictor.representation.open_stores(cache)):
            for start in range(0, len(digests), 1_000):
                keys = [(digest, "identity") for digest in digests[start : start + 1_000]]
                one.write(keys, generator.normal(size=(len(keys), *one.shape)).astype(np.float32))


def search(predictor: Predictor, folder: Path, cache: Path) -> tuple[Collection, Hits]:
    works = read_collection(predictor, find_pictures([folder]), cache)
    return works, by_likeness(works, works.features[7], 24)


def stat_all(folder: str) -> None:
    with os.scandir(folder) as entries:
        for entry in entries:
            entry.stat()
            if entry.is_dir():
                stat_all(entry.path)


def limit(folder: Path, matrix: np.ndarray) -> None:
    stat_all(str(folder))
    matrix @ matrix[7]


def seconds(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds of the processor, and of the wall clock."""
    busy, start = time.process_time(), time.perf_counter()
    work()
    return time.process_time() - busy, time.perf_counter() - start


def median(work: Callable[[], object]) -> tuple[float, float]:
    busy, wall = zip(*(seconds(work) for _ in range(ROUNDS)), strict=True)
    return float(np.median(busy)), float(np.median(wall))


def own_memory() -> float:
    """Memory of this process in MB, without mapped files."""
    (line,) = (line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("RssAnon"))
    return int(line.split()[1]) / 1024


def main() -> None:
    if sys.argv[1:2] == ["child"]:
        path, folder, cache = map(Path, sys.argv[2:])
        predictor = load_run(path)
        loaded = [time.process_time(), own_memory()]
        kept = search(predictor, folder, cache)  # noqa: F841, as its memory is measured
        print(*loaded, own_memory())
        return
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("count", type=int, nargs="?", default=40_000, help="pictures (default 40,000)")
    count: int = parser.parse_args().count
    with tempfile.TemporaryDirectory() as temporary:
        home = Path(temporary)
        path, folder, cache = home / "run", home / "pictures", home / "cache"
        asked = [*RUN, f"cache={cache}"]
        composed = compose(asked)
        path.mkdir()
        run(composed, path)
        predictor = load_run(path)
        store(predictor, gather(folder, count), cache)

        def again() -> object:
            return search(predictor, folder, cache)

        first = seconds(again)
        works, hits = search(predictor, folder, cache)
        matrix = np.ascontiguousarray(works.features)
        assert np.allclose((matrix @ matrix[7])[hits.row], hits.score, atol=1e-5)
        second, least = median(again), median(lambda: limit(folder, matrix))
        write_picture(folder / "0" / "new.png", count)
        third = seconds(again)
        print(f"{count:,} pictures, {matrix.shape[1]:,} features; seconds of the processor (of the wall clock)")
        for name, (busy, wall) in {"first": first, "second": second, "after a new picture": third}.items():
            print(f"  search, {name}: {busy:.2f} ({wall:.2f})")
        print(f"  listing, stat and a matrix product: {least[0]:.2f} ({least[1]:.2f})")
        print(f"  ratio {second[0] / least[0]:.1f} (aim: at most 3), second search {second[0]:.2f} s (aim: at most 1)")
        words = [sys.executable, __file__, "child", str(path), str(folder), str(cache)]
        done = subprocess.run(words, check=True, capture_output=True, text=True)
        start, before, after = map(float, done.stdout.split())
        print(f"  start of the program: {start:.1f}; memory {before:.0f} MB, with a search {after:.0f} MB", flush=True)


if __name__ == "__main__":
    main()
