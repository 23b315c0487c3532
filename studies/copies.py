"""Which altered copies of a picture are found among thousands of others, and at what cost.

    python studies/copies.py FOLDER

For each change, all pictures of FOLDER are searched together with altered copies of some of them. The result is the
share of copies that are matched with their originals, by the perceptual hash alone and by the search for copies. Pairs
among the pictures themselves are drawn into `--sheet` for inspection. Time is CPU time of all threads, for the pictures
and for `--many` parts of them. Writes `studies/results/copies.json`.
"""

import argparse
import io
import json
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from emotionart.data.pictures.copies import find_copies, grey_square
from emotionart.data.pictures.decode import decode
from emotionart.data.pictures.perceptual_hash import perceptual_hash
from emotionart.data.tables.layouts.folder import pictures_in

RESULTS = Path(__file__).parent / "results"
BITS = 4  # differing bits of the hash, see `data.near_duplicates`
Change = Callable[[Image.Image], Image.Image]


def turned(degrees: float, border: int = cv2.BORDER_CONSTANT) -> Change:
    """Rotation about the centre, on a canvas of the same size."""

    def change(image: Image.Image) -> Image.Image:
        centre = ((image.width - 1) / 2, (image.height - 1) / 2)
        matrix = cv2.getRotationMatrix2D(centre, degrees, 1.0)
        return Image.fromarray(cv2.warpAffine(np.asarray(image), matrix, image.size, None, cv2.INTER_CUBIC, border))

    return change


def cropped(left: float, top: float, right: float, bottom: float) -> Change:
    """Crop that cuts these fractions off the sides."""

    def change(image: Image.Image) -> Image.Image:
        (w, h) = image.size
        return image.crop((round(left * w), round(top * h), round((1 - right) * w), round((1 - bottom) * h)))

    return change


def curved(gamma: float) -> Change:
    """Change of gamma."""
    return lambda image: Image.fromarray((255 * (np.asarray(image) / 255) ** gamma).round().astype(np.uint8))


def another_hue(image: Image.Image) -> Image.Image:
    """Hue shifted by a quarter of the colour circle."""
    hsv = np.array(image.convert("HSV"))
    hsv[..., 0] += 64
    return Image.fromarray(hsv, "HSV").convert("RGB")


def compressed(image: Image.Image) -> Image.Image:
    """Half the size, as a JPEG of quality 20."""
    file = io.BytesIO()
    image.resize((image.width // 2, image.height // 2)).save(file, "JPEG", quality=20)
    return Image.open(file).convert("RGB")


def mirrored(image: Image.Image) -> Image.Image:
    """Mirrored left to right."""
    return image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)


CHANGES: dict[str, Change] = {
    "mirrored": mirrored,
    "a quarter turn": lambda image: image.transpose(Image.Transpose.ROTATE_90),
    "half a turn": lambda image: image.transpose(Image.Transpose.ROTATE_180),
    "turned by 3°, corners black": turned(3),
    "turned by 8°, corners black": turned(-8),
    "turned by 8°, corners reflected": turned(8, cv2.BORDER_REFLECT_101),
    "turned by 12°, corners black": turned(12),
    "turned by 12°, corners reflected": turned(-12, cv2.BORDER_REFLECT_101),
    "2 % off each side": cropped(0.02, 0.02, 0.02, 0.02),
    "5 % off each side": cropped(0.05, 0.05, 0.05, 0.05),
    "5 % off two sides, at one corner": cropped(0.05, 0.05, 0, 0),
    "5 % off the left": cropped(0.05, 0, 0, 0),
    "5 % off the top": cropped(0, 0.05, 0, 0),
    "another hue": another_hue,
    "gamma 1.8": curved(1.8),
    "gamma 0.55": curved(0.55),
    "channels swapped": lambda image: Image.fromarray(np.ascontiguousarray(np.asarray(image)[..., [2, 0, 1]])),
    "JPEG 20 at half the size": compressed,
    "mirrored and turned by 8°": lambda image: turned(8)(mirrored(image)),
    "squashed to a square": lambda image: image.resize((128, 128)),
}


def parts_of(pictures: list[Image.Image], count: int) -> np.ndarray:
    """Grey squares (count, SIDE, SIDE) of random parts of pictures, half as wide and high as these."""
    generator = np.random.default_rng(0)
    squares = []
    for number in range(count):
        left, top = generator.uniform(0, 0.5, 2)
        squares.append(grey_square(cropped(left, top, 0.5 - left, 0.5 - top)(pictures[number % len(pictures)])))
    return np.stack(squares)


def timed(squares: np.ndarray) -> tuple[np.ndarray, float]:
    """The pairs of copies among grey squares, and the CPU seconds of all threads."""
    start = time.process_time()
    return find_copies(squares), time.process_time() - start


def draw(pictures: list[Image.Image], pairs: np.ndarray, across: int = 10, side: int = 110) -> Image.Image:
    """A sheet with the pictures of each pair side by side."""
    sheet = Image.new("RGB", (across * (2 * side + 12), -(-len(pairs) // across) * (side + 6)), "white")
    for index, pair in enumerate(pairs):
        for column, row in enumerate(pair):
            small = pictures[row].copy()
            small.thumbnail((side, side))
            sheet.paste(small, (index % across * (2 * side + 12) + column * side, index // across * (side + 6)))
    return sheet


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--copied", type=int, default=300, help="pictures that are copied, for each change")
    parser.add_argument("--many", type=int, default=0, help="parts of pictures that are compared, for the time")
    parser.add_argument("--sheet", type=Path, help="a picture of the pairs that were found")
    arguments = parser.parse_args()
    pictures = [decode(path.read_bytes()) for path in pictures_in(arguments.folder)]
    squares = np.stack([grey_square(picture) for picture in pictures])
    chosen = np.random.default_rng(0).permutation(len(pictures))[: arguments.copied]
    pairs, seconds = timed(squares)
    if arguments.sheet:
        draw(pictures, pairs).save(arguments.sheet)
    print(f"{len(pictures):,} pictures: {len(pairs)} pairs in {seconds:.0f} s of one core")
    found = {"pictures": len(pictures), "pairs": len(pairs), "seconds": seconds, "copied": len(chosen), "recall": {}}
    for name, change in CHANGES.items():
        copies = [change(pictures[row]) for row in chosen]
        by_hash = [
            (perceptual_hash(pictures[row]) ^ perceptual_hash(copy)).bit_count() <= BITS
            for row, copy in zip(chosen, copies, strict=True)
        ]
        joined = {(int(a), int(b)) for a, b in find_copies(np.concatenate([squares, [grey_square(c) for c in copies]]))}
        by_search = [(row, len(squares) + index) in joined for index, row in enumerate(chosen.tolist())]
        both = np.logical_or(by_hash, by_search)
        found["recall"][name] = {"hash": np.mean(by_hash), "search": np.mean(by_search), "both": np.mean(both)}
        print(f"{name:<36} hash {np.mean(by_hash):6.1%}  search {np.mean(by_search):6.1%}  both {np.mean(both):6.1%}")
    if arguments.many:
        found["many"], found["seconds of many"] = arguments.many, timed(parts_of(pictures, arguments.many))[1]
        print(f"{arguments.many:,} parts of pictures: {found['seconds of many']:.0f} s of one core")
    (RESULTS / "copies.json").write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
