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
import torch
from numpy.typing import NDArray
from torchvision.ops import box_iou

from emotionart.data.persons.detector import MOST, PersonDetector
from emotionart.data.pictures.decode import MEMORY, PictureError, decode, picture_digest, read_file
from emotionart.data.pictures.store import FeatureStore
from emotionart.progress import progress_bar

_VERSION = 2  # of how pictures are shown to a detector: a change makes what is stored stale
_VIEW = "persons"
_MULTIPLE = 32  # of which YOLO wants the sides of a picture
_DECODED = 640  # pixels a side from which on a picture may be read at a fraction: large enough for every look
_GREY = 114  # what YOLO is trained to see around a picture
_SAME = 0.5  # overlap (intersection over union) from which on two looks have found one person
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
class _Look:
    """One way in which a picture is shown to a detector.

    Attributes:
        side: pixels of the longer side of what is shown.
        part: share of the picture's height, from the top.
    """

    side: int
    part: float = 1.0


_LOOKS = (_Look(448), _Look(224), _Look(320, part=0.6))
"""A picture large and small, since the person of a portrait fills it, and its upper part, where the face is."""


@dataclass(frozen=True)
class _Shown:
    """A picture in one look, resized, amid grey."""

    row: int
    id: str
    look: _Look
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

    A picture is looked at three times: at two sizes as a whole, and at its upper part. Each time it is scaled to the
    look's side and padded to the next multiple of 32, which depends on nothing but itself; batches are made of what
    comes out at one shape. A killed detection goes on where it stopped.

    Args:
        paths: of the files.
        detector: of persons.
        cache: folder in which what was found is kept.
        batch_size: pictures that the detector sees at a time.
        workers: threads that read and decode; None takes one for each core.
    """
    workers = workers or os.cpu_count() or 1
    about = {
        "name": _VIEW, "version": _VERSION, "source": f"{detector.name} (persons)", "size": _DECODED,
        "weights": detector.digest, "precision": "float32",
    }  # fmt: skip
    folder = cache / "features" / f"persons-v{_VERSION}-{detector.digest[:12]}"
    reasons = np.full(len(paths), "", dtype=object)
    boxes = np.zeros((len(paths), MOST, 5), np.float32)
    waiting: dict[tuple[int, ...], list[_Shown]] = {}
    seen_by: dict[int, dict[_Look, NDArray[np.float32]]] = {}
    with FeatureStore(folder, about, (MOST, 5)) as store, ThreadPoolExecutor(workers) as pool:

        def show(row: int) -> list[_Shown] | str | PictureError:
            try:
                source = read_file(Path(paths[row]))
                id = picture_digest(source)
                if not store.missing([(id, _VIEW)]):
                    return id
                with MEMORY.held():
                    picture = np.asarray(decode(source, _DECODED))
                    return [_show(row, id, look, picture) for look in _LOOKS]
            except PictureError as error:
                return error

        def run(batch: list[_Shown]) -> None:
            for persons, shown in zip(detector.detect([one.pixels for one in batch]), batch, strict=True):
                found = seen_by.setdefault(shown.row, {})
                found[shown.look] = _placed(persons, shown)
                if len(found) == len(_LOOKS):
                    boxes[shown.row] = merge_looks([(look.part, found[look]) for look in _LOOKS])
                    store.write([(shown.id, _VIEW)], boxes[[shown.row]])
                    del seen_by[shown.row]

        ahead = _ahead(pool, show, range(len(paths)), 2 * batch_size)
        for row, seen in enumerate(progress_bar(ahead, "looking for persons", len(paths))):
            if isinstance(seen, PictureError):
                reasons[row] = seen.reason
            elif isinstance(seen, str):
                boxes[row] = store.read([(seen, _VIEW)])[0]
            else:
                for shown in seen:
                    shape = shown.pixels.shape
                    waiting.setdefault(shape, []).append(shown)
                    if sum(map(len, waiting.values())) >= _HELD * batch_size:
                        shape = max(waiting, key=lambda key: len(waiting[key]))
                    if len(waiting[shape]) >= batch_size or shape != shown.pixels.shape:
                        run(waiting.pop(shape))
        for rest in waiting.values():
            for start in range(0, len(rest), batch_size):
                run(rest[start : start + batch_size])
    return Persons(reasons, boxes)


def _show(row: int, id: str, look: _Look, picture: NDArray[np.uint8]) -> _Shown:
    picture = picture[: max(1, round(look.part * len(picture)))]
    height, width = picture.shape[:2]
    scale = look.side / max(height, width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    shrinks = scale < 1
    resized = cv2.resize(picture, size, interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
    padded = [-(-side // _MULTIPLE) * _MULTIPLE for side in size]
    left, top = (padded[0] - size[0]) // 2, (padded[1] - size[1]) // 2
    pixels = np.full((padded[1], padded[0], 3), _GREY, np.uint8)
    pixels[top : top + size[1], left : left + size[0]] = resized
    return _Shown(row, id, look, pixels, (left, top), size)


def _placed(found: NDArray[np.float32], shown: _Shown) -> NDArray[np.float32]:
    """Boxes in pixels of what was shown, as (k, 5) shares of the whole picture."""
    boxes = np.array(found[:MOST], np.float32)
    corner, size = np.tile(shown.corner, 2), np.tile(shown.size, 2)
    boxes[:, :4] = np.clip((boxes[:, :4] - corner) / size, 0, 1)
    boxes[:, [1, 3]] *= shown.look.part
    return boxes


def merge_looks(found: Sequence[tuple[float, NDArray[np.float32]]]) -> NDArray[np.float32]:
    """The persons of several looks at a picture, (MOST, 5), the surest first; one that several have found comes once.

    It keeps the box of the first look that found it, and the best score. Boxes are compared in the part that the later
    look has seen, since it cuts what goes on below.

    Args:
        found: for each look the share of the picture's height that it has seen, and its boxes (k, 5).
    """
    merged = np.empty((0, 5), np.float32)
    for part, boxes in found:
        before = merged[:, :4].copy()
        before[:, [1, 3]] = np.minimum(before[:, [1, 3]], part)
        overlap = box_iou(torch.from_numpy(boxes[:, :4]), torch.from_numpy(before)).numpy()
        same = overlap > _SAME
        for place in np.flatnonzero(same.any(axis=0)):
            merged[place, 4] = max(merged[place, 4], boxes[same[:, place], 4].max())
        merged = np.concatenate([merged, boxes[~same.any(axis=1)]])
    persons = np.zeros((MOST, 5), np.float32)
    surest = merged[np.argsort(-merged[:, 4], kind="stable")][:MOST]
    persons[: len(surest)] = surest
    return persons


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
