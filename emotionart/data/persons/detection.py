"""Detection over a table: pictures read ahead, batches of one shape, what was found stored by the picture's bytes."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from emotionart.data.persons.detector import MOST, SIDE, PersonDetector
from emotionart.data.pictures.decode import MEMORY, PictureError, decode, picture_digest, read_file
from emotionart.data.pictures.store import FeatureStore
from emotionart.progress import progress_bar

_VERSION = 1  # of how pictures are shown to a detector: a change makes what is stored stale
_VIEW = "persons"
_MULTIPLE = 32  # of which YOLO wants the sides of a picture
_GREY = 114  # what YOLO is trained to see around a picture
_HELD = 8  # batches of pictures that may wait for others of their shape

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Persons:
    """The persons of the pictures of a table.

    Attributes:
        reason: (n,) why a picture cannot be read, "" where it can.
        boxes: (n, MOST, 5) left, top, right, bottom as shares of the picture's width and height, and score; the
            surest first, rows of zeros fill up.
    """

    reason: NDArray[np.object_]
    boxes: NDArray[np.float32]


@dataclass(frozen=True)
class _Shown:
    """A picture as a detector sees it: resized, amid grey."""

    row: int
    id: str
    pixels: NDArray[np.uint8]
    corner: tuple[int, int]
    size: tuple[int, int]


def nobody(count: int) -> Persons:
    """What is known of `count` pictures that nobody looked at."""
    return Persons(np.full(count, "", dtype=object), np.zeros((count, MOST, 5), np.float32))


def find_persons(
    paths: Sequence[str], detector: PersonDetector, cache: Path, *, batch_size: int = 16, workers: int | None = None
) -> Persons:
    """The persons of every picture; those of pictures that were seen before are read from the store.

    A picture is scaled to 640 pixels on its longer side and padded to the next multiple of 32, which depends on
    nothing but itself; batches are made of pictures that come out at one shape. A killed detection goes on where it
    stopped.

    Args:
        paths: of the files.
        detector: of persons.
        cache: folder in which what was found is kept.
        batch_size: pictures that the detector sees at a time.
        workers: threads that read and decode; None takes one for each core.
    """
    workers = workers or os.cpu_count() or 1
    about = {
        "name": _VIEW, "version": _VERSION, "source": f"{detector.name} (persons)", "size": SIDE,
        "weights": detector.digest, "precision": "float32",
    }  # fmt: skip
    folder = cache / "features" / f"persons-v{_VERSION}-{detector.digest[:12]}"
    reasons = np.full(len(paths), "", dtype=object)
    boxes = np.zeros((len(paths), MOST, 5), np.float32)
    waiting: dict[tuple[int, ...], list[_Shown]] = {}
    with FeatureStore(folder, about, (MOST, 5)) as store, ThreadPoolExecutor(workers) as pool:

        def look(row: int) -> _Shown | str | PictureError:
            try:
                source = read_file(Path(paths[row]))
                id = picture_digest(source)
                with MEMORY.held():
                    return _show(row, id, source) if store.missing([(id, _VIEW)]) else id
            except PictureError as error:
                return error

        def run(shown: list[_Shown]) -> None:
            found = np.stack(
                [_placed(*pair) for pair in zip(detector.detect([s.pixels for s in shown]), shown, strict=True)]
            )
            store.write([(picture.id, _VIEW) for picture in shown], found)
            for picture, persons in zip(shown, found, strict=True):
                boxes[picture.row] = persons

        ahead = _ahead(pool, look, range(len(paths)), 2 * batch_size)
        for row, seen in enumerate(progress_bar(ahead, "looking for persons", len(paths))):
            if isinstance(seen, PictureError):
                reasons[row] = seen.reason
            elif isinstance(seen, str):
                boxes[row] = store.read([(seen, _VIEW)])[0]
            else:
                shape = seen.pixels.shape
                waiting.setdefault(shape, []).append(seen)
                if sum(map(len, waiting.values())) >= _HELD * batch_size:
                    shape = max(waiting, key=lambda key: len(waiting[key]))
                if len(waiting[shape]) >= batch_size or shape != seen.pixels.shape:
                    run(waiting.pop(shape))
        for shown in waiting.values():
            for start in range(0, len(shown), batch_size):
                run(shown[start : start + batch_size])
    return Persons(reasons, boxes)


def _show(row: int, id: str, source: bytes) -> _Shown:
    picture = np.asarray(decode(source, SIDE))
    height, width = picture.shape[:2]
    scale = SIDE / max(height, width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    shrinks = scale < 1
    resized = cv2.resize(picture, size, interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
    padded = [-(-side // _MULTIPLE) * _MULTIPLE for side in size]
    left, top = (padded[0] - size[0]) // 2, (padded[1] - size[1]) // 2
    pixels = np.full((padded[1], padded[0], 3), _GREY, np.uint8)
    pixels[top : top + size[1], left : left + size[0]] = resized
    return _Shown(row, id, pixels, (left, top), size)


def _placed(found: NDArray[np.float32], shown: _Shown) -> NDArray[np.float32]:
    """Boxes in pixels of what was shown, as (MOST, 5) shares of the picture."""
    boxes = np.zeros((MOST, 5), np.float32)
    corner, size = np.tile(shown.corner, 2), np.tile(shown.size, 2)
    boxes[: len(found), :4] = np.clip((found[:MOST, :4] - corner) / size, 0, 1)
    boxes[: len(found), 4] = found[:MOST, 4]
    return boxes


def _ahead(
    pool: ThreadPoolExecutor, function: Callable[[Item], Result], items: Iterable[Item], depth: int
) -> Iterator[Result]:
    """Results in order, at most `depth` of them computed before they are wanted, so that memory stays flat."""
    pending: deque[Future[Result]] = deque()
    for item in items:
        pending.append(pool.submit(function, item))
        if len(pending) >= depth:
            yield pending.popleft().result()
    while pending:
        yield pending.popleft().result()
