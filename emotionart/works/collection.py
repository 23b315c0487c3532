"""Pictures with their features and probabilities by a trained classifier."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Sequence, Set
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from emotionart.classifier.predictor import Predictor
from emotionart.data.pictures.decode import decode, picture_digest, read_file
from emotionart.data.pictures.unreadable import none_readable, use_readable
from emotionart.errors import UserError
from emotionart.files import resolved
from emotionart.inputs.cached_encoder import CachedEncoder
from emotionart.inputs.representation import Pixels
from emotionart.networks.pretrained.weights import weights_digest
from emotionart.progress import progress_bar
from emotionart.works.index import Entries, Index, join, stamps

log = logging.getLogger(__name__)

_VERSION = 1  # version of decoding and of the index: a change invalidates stored indexes
_BATCH = 64
_SMALL = 32  # side in pixels at which a picture is decoded to check that it is readable


@dataclass(frozen=True)
class Collection:
    """The readable pictures, in the given order.

    Attributes:
        image: (n,) paths.
        id: (n,) digests of the pictures' bytes.
        features: (n, D) float32, inputs of the classifier's head, grids averaged over space, normalised to length 1, so
            that inner products are cosines; (n, 0) for a classifier on pixels.
        probabilities: (n, K) probabilities of the classes.
        classes: names of the K classes.
        unreadable: path of each other picture -> why it cannot be read.
    """

    image: tuple[str, ...]
    id: NDArray[np.object_]
    features: NDArray[np.float32]
    probabilities: NDArray[np.float64]
    classes: tuple[str, ...]
    unreadable: dict[str, str]

    def take(self, rows: list[int]) -> Collection:
        """The pictures at these positions."""
        image = tuple(self.image[row] for row in rows)
        return replace(
            self, image=image, id=self.id[rows], features=self.features[rows], probabilities=self.probabilities[rows]
        )

    def without(self, ids: Set[str], paths: Set[str] = frozenset()) -> Collection:
        """The collection without the pictures with these digests or resolved paths."""
        drop = [id in ids for id in self.id]
        if paths:
            drop = [same or path in paths for same, path in zip(drop, resolved(self.image), strict=True)]
        return self.take([row for row, same in enumerate(drop) if not same]) if any(drop) else self


def read_collection(predictor: Predictor, paths: Sequence[str], cache: Path) -> Collection:
    """Features and probabilities of pictures; unchanged ones in the classifier's index are not read again.

    The index lies under `cache`, as do the stored features of a frozen network, which are computed once.

    Raises:
        UserError: if none of the pictures can be read.
    """
    paths = list(dict.fromkeys(paths))
    index, stamp = _open_index(predictor, cache), stamps(paths)
    row = index.find(paths, stamp)
    known, unknown = np.flatnonzero(row >= 0), np.flatnonzero(row < 0)
    if not len(unknown):
        return _collection(predictor, paths, index.read(row), {})
    looked, entries, unreadable = _look(predictor, [paths[place] for place in unknown.tolist()], cache)
    place = {path: place for place, path in enumerate(paths)}
    added = np.array([place[path] for path in looked], dtype=np.intp)
    index.add(looked, stamp[added], entries)
    order = np.argsort(np.r_[known, added])
    together = join([index.read(row[known]), entries]).take(order)
    return _collection(predictor, [path for path in paths if path not in unreadable], together, unreadable)


def compute_collection(predictor: Predictor, paths: Sequence[str], cache: Path) -> Collection:
    """As `read_collection`, without the index."""
    return _collection(predictor, *_look(predictor, paths, cache))


def _open_index(predictor: Predictor, cache: Path) -> Index:
    """The index of a classifier; a damaged one counts as empty, with a warning."""
    used = predictor.representation.describe()
    about = [_VERSION, asdict(predictor.classifier.description), used, weights_digest(predictor.classifier)]
    digest = hashlib.blake2b(json.dumps(about, default=str).encode(), digest_size=8).hexdigest()
    name = str(used.get("name", used["kind"])).replace("/", "-").replace(" ", "")
    folder = cache / "works" / f"{name}-{digest}"
    try:
        return Index.open(folder)
    except UserError as error:
        log.warning("%s %s: the pictures are read again", error.what, folder)
        return Index.empty(folder)


def _collection(predictor: Predictor, paths: Sequence[str], entries: Entries, unreadable: dict[str, str]) -> Collection:
    if not paths:
        raise none_readable(unreadable)
    return Collection(tuple(paths), *entries, predictor.classes, unreadable)


def _look(predictor: Predictor, paths: Sequence[str], cache: Path) -> tuple[list[str], Entries, dict[str, str]]:
    """The readable pictures, what the classifier sees in them, and why each other one cannot be read."""
    unreadable: dict[str, str] = {}
    image: list[str] = []
    parts: list[Entries] = []
    batches = [paths[start : start + _BATCH] for start in range(0, len(paths), _BATCH)]
    with CachedEncoder(predictor.representation, cache) as encoder:
        for batch in progress_bar(batches, "looking at pictures", len(paths), _BATCH):
            files, bad = use_readable(batch, partial(_read, encoder))
            unreadable |= bad
            if files:
                encoded = encoder.encode(list(files.values()))
                image += files
                digest = np.array([picture_digest(file) for file in files.values()], dtype=object)
                parts.append(
                    Entries(digest, _features(predictor, encoded), predictor.classifier.probabilities(encoded))
                )
    return image, join(parts), unreadable


def _read(encoder: CachedEncoder, path: Path) -> bytes:
    """The bytes of a picture that is known or can be decoded.

    Raises:
        PictureError: if it cannot be read.
    """
    file = read_file(path)
    if not encoder.is_stored(file):
        decode(file, _SMALL)
    return file


@torch.inference_mode()
def _features(predictor: Predictor, encoded: torch.Tensor) -> NDArray[np.float32]:
    """Features (B, D) of length 1; (B, 0) for a classifier on pixels."""
    if isinstance(predictor.representation, Pixels):
        return np.empty((len(encoded), 0), np.float32)
    inputs = predictor.classifier.input(encoded.to(predictor.classifier.device))
    vectors = inputs.flatten(2).mean(2) if inputs.ndim > 2 else inputs
    features: NDArray[np.float32] = torch.nn.functional.normalize(vectors, dim=1).cpu().numpy()
    return features
