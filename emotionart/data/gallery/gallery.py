"""The gallery on disk: pictures, masks, a table and a contact sheet."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict, dataclass, replace
from multiprocessing import current_process, get_context
from pathlib import Path

import numpy as np
from filelock import FileLock
from numpy.typing import NDArray
from PIL import Image

from emotionart.cores import available_cores
from emotionart.data.gallery.annotators import cast_votes, vote_probability
from emotionart.data.gallery.emotion import EMOTIONS, NAMES
from emotionart.data.gallery.painter import draw_emotions, informative_cues, paint
from emotionart.data.tables.layouts.folder import GALLERY
from emotionart.data.tables.layouts.reading import read_table
from emotionart.data.tables.table import ArtworkTable
from emotionart.errors import Failure
from emotionart.files import read_json
from emotionart.progress import progress_bar

VERSION = 1
"""Version of the painter and the annotators: a change invalidates the galleries on disk."""

_CHUNK = 50  # paintings per job of a process
_SHEET = (8, 5)  # columns and rows of the contact sheet


@dataclass(frozen=True)
class GallerySettings:
    """All settings that determine a gallery.

    Args:
        count: number of paintings.
        seed: seed of paintings and votes.
        global_cues: probability that palette, brightness and brush follow the emotion.
        local_cues: probability that expression and thing follow the emotion.
        annotators: votes per painting.
        size: side of a painting in pixels.
        version: version of the painter.
    """

    count: int
    seed: int = 0
    global_cues: float = 1.0
    local_cues: float = 1.0
    annotators: int = 5
    size: int = 160
    version: int = VERSION


def write_gallery(folder: Path, settings: GallerySettings, workers: int | None = None) -> None:
    """Paints a gallery: `images/`, `masks/` of the local cues, `labels.csv`, `sheet.png`, `gallery.json`.

    The folder appears once it is complete; an existing one is left unchanged. The same settings give the same bytes
    with any number of workers and on any machine. Memory does not grow with the count.

    Args:
        folder: folder to make.
        settings: settings of the gallery.
        workers: number of processes; None for one per core.

    Raises:
        Failure: if a process was killed, or the calling script lacks the `__main__` guard that spawned processes need.
    """
    if folder.exists():  # checked without the lock, which cannot be taken in a read-only cache
        return
    if getattr(current_process(), "_inheriting", False):  # multiprocessing's own check
        raise _unguarded()  # before waiting for the lock, which the parent process holds
    folder.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(folder.with_name(f".{folder.name}.lock")):
        if folder.exists():
            return
        partial = folder.with_name(f".{folder.name}.partial")
        shutil.rmtree(partial, ignore_errors=True)
        for name in ("images", "masks"):
            (partial / name).mkdir(parents=True)
        try:
            _write_table(partial / "labels.csv", _paint_all(partial, settings, workers), settings)
            _write_sheet(partial, settings)
            description = {**asdict(settings), "labels": NAMES, "vote_probability": vote_probability().tolist()}
            (partial / GALLERY).write_text(json.dumps(description, indent=2) + "\n")
            partial.rename(folder)
        finally:
            shutil.rmtree(partial, ignore_errors=True)


def read_gallery(folder: Path) -> ArtworkTable:
    """The table of a gallery, with the probabilities from which its annotators' votes were drawn."""
    description = read_json(folder / GALLERY)
    table = read_table(
        folder / "labels.csv", image="image", votes=description["labels"], tags="tags", group="artist", id="id"
    )
    with (folder / "labels.csv").open(encoding="utf-8", newline="") as file:
        latent = [description["labels"].index(row["emotion"]) for row in csv.DictReader(file)]
    return replace(table, vote_probability=np.array(description["vote_probability"])[latent])


def find_mask(image: Path) -> Path | None:
    """The mask of a painting's local cue, the file of the same name in `masks/`; None if there is none."""
    mask = image.parent.parent / "masks" / image.name
    return mask if mask.is_file() else None


