"""Features of pictures on disk, computed once.

Kept in LMDB: its transactions are atomic (a killed process leaves what it has committed), several processes read
while one writes, values are read where they lie in the memory-mapped file, and it takes no server. Each value carries
a checksum, so that a flipped bit is noticed.
"""

from __future__ import annotations

import hashlib
import json
import os
import zlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import lmdb
import ml_dtypes  # noqa: F401 - gives NumPy bfloat16
import numpy as np
from numpy.typing import NDArray

from emotionart.files import read_json

_MAP_SIZE = 1 << 40  # address space, not disk: the file grows with what is written
_CHECKSUM = 4

Key = tuple[str, str]
"""A picture (the digest of its bytes) and a view (its name)."""


class FeatureStore:
    """The features that one extractor has computed.

    Args:
        folder: of the store; made if missing.
        description: of the extractor, kept beside the features for people to read.
        shape: of the features of one picture in one view.
        dtype: in which they are kept, such as "float32" or "bfloat16".
    """

    def __init__(
        self, folder: Path, description: dict[str, Any], shape: tuple[int, ...], dtype: str = "float32"
    ) -> None:
        self.folder = folder
        self.shape = shape
        self.dtype = np.dtype(dtype)
        folder.mkdir(parents=True, exist_ok=True)
        about = folder / "extractor.json"
        if not about.exists():
            partial = about.with_name(f".{about.name}.{os.getpid()}")
            partial.write_text(json.dumps({**description, "shape": shape, "dtype": dtype}, indent=2) + "\n")
            partial.replace(about)
        self._environment = self._open()

    def _open(self) -> lmdb.Environment:
        return lmdb.open(str(self.folder), map_size=_MAP_SIZE, readahead=False, max_readers=1024)

    def __getstate__(self) -> dict[str, Any]:
        """For worker processes that are started afresh: they open the file themselves."""
        return {name: value for name, value in vars(self).items() if name != "_environment"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self._environment = self._open()

    @classmethod
    def open(cls, folder: Path) -> FeatureStore:
        """A store that is there.

        Raises:
            FileNotFoundError: if there is none.
        """
        about = read_json(folder / "extractor.json")
        return cls(folder, about, tuple(about["shape"]), about["dtype"])

    def __enter__(self) -> FeatureStore:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Lets go of the file."""
        self._environment.close()

    def __len__(self) -> int:
        entries: int = self._environment.stat()["entries"]
        return entries

    def missing(self, keys: Iterable[Key]) -> list[Key]:
        """Those keys whose features are not there or are damaged."""
        with self._environment.begin(buffers=True) as transaction:
            return [key for key in keys if not self._is_whole(transaction.get(_encode(key)))]

    def write(self, keys: Sequence[Key], features: NDArray[Any]) -> None:
        """Stores features (n, *shape) in one transaction."""
        with self._environment.begin(write=True) as transaction:
            for key, row in zip(keys, features.astype(self.dtype, copy=False), strict=True):
                value = row.tobytes()
                transaction.put(_encode(key), zlib.crc32(value).to_bytes(_CHECKSUM, "little") + value)

    def read(self, keys: Sequence[Key]) -> NDArray[np.float32]:
        """Features (n, *shape) as float32.

        Raises:
            KeyError: for a key that is not there.
        """
        found = np.empty((len(keys), *self.shape), dtype=self.dtype)
        with self._environment.begin(buffers=True) as transaction:
            for place, key in enumerate(keys):
                value = transaction.get(_encode(key))
                if value is None:
                    raise KeyError(key)
                found[place] = np.frombuffer(value, self.dtype, offset=_CHECKSUM).reshape(self.shape)
        return found.astype(np.float32, copy=False)

    def damaged(self) -> Iterator[Key]:
        """The keys whose features do not agree with their checksum."""
        with self._environment.begin(buffers=True) as transaction:
            for key, value in transaction.cursor():
                if not self._is_whole(value):
                    digest, _, view = bytes(key).decode().partition("\0")
                    yield digest, view

    def _is_whole(self, value: Any) -> bool:
        if value is None or len(value) != _CHECKSUM + self.dtype.itemsize * int(np.prod(self.shape)):
            return False
        return zlib.crc32(value[_CHECKSUM:]) == int.from_bytes(value[:_CHECKSUM], "little")


def open_store(
    cache: Path, name: str, extractor: dict[str, Any], shape: tuple[int, ...], dtype: str = "float32"
) -> FeatureStore:
    """The store of one extractor's features, in a folder of its own.

    Args:
        cache: folder of all stores.
        name: of the extractor, for people to read.
        extractor: everything that features depend on beside picture and view; any change makes another store.
        shape: of the features of one picture.
        dtype: in which they are computed and kept.
    """
    fingerprint = hashlib.blake2b(json.dumps(extractor).encode(), digest_size=8).hexdigest()
    return FeatureStore(cache / "features" / f"{name.replace('/', '-')}-{fingerprint}", extractor, shape, dtype)


def _encode(key: Key) -> bytes:
    return "\0".join(key).encode()
