"""Reading a picture and computing its 13 features takes little longer than reading and resizing it.

Three aims, on one thread. JPEGs of about 1,000 pixels: at most 1.5 times decoding and resizing alone. The portraits'
thumbnails (`../shared/data/portraits`, if they exist): at most 3.5 times. And at least 100 times as fast as a
straightforward implementation at 256 pixels with scikit-image's Lab and SSIM and scikit-learn's k-means of ten starts.

Both sides alternate in one process, so that other load on the machine affects both.
"""

import io
import os

os.environ["OMP_NUM_THREADS"] = "1"  # must be set before numpy and scikit-learn are imported

import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np
import skimage.data
from numpy.typing import NDArray
from PIL import Image
from skimage.color import rgb2gray, rgb2lab
from skimage.metrics import structural_similarity
from skimage.transform import resize
from sklearn.cluster import KMeans

from emotionart.data.pictures.decode import load_picture, load_resized
from emotionart.features.colour import LANDMARKS, landmark
from emotionart.features.texture import HARD_SOFT, texture_map
from emotionart.features.vectors import compute

PORTRAITS = Path(__file__).parents[2] / "shared" / "data" / "portraits" / "images"
THUMBNAILS, ROUNDS = 300, 7


def jpegs() -> list[bytes]:
    """Scikit-image's sample colour photographs as JPEGs with a longer side of 1,000 pixels."""
    encoded = []
    for name in ("astronaut", "chelsea", "coffee", "hubble_deep_field", "retina", "rocket"):
        image = Image.fromarray(getattr(skimage.data, name)())
        scale = 1_000 / max(image.size)
        file = io.BytesIO()
        image.resize((round(image.width * scale), round(image.height * scale))).save(file, "JPEG", quality=90)
        encoded.append(file.getvalue())
    return encoded


def features(file: bytes) -> None:
    compute(load_picture(file), ["cvfc13"])


def resized(file: bytes) -> None:
    load_resized(file, 128)


def straightforward(picture: NDArray[np.uint8]) -> None:
    """A straightforward version: brightness, SSIM to four maps, k-means of ten starts, eight palette distances."""
    small = picture / 255
    features = [np.sqrt(small**2 @ [0.299, 0.587, 0.114]).mean()]
    grey = rgb2gray(small)
    features += [
        structural_similarity(grey, resize(texture_map(name), (256, 256)), data_range=1.0) for name in HARD_SOFT
    ]
    found = KMeans(n_clusters=5, n_init=10, random_state=0).fit(rgb2lab(small).reshape(-1, 3))
    weights = np.bincount(found.labels_, minlength=5) / len(found.labels_)
    for name in LANDMARKS:
        differences = np.linalg.norm(found.cluster_centers_[:, None] - landmark(name), axis=2)
        features.append((weights @ differences.min(axis=1) + differences.min(axis=0).mean()) / 200)


def seconds(work: Callable[[bytes], None], files: Sequence[bytes]) -> float:
    """Seconds per file."""
    start = time.perf_counter()
    for file in files:
        work(file)
    return (time.perf_counter() - start) / len(files)


def compare(what: str, files: Sequence[bytes], aim: float) -> None:
    seconds(features, files)  # warm-up: cached tables and files
    pairs = [(seconds(features, files), seconds(resized, files)) for _ in range(ROUNDS)]
    ours, bare = (statistics.median(times) for times in zip(*pairs, strict=True))
    ratio = statistics.median(mine / other for mine, other in pairs)
    print(f"{what}: decode and 13 features {ours * 1e3:.2f} ms, decode and resize {bare * 1e3:.2f} ms")
    print(f"  ratio {ratio:.2f} (aim: at most {aim}), median of {ROUNDS} alternating pairs; {1 / ours:.0f} a second")


def main() -> None:
    cv2.setNumThreads(1)
    large = jpegs()
    compare(f"{len(large)} JPEGs of 1,000 pixels", large, 1.5)
    if PORTRAITS.is_dir():
        paths = sorted(PORTRAITS.iterdir())
        thumbnails = [path.read_bytes() for path in paths[:: len(paths) // THUMBNAILS]]
        compare(f"{len(thumbnails)} thumbnails of portraits", thumbnails, 3.5)
    else:
        print("no portraits beside the project: thumbnails are left out")
    pictures = [load_resized(file, 256) for file in large]
    start = time.perf_counter()
    for picture in pictures:
        straightforward(picture)
    plain = (time.perf_counter() - start) / len(pictures)
    start = time.perf_counter()
    for picture in pictures:
        compute(picture, ["cvfc13"])
    ours = (time.perf_counter() - start) / len(pictures)
    print(f"pictures of 256 x 256 pixels: ours {ours * 1e3:.2f} ms, scikit-image and scikit-learn {plain:.2f} s")
    print(f"  {plain / ours:.0f} times as fast (aim: at least 100)")


if __name__ == "__main__":
    main()