def read_mask(file: Path, size: int) -> NDArray[np.bool_]:
    """A mask as `find_mask` finds it, at `size` pixels: (size, size), where the cue is."""
    with Image.open(file, formats=["PNG"]) as mask:
        inside: NDArray[np.bool_] = np.asarray(mask.convert("L").resize((size, size))) > 127
    return inside


def find_cues(image: Path) -> tuple[str, ...] | None:
    """The cues of a painting that follow its emotion ("global", "local"); None if it belongs to no gallery."""
    settings = _settings_of(image)
    return None if settings is None else informative_cues(*settings)


def find_object(image: Path) -> str | None:
    """The thing shown in a painting, or None if it belongs to no gallery."""
    settings = _settings_of(image)
    return None if settings is None else EMOTIONS[draw_emotions(*settings)[2]].somewhere.thing


def _settings_of(image: Path) -> tuple[int, int, float, float] | None:
    """Seed, number and cue probabilities of a painting; None if it belongs to no gallery."""
    about = image.parent.parent / GALLERY
    if not (about.is_file() and image.stem.isdigit()):
        return None
    description = read_json(about)
    return description["seed"], int(image.stem), description["global_cues"], description["local_cues"]


Record = tuple[int, int, str]


def _paint_all(folder: Path, settings: GallerySettings, workers: int | None) -> Iterator[Record]:
    """Writes the paintings and yields emotion, artist and tags of each, in order."""
    starts = range(0, settings.count, _CHUNK)
    jobs = [(folder, settings, start, min(start + _CHUNK, settings.count)) for start in starts]
    workers = min(workers or available_cores(), len(jobs))
    if workers == 1:
        for records in progress_bar(map(_paint_chunk, jobs), "painting the gallery", settings.count, _CHUNK):
            yield from records
        return
    # Not fork: a process in which torch has started threads must not be forked.
    try:
        with ProcessPoolExecutor(workers, get_context("spawn")) as pool:
            for records in progress_bar(pool.map(_paint_chunk, jobs), "painting the gallery", settings.count, _CHUNK):
                yield from records
    except BrokenProcessPool:
        raise _unguarded() from None


def _unguarded() -> Failure:
    return Failure(
        "A process that paints the gallery has ended: it was killed, or began anew with the script that started it.",
        where="calls of a script's own that stand outside of any function",
        fix='if __name__ == "__main__":   before them',
    )


def _paint_chunk(job: tuple[Path, GallerySettings, int, int]) -> list[Record]:
    folder, settings, start, end = job
    records = []
    for number in range(start, end):
        painting = paint(settings.seed, number, settings.size, settings.global_cues, settings.local_cues)
        painting.picture.save(folder / "images" / _file(number), compress_level=1)
        painting.mask.save(folder / "masks" / _file(number), compress_level=1)
        records.append((painting.emotion, painting.artist, ";".join(painting.tags)))
    return records


def _file(number: int) -> str:
    return f"{number:06d}.png"


def _write_table(path: Path, records: Iterator[Record], settings: GallerySettings) -> None:
    painted = list(records)
    votes = cast_votes(np.array([emotion for emotion, _, _ in painted]), settings.annotators, settings.seed)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["id", "image", *NAMES, "tags", "artist", "emotion"])
        for number, (emotion, artist, tags) in enumerate(painted):
            name = f"painting {number:06d} of gallery {settings.seed}"
            counts = votes[number].tolist()
            writer.writerow([name, f"images/{_file(number)}", *counts, tags, f"artist {artist}", NAMES[emotion]])


def _write_sheet(folder: Path, settings: GallerySettings) -> None:
    columns, rows = _SHEET
    tile = settings.size + 4
    sheet = Image.new("RGB", (columns * tile, rows * tile), "white")
    for number in range(min(columns * rows, settings.count)):
        with Image.open(folder / "images" / _file(number)) as picture:
            sheet.paste(picture, (number % columns * tile, number // columns * tile))
    sheet.save(folder / "sheet.png")
