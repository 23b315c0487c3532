"""The artworks to explain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from emotionart.attribution.network import as_floats
from emotionart.classifier.evaluation.tested import TestedClassifier
from emotionart.classifier.predictor import Predictor
from emotionart.config.trust import read_config
from emotionart.data.artworks import Artworks
from emotionart.data.gallery.gallery import find_cues, find_mask, read_mask
from emotionart.data.pictures.decode import load_resized, read_file
from emotionart.data.pictures.unreadable import none_readable, use_readable
from emotionart.data.tables.layouts.folder import pictures_in
from emotionart.errors import UserError
from emotionart.files import read_yaml
from emotionart.inputs.vector import VectorRepresentation
from emotionart.run.data import build_artworks
from emotionart.run.folder import RunFolder
from emotionart.run.log import suppress_messages
from emotionart.run.predictions import Predictions

_FEATURE_SIZE = 128
"""Side in pixels at which pictures are kept for classifiers on features, which need no more."""


@dataclass(frozen=True)
class ImageSet:
    """n artworks and a run's predictions for them.

    Attributes:
        name: (n,) ids or file names.
        image: (n,) paths.
        artist, title: (n,) "" if unknown.
        pixels: (N, size, size, 3) uint8, pictures of these and other artworks, usually memory-mapped.
        row: (n,) each artwork's position in `pixels`.
        unit: (n,) numbers from 0 of the units that the split keeps together and intervals treat as one.
        label: (n,) true classes, -1 where unknown.
        votes: (n, K) share of each class among the votes, or None without multiple votes.
        probabilities: (n, K) predicted probabilities.
    """

    name: NDArray[np.object_]
    image: NDArray[np.object_]
    artist: NDArray[np.object_]
    title: NDArray[np.object_]
    pixels: NDArray[np.uint8]
    row: NDArray[np.intp]
    unit: NDArray[np.intp]
    label: NDArray[np.int64]
    votes: NDArray[np.float32] | None
    probabilities: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.name)

    def take(self, rows: NDArray[np.intp]) -> ImageSet:
        """The artworks at these positions (m,)."""
        return ImageSet(
            self.name[rows],
            self.image[rows],
            self.artist[rows],
            self.title[rows],
            self.pixels,
            self.row[rows],
            self.unit[rows],
            self.label[rows],
            None if self.votes is None else self.votes[rows],
            self.probabilities[rows],
        )

    @property
    def size(self) -> int:
        """Side of the pictures in pixels."""
        side: int = self.pixels.shape[1]
        return side

    def tensor(self) -> Tensor:
        """The pictures as floats (n, 3, size, size) in 0..1."""
        return as_floats(self.pixels[self.row]).contiguous()

    def target_classes(self) -> NDArray[np.int64]:
        """Two classes per artwork, (n, 2): the predicted one, and the true or else the next most probable one."""
        order = np.argsort(-self.probabilities, axis=1, kind="stable")
        predicted, second = order[:, 0], order[:, min(1, order.shape[1] - 1)]
        other = np.where((self.label >= 0) & (self.label != predicted), self.label, second)
        return np.stack([predicted, other], axis=1).astype(np.int64)

    def cues(self) -> list[str]:
        """Which cues indicate each artwork's emotion ("global", "local", both or "neither"); "" if unknown."""
        by_artwork = [find_cues(Path(path)) for path in self.image]
        return ["" if cues is None else " and ".join(cues) or "neither" for cues in by_artwork]

    def masks(self) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
        """Positions (m,) and masks (m, size, size) of the artworks whose marked local cue may indicate the emotion.

        Cues that are known not to indicate it are left out: a network has no reason to look at them.
        """
        size, rows, masks = self.size, [], []
        for row, path in enumerate(self.image):
            file, informative = find_mask(Path(path)), find_cues(Path(path))
            if file is None or (informative is not None and "local" not in informative):
                continue
            inside = read_mask(file, size)
            if inside.any():
                rows.append(row)
                masks.append(inside)
        return np.array(rows, dtype=np.intp), np.array(masks, dtype=bool).reshape(-1, size, size)


def _side(predictor: Predictor) -> int:
    vector = isinstance(predictor.representation, VectorRepresentation)
    return _FEATURE_SIZE if vector else predictor.representation.size


def read_tested_images(folder: Path, predictor: Predictor, trust: bool) -> ImageSet:
    """The run's test split with its recorded probabilities; for `trust` see `load_run`.

    Raises:
        UserError: if the data have changed since the run was tested.
    """
    config = read_config(
        read_yaml(RunFolder(folder).config, "data", "labels", "cache"),
        ("data", "labels", "cache"),
        folder=folder,
        trust=trust,
    )
    with suppress_messages("emotionart.data"):
        artworks = build_artworks(config, _side(predictor))
    file = RunFolder(folder).predictions
    if not file.exists():
        raise UserError(
            "This run has left no predictions.", where=str(file), fix="emotionart explain RUN --images FOLDER"
        )
    tested = Predictions.read(file).of_part("test")
    predicted = dict(zip(tested.id, tested.probabilities, strict=True))
    test = artworks.indices("test")
    if set(artworks.id[test]) != set(predicted):
        raise UserError(
            "The data has changed since this run: its test split is another one.",
            where=str(config.data.get("path", "data")),
            fix="emotionart explain RUN --images FOLDER",
        )
    return _image_set(artworks, test, np.array([predicted[id] for id in artworks.id[test]]))


def tested_images(tested: TestedClassifier) -> ImageSet:
    """The test split of a run in memory, at its network's input size."""
    test = tested.predictions.of_part("test")
    return _image_set(tested.artworks, tested.artworks.indices("test"), test.probabilities)


def _image_set(artworks: Artworks, rows: NDArray[np.intp], probabilities: NDArray[np.float64]) -> ImageSet:
    return ImageSet(
        name=artworks.id[rows],
        image=artworks.image[rows],
        artist=artworks.group[rows],
        title=artworks.title[rows],
        pixels=artworks.pixels,
        row=artworks.row[rows],
        unit=artworks.unit[rows],
        label=artworks.label[rows],
        votes=artworks.votes[rows] if artworks.voted else None,
        probabilities=probabilities,
    )


def pictures_of(folder: Path, predictor: Predictor) -> tuple[ImageSet, dict[str, str]]:
    """The pictures of a folder, of any size, with predictions; a parent folder named like a class gives the true class.

    Returns:
        The readable pictures; and the others, path -> reason.

    Raises:
        UserError: if there are none, or none can be read.
    """
    paths = list(map(str, pictures_in(folder)))
    if not paths:
        raise UserError("There are no pictures in this folder.", where=f"--images {folder}")
    size, fit = _side(predictor), predictor.representation.fit
    loaded, unreadable = use_readable(paths, lambda path: (load_resized(file := read_file(path), size, fit), file))
    if not loaded:
        raise none_readable(unreadable)
    pixels, files = zip(*loaded.values(), strict=True)
    images = ImageSet(
        name=np.array([str(Path(path).relative_to(folder)) for path in loaded], dtype=object),
        image=np.array(list(loaded), dtype=object),
        artist=np.full(len(loaded), "", dtype=object),
        title=np.full(len(loaded), "", dtype=object),
        pixels=np.stack(pixels),
        row=np.arange(len(loaded)),
        unit=np.arange(len(loaded)),
        label=np.array([_class_of(Path(path), predictor.classes) for path in loaded], dtype=np.int64),
        votes=None,
        probabilities=predictor.predict(files),
    )
    return images, unreadable


def _class_of(path: Path, classes: Sequence[str]) -> int:
    return classes.index(path.parent.name) if path.parent.name in classes else -1
