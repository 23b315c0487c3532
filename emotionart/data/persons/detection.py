"""Person detection over a table: prefetched pictures, batches of one shape, results stored by the picture's bytes."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from emotionart.cores import available_cores
from emotionart.data.persons.detector import MAX_PERSONS, PersonDetector
from emotionart.data.persons.looks import LOOKS, Letterbox, Look, letterbox, merge_looks
from emotionart.data.pictures.decode import MEMORY, PictureError, decode, picture_digest, read_file
from emotionart.data.pictures.store import FeatureStore
from emotionart.progress import progress_bar

_VERSION = 2  # version of the preprocessing: a change invalidates stored results
_VIEW = "persons"
_DECODED = 640  # minimum side in pixels when decoding at reduced size; large enough for every look
_HELD = 8  # maximum number of batches of pictures waiting for others of their shape

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Persons:
    """Persons detected in the pictures of a table.

    Attributes:
        reason: (n,) why a picture cannot be read, "" if it can.
        boxes: (n, MAX_PERSONS, 5) left, top, right, bottom as fractions of the picture's width and height, and score;
            highest score first, padded with rows of zeros.
    """

    reason: NDArray[np.object_]
    boxes: NDArray[np.float32]


def no_persons(count: int) -> Persons:
    """The result for `count` pictures without detection: no persons."""
    return Persons(np.full(count, "", dtype=object), np.zeros((count, MAX_PERSONS, 5), np.float32))


def find_persons(paths: Sequence[str], detector: PersonDetector, cache: Path, *, batch_size: int = 16) -> Persons:
    """Detects the persons in every picture; results of earlier calls are read from the store.

    The detector sees each picture three times: whole at two sizes, and its upper part. Each look is scaled to its side
    and padded to a multiple of 32, independently of other pictures; batches are made of looks of the same shape. A
    killed detection resumes where it stopped.

    Args:
        paths: paths of the pictures.
        detector: person detector.
        cache: folder of the stored results.
        batch_size: pictures per batch of the detector.
    """
    persons = no_persons(len(paths))
    batches = _ShapeBatches(batch_size)
    with _open_store(detector, cache) as store, ThreadPoolExecutor(available_cores()) as pool:
        detection = _Detection(detector, store, persons.boxes)
        pictures = _ahead(pool, partial(_read, store), paths, 2 * batch_size)
        for row, picture in enumerate(progress_bar(pictures, "looking for persons", len(paths))):
            if isinstance(picture, PictureError):
                persons.reason[row] = picture.reason
            elif picture.boxes is not None:
                persons.boxes[row] = picture.boxes
            else:
                for look in picture.looks:
                    detection.run(batches.add(_Input(row, picture.id, look)))
        for batch in batches.rest():
            detection.run(batch)
    return persons


@dataclass(frozen=True)
class _Picture:
    """A picture that can be read: the stored boxes (MAX_PERSONS, 5) of its persons, or else its looks."""

    id: str
    boxes: NDArray[np.float32] | None
    looks: Sequence[Letterbox] = ()


@dataclass(frozen=True)
class _Input:
    """One look at the picture in some row of the table."""

    row: int
    id: str
    image: Letterbox


class _ShapeBatches:
    """Collects inputs of the detector into batches of one shape.

    Args:
        size: inputs per batch.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._waiting: dict[tuple[int, ...], list[_Input]] = {}

    def add(self, item: _Input) -> list[_Input]:
        """Adds an input, and returns a batch that is full, or the largest one if too many inputs wait; else none."""
        shape = item.image.pixels.shape
        self._waiting.setdefault(shape, []).append(item)
        if len(self._waiting[shape]) == self._size:
            return self._waiting.pop(shape)
        if sum(map(len, self._waiting.values())) >= _HELD * self._size:
            return self._waiting.pop(max(self._waiting, key=lambda key: len(self._waiting[key])))
        return []

    def rest(self) -> Iterator[list[_Input]]:
        """The batches that are not full."""
        yield from self._waiting.values()


class _Detection:
    """Runs a detector, and stores the boxes of a picture once it has been seen in every look.

    Args:
        detector: person detector.
        store: store of the results.
        boxes: (n, MAX_PERSONS, 5) result, to be filled.
    """

    def __init__(self, detector: PersonDetector, store: FeatureStore, boxes: NDArray[np.float32]) -> None:
        self._detector = detector
        self._store = store
        self._boxes = boxes
        self._seen: dict[int, dict[Look, NDArray[np.float32]]] = {}

    def run(self, batch: Sequence[_Input]) -> None:
        """Detects the persons in a batch of one shape, which may be empty."""
        if not batch:
            return
        for detected, item in zip(self._detector.detect([one.image.pixels for one in batch]), batch, strict=True):
            by_look = self._seen.setdefault(item.row, {})
            by_look[item.image.look] = item.image.to_picture(detected)
            if len(by_look) == len(LOOKS):
                self._boxes[item.row] = merge_looks([(look.part, by_look[look]) for look in LOOKS])
                self._store.write([(item.id, _VIEW)], self._boxes[[item.row]])
                del self._seen[item.row]


def _open_store(detector: PersonDetector, cache: Path) -> FeatureStore:
    about = {
        "name": _VIEW,
        "version": _VERSION,
        "source": f"{detector.name} (persons)",
        "size": _DECODED,
        "weights": detector.digest,
        "precision": "float32",
    }
    return FeatureStore(cache / "features" / f"persons-v{_VERSION}-{detector.digest[:12]}", about, (MAX_PERSONS, 5))


def _read(store: FeatureStore, path: str) -> _Picture | PictureError:
    try:
        source = read_file(Path(path))
        id = picture_digest(source)
        if not store.missing([(id, _VIEW)]):
            return _Picture(id, store.read([(id, _VIEW)])[0])
        with MEMORY.held():
            pixels = np.asarray(decode(source, _DECODED))
            return _Picture(id, None, [letterbox(pixels, look) for look in LOOKS])
    except PictureError as error:
        return error


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
