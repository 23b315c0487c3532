"""Person detection over a table: prefetched pictures, batches of one shape, results stored by the picture's bytes."""

from __future__ import annotations

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

from emotionart.cores import available_cores
from emotionart.data.persons.detector import MOST, PersonDetector
from emotionart.data.pictures.decode import MEMORY, PictureError, decode, picture_digest, read_file
from emotionart.data.pictures.store import FeatureStore
from emotionart.progress import progress_bar

_VERSION = 2  # version of the preprocessing: a change invalidates stored results
_VIEW = "persons"
_MULTIPLE = 32  # YOLO requires sides that are multiples of this
_DECODED = 640  # minimum side in pixels when decoding at reduced size; large enough for every look
_GREY = 114  # grey level of the padding in YOLO's training
_SAME = 0.5  # intersection over union above which two boxes are the same person
_HELD = 8  # maximum number of batches of pictures waiting for others of their shape

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Persons:
    """Persons detected in the pictures of a table.

    Attributes:
        reason: (n,) why a picture cannot be read, "" if it can.
        boxes: (n, MOST, 5) left, top, right, bottom as fractions of the picture's width and height, and score; highest
            score first, padded with rows of zeros.
    """

    reason: NDArray[np.object_]
    boxes: NDArray[np.float32]


@dataclass(frozen=True)
class _Look:
    """One scale and crop in which a detector sees a picture.

    Attributes:
        side: longer side of the resized crop in pixels.
        part: fraction of the picture's height that is kept, from the top.
    """

    side: int
    part: float = 1.0


_LOOKS = (_Look(448), _Look(224), _Look(320, part=0.6))
"""The picture large and small, as the person in a portrait fills it, and its upper part, where the face is."""


@dataclass(frozen=True)
class _Shown:
    """A picture in one look, resized and padded with grey."""

    row: int
    id: str
    look: _Look
    pixels: NDArray[np.uint8]
    corner: tuple[int, int]
    size: tuple[int, int]


def no_persons(count: int) -> Persons:
    """The result for `count` pictures without detection: no persons."""
    return Persons(np.full(count, "", dtype=object), np.zeros((count, MOST, 5), np.float32))


def find_persons(
    paths: Sequence[str], detector: PersonDetector, cache: Path, *, batch_size: int = 16, workers: int | None = None
) -> Persons:
    """Detects the persons in every picture; results of earlier calls are read from the store.

    The detector sees each picture three times: whole at two sizes, and its upper part. Each look is scaled to its side
    and padded to a multiple of 32, independently of other pictures; batches are made of looks of the same shape. A
    killed detection resumes where it stopped.

    Args:
        paths: paths of the pictures.
        detector: person detector.
        cache: folder of the stored results.
        batch_size: pictures per batch of the detector.
        workers: threads that read and decode; None for one per core.
    """
    workers = workers or available_cores()
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
                by_look = seen_by.setdefault(shown.row, {})
                by_look[shown.look] = _placed(persons, shown)
                if len(by_look) == len(_LOOKS):
                    boxes[shown.row] = merge_looks([(look.part, by_look[look]) for look in _LOOKS])
                    store.write([(shown.id, _VIEW)], boxes[[shown.row]])
                    del seen_by[shown.row]

        ahead = _ahead(pool, show, range(len(paths)), 2 * batch_size)
        for row, result in enumerate(progress_bar(ahead, "looking for persons", len(paths))):
            if isinstance(result, PictureError):
                reasons[row] = result.reason
            elif isinstance(result, str):
                boxes[row] = store.read([(result, _VIEW)])[0]
            else:
                for shown in result:
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


def _placed(detected: NDArray[np.float32], shown: _Shown) -> NDArray[np.float32]:
    """(k, 5) boxes as fractions of the whole picture, from boxes in pixels of one look."""
    boxes = np.array(detected[:MOST], np.float32)
    corner, size = np.tile(shown.corner, 2), np.tile(shown.size, 2)
    boxes[:, :4] = np.clip((boxes[:, :4] - corner) / size, 0, 1)
    boxes[:, [1, 3]] *= shown.look.part
    return boxes


def merge_looks(looks: Sequence[tuple[float, NDArray[np.float32]]]) -> NDArray[np.float32]:
    """(MOST, 5) persons from several looks at a picture, without duplicates, highest score first.

    A person found by several looks keeps the box of the first one and the highest score. Boxes are compared within the
    later look's part of the picture, whose lower edge cuts them off.

    Args:
        looks: for each look, the fraction of the picture's height that it covers and its (k, 5) boxes.
    """
    merged = np.empty((0, 5), np.float32)
    for part, boxes in looks:
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
    """Results in order, at most `depth` of them computed ahead, so that memory stays bounded."""
    pending: deque[Future[Result]] = deque()
    for item in items:
        pending.append(pool.submit(function, item))
        if len(pending) >= depth:
            yield pending.popleft().result()
    while pending:
        yield pending.popleft().result()
