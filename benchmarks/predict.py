"""Predicting a folder takes little longer than decoding and the bare network alone, in constant memory.

`emotionart predict RUN FOLDER --out FILE` in this process, from the loaded run to the written table, against decoding
the same files in as many threads and running the same network in batches of the same size; both in turns. Aim: at
least 0.9 of the bare rate. Once with the study's network at 64 pixels, where decoding dominates, once with SqueezeNet
at 224 (random weights: speed does not depend on them). Then the peak memory for 1,000 pictures, compared with that for
all.

`python benchmarks/predict.py 4000` takes 4,000 pictures instead of 1,500: the portraits (`../shared/data/portraits`),
if they exist, else paintings of the built-in gallery, repeated if there are fewer.

On two quiet cores of an AMD EPYC, 1,500 portraits: 1,022 a second of bare 1,221 with the study's network (median ratio
0.89; 0.92 of 4,000 on loaded cores), 93 of bare 96 with SqueezeNet (0.95). Peak memory is the same for 1,000 and 4,000
pictures.
"""

import argparse
import contextlib
import io
import itertools
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
import torch

from emotionart.classifier.predictor import Predictor, load_run
from emotionart.cli.main import main as emotionart
from emotionart.config.compose import compose
from emotionart.cores import available_cores
from emotionart.data.pictures.decode import load_resized
from emotionart.inputs.backbone import BackboneRepresentation
from emotionart.pipeline import run

PORTRAITS = Path(__file__).parents[2] / "shared" / "data" / "portraits" / "images"
ROUNDS, BATCH, FEW = 5, 64, 1_000
RUNS = {
    "shallow_arch1, 64 pixels": ("model=shallow_arch1",),
    "SqueezeNet, 224 pixels": (
        "model=transfer", "model.backbone.name=squeezenet1_0", "model.backbone.weights=random", "augment=none",
    ),
}  # fmt: skip


def train(folder: Path, *overrides: str) -> Path:
    asked = [
        *overrides,
        "data.count=80",
        "trainer.max_epochs=1",
        "logger=none",
        "figures=none",
        f"cache={folder}/cache",
    ]
    composed = compose(asked)
    path = Path(tempfile.mkdtemp(dir=folder))
    run(composed, path)
    return path


def gather(folder: Path, count: int) -> list[Path]:
    """Copies `count` pictures to a new folder and returns their paths."""
    if PORTRAITS.is_dir():
        sources = sorted(PORTRAITS.iterdir())
    else:
        emotionart(["data", "gallery", "--out", str(folder / "paintings"), "--count", "400"])
        sources = sorted((folder / "paintings" / "images").iterdir())
    files = []
    (folder / "pictures").mkdir()
    for number, source in zip(range(count), itertools.cycle(sources), strict=False):
        files.append(folder / "pictures" / f"{number:05}{source.suffix}")
        files[-1].write_bytes(source.read_bytes())
    return files


@torch.inference_mode()
def bare(predictor: Predictor, files: Sequence[Path]) -> None:
    """Only decodes the pictures and runs the network."""
    representation = predictor.representation
    backbone = representation.network.to(memory_format=torch.channels_last) if frozen(predictor) else None
    half = backbone is not None and representation.precision == "bfloat16"
    decode = partial(load_resized, size=representation.size)
    with ThreadPoolExecutor(available_cores()) as pool:
        for start in range(0, len(files), BATCH):
            contents = [file.read_bytes() for file in files[start : start + BATCH]]
            pixels = torch.from_numpy(np.stack(list(pool.map(decode, contents))))
            if backbone is None:
                predictor.classifier(pixels)
                continue
            floats = (pixels.permute(0, 3, 1, 2).float() / 255).contiguous(memory_format=torch.channels_last)
            with torch.autocast("cpu", torch.bfloat16, enabled=half):
                features = torch.cat([backbone(part) for part in floats.split(32)])
            predictor.classifier(features.float())


def frozen(predictor: Predictor) -> bool:
    return isinstance(predictor.representation, BackboneRepresentation)


def ours(path: Path, files: Sequence[Path]) -> None:
    out = files[0].parent.with_name("predicted.csv")
    out.unlink(missing_ok=True)
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        if emotionart(["predict", str(path), str(files[0].parent), "--out", str(out)]):
            raise SystemExit("the command failed")


def seconds(work: partial[None]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def peak(path: Path, files: Sequence[Path], count: int) -> float:
    """Peak memory in MB of a process that predicts the first `count` files."""
    words = [sys.executable, __file__, "peak", str(path), *(str(file) for file in files[:count])]
    return float(subprocess.run(words, check=True, capture_output=True, text=True).stdout.split()[-1])


def main() -> None:
    if sys.argv[1:2] == ["peak"]:
        emotionart(["predict", *sys.argv[2:], "--out", str(Path(tempfile.mkdtemp()) / "predicted.csv")])
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
        return
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("count", type=int, nargs="?", default=1_500, help="pictures (default 1,500)")
    count: int = parser.parse_args().count
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        files = gather(folder, count)
        for name, overrides in RUNS.items():
            path = train(folder, *overrides)
            predictor = load_run(path)
            pairs = [
                (seconds(partial(ours, path, files)), seconds(partial(bare, predictor, files))) for _ in range(ROUNDS)
            ]
            ratio = statistics.median(other / mine for mine, other in pairs)
            rates = [count / statistics.median(times) for times in zip(*pairs, strict=True)]
            print(f"{name}: {count:,} pictures, {rates[0]:.0f} a second, bare {rates[1]:.0f}")
            print(f"  ratio {ratio:.2f} (aim: at least 0.9), median of {ROUNDS} alternating pairs", flush=True)
            memory = [peak(path, files, pictures) for pictures in (FEW, count)]
            print(f"  peak memory {memory[0]:.0f} MB for {FEW:,} pictures, {memory[1]:.0f} for {count:,}", flush=True)


if __name__ == "__main__":
    main()
