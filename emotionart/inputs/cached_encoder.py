"""Features of any pictures, read from and added to the stores of runs."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from emotionart.data.pictures.decode import load_batch, picture_digest
from emotionart.data.pictures.store import FeatureStore, Key
from emotionart.inputs.backbone import BATCH, BackboneRepresentation
from emotionart.inputs.joined import JoinedBackbones
from emotionart.inputs.representation import Representation
from emotionart.inputs.stored import missing_in, write_missing


class CachedEncoder:
    """Encodes pictures like a representation, but computes and stores the features of frozen networks only once.

    Args:
        representation: representation of a classifier.
        cache: folder of the stores.
    """

    def __init__(self, representation: Representation, cache: Path) -> None:
        self._representation = representation
        parts: Sequence[Representation] = (
            representation.parts if isinstance(representation, JoinedBackbones) else [representation]
        )
        with ExitStack() as opened:
            self._stores = [
                (part, opened.enter_context(part.open_stores(cache)))
                for part in parts
                if isinstance(part, BackboneRepresentation) and part.freeze == "all"
            ]
            self._opened = opened.pop_all()  # stays open, unless one of the stores could not be opened

    def __enter__(self) -> CachedEncoder:
        return self

    def __exit__(self, *reason: object) -> None:
        self._opened.close()

    def is_stored(self, file: bytes) -> bool:
        """Whether all features of a picture are stored already."""
        key = (picture_digest(file), "identity")
        stores = [store for _, stores in self._stores for store in stores]
        return bool(stores) and not any(store.missing([key]) for store in stores)

    def encode(self, files: Sequence[bytes]) -> Tensor:
        """Inputs (B, ...) of pictures, given as bytes of files.

        Raises:
            emotionart.data.pictures.decode.PictureError: for a picture that cannot be read.
        """
        if not self._stores:
            return self._representation.encode(files)
        by_digest = {picture_digest(file): file for file in files}
        keys = [(picture_digest(file), "identity") for file in files]
        features = [_read(part, stores, keys, by_digest) for part, stores in self._stores]
        return torch.from_numpy(np.concatenate(features, axis=1))


def _read(
    part: BackboneRepresentation, stores: Sequence[FeatureStore], keys: Sequence[Key], file: dict[str, bytes]
) -> NDArray[np.float32]:
    missing = missing_in(stores, list(dict.fromkeys(keys)))
    for start in range(0, len(missing), BATCH):
        batch = missing[start : start + BATCH]
        pictures = load_batch([file[picture] for picture, _ in batch], part.size, part.fit)
        write_missing(stores, batch, part.extract(pictures))
    return np.concatenate([store.read(keys) for store in stores], axis=1)
