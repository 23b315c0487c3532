"""Small inputs of the kinds that users bring: sixty tiny pictures, and tables and folders that speak of them."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from emotionart.data.tables.table import ArtworkTable

LABELS = ("joy", "sadness", "calm")
COUNT = 60


def picture(number: int) -> Image.Image:
    noise = np.random.default_rng(number).integers(0, 60, (20, 24, 3)) + 60 * (number % 3)
    return Image.fromarray(noise.astype(np.uint8))


def pictures(folder: Path, count: int = COUNT) -> list[str]:
    """Writes `img/000.jpg` and so on; their names."""
    (folder / "img").mkdir()
    names = [f"img/{number:03d}.jpg" for number in range(count)]
    for number, name in enumerate(names):
        picture(number).save(folder / name)
    return names


def label(number: int) -> str:
    return LABELS[number % 3]


NAMES = [f"img/{number:03d}.jpg" for number in range(COUNT)]
ROWS = [(name, label(number)) for number, name in enumerate(NAMES)]


def plain(table: ArtworkTable) -> bool:
    """Whether a table holds the sixty pictures with their labels."""
    found = [table.labels[place] for place in table.votes.argmax(axis=1)]
    return found == [label(number) for number in range(COUNT)] and all(Path(image).is_file() for image in table.image)


def write(path: Path, header: Sequence[str] | None, rows: Sequence[Sequence[object]], **form: str) -> Path:
    """A delimited table; `delimiter` and `lineterminator` as the csv module calls them."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, **{"lineterminator": "\n", **form})  # type: ignore[arg-type]
    if header:
        writer.writerow(header)
    writer.writerows(rows)
    path.write_bytes(text.getvalue().encode())
    return path


def folders(root: Path, *parts: str) -> Path:
    for number in range(24):
        folder = root / parts[number % len(parts)] / LABELS[number % 3]
        folder.mkdir(parents=True, exist_ok=True)
        picture(number).save(folder / f"{number}.png")
    return root


def parts(*counts: int) -> np.ndarray:
    return np.repeat(np.array(["train", "validation", "test"], dtype=object), counts)


def few_pictures(folder: Path) -> Path:
    """The folder, with four files that stand for pictures."""
    for name in ("a.png", "b.png", "c.png", "d e.png"):
        (folder / name).write_bytes(b"picture")
    return folder


def write_text(folder: Path, text: str, name: str = "labels.csv", encoding: str = "utf-8") -> Path:
    (folder / name).write_bytes(text.encode(encoding))
    return folder / name
