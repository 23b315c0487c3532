"""A store of picture features on disk, so that they are computed only once.

It uses LMDB, which has atomic transactions (a killed process keeps what it has committed), allows several readers
beside one writer, reads from a memory-mapped file without copying, and needs no server. Each value has a checksum
that reveals bit errors.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import zlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import lmdb
import ml_dtypes  # noqa: F401 - gives NumPy bfloat16
import numpy as np
from filelock import FileLock
from numpy.typing import NDArray

from emotionart.errors import Failure, UserError
from emotionart.files import may_access, read_json, write_json

log = logging.getLogger(__name__)

_MAP_SIZE = 1 << 40  # address space, not disk space: the file grows as needed
_LEAST_MAP_SIZE = 1 << 26
_DATA = "data.mdb"
_CHECKSUM = 4

Key = tuple[str, str]
"""A picture (digest of its bytes) and a view (its name)."""


class DamagedStoreError(UserError):
    """Raised for a store whose file is truncated or not a store."""


class FeatureStore:
    """Features computed by one extractor.

    A damaged store is replaced by an empty one, with a warning. A read-only store can be read.

    Args:
        folder: folder of the store; made if missing.
        description: description of the extractor, stored beside the features for human readers.
        shape: shape of the features of one picture in one view.
        dtype: storage type, such as "float32" or "bfloat16".
    """

    def __init__(
        self, folder: Path, description: dict[str, Any], shape: tuple[int, ...], dtype: str = "float32"
    ) -> None:
        self.folder = folder
        self.shape = shape
        self.dtype = np.dtype(dtype)
        folder.mkdir(parents=True, exist_ok=True)
        about = folder / "extractor.json"
        if not _is_json(about):
            write_json(about, {**description, "shape": shape, "dtype": dtype})
        try:
            self._environment = self._open()
        except DamagedStoreError:
            self._environment = self._replace_damaged()

    @property
    def read_only(self) -> bool:
        """Whether this user may not write to the store."""
        file = self.folder / _DATA
        return not all(may_access(path, os.W_OK) for path in (self.folder, file) if path.exists())

    def _open(self) -> lmdb.Environment:
        """Opens the database with as much address space as is available."""
        size = _MAP_SIZE
        while True:
            try:
                # No lock for a read-only store: it cannot be created, and nobody writes.
                environment = lmdb.open(
                    str(self.folder), map_size=size, readahead=False, max_readers=1024,
                    readonly=self.read_only, lock=not self.read_only,
                )  # fmt: skip
                break
            except lmdb.MemoryError:
                size //= 4
                if size < _LEAST_MAP_SIZE:
                    raise Failure(
                        "There is not enough address space to open the feature store.",
                        where=str(self.folder),
                        fix="a larger `ulimit -v`",
                    ) from None
            except (lmdb.InvalidError, lmdb.CorruptedError, lmdb.VersionMismatchError):
                raise DamagedStoreError("This is not a feature store.", where=str(self.folder)) from None
            except lmdb.Error as error:
                raise Failure(f"The feature store cannot be opened: {error}.", where=str(self.folder)) from None
        # Reading beyond the end of a mapped file would kill the process.
        if (environment.info()["last_pgno"] + 1) * environment.stat()["psize"] > (self.folder / _DATA).stat().st_size:
            environment.close()
            raise DamagedStoreError("This feature store is truncated.", where=str(self.folder))
        return environment

    def _replace_damaged(self) -> lmdb.Environment:
        """Replaces a damaged database by an empty one, unless another process has done so meanwhile."""
        with FileLock(self.folder / "compute.lock"):
            try:
                return self._open()
            except DamagedStoreError as error:
                log.warning("%s %s: its features are computed again", error.what, self.folder / _DATA)
                (self.folder / _DATA).unlink()
                return self._open()

    def __getstate__(self) -> dict[str, Any]:
        """The state without the database, which spawned worker processes open themselves."""
        return {name: value for name, value in vars(self).items() if name != "_environment"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self._environment = self._open()

    @classmethod
    def open(cls, folder: Path) -> FeatureStore:
        """Opens an existing store without changing it.

        Raises:
            FileNotFoundError: if there is no store.
            UserError: if it is damaged.
        """
        about = read_json(folder / "extractor.json")
        store = cls.__new__(cls)
        store.folder, store.shape, store.dtype = folder, tuple(about["shape"]), np.dtype(about["dtype"])
        store._environment = store._open()
        return store

    def __enter__(self) -> FeatureStore:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes the file."""
        self._environment.close()

    def __len__(self) -> int:
        entries: int = self._environment.stat()["entries"]
        return entries

    def missing(self, keys: Iterable[Key]) -> list[Key]:
        """The keys whose features are missing or damaged."""
        with self._environment.begin(buffers=True) as transaction:
            return [key for key in keys if not self._is_whole(transaction.get(_encode(key)))]

    def write(self, keys: Sequence[Key], features: NDArray[Any]) -> None:
        """Stores features (n, *shape) in one transaction.

        Raises:
            Failure: if the store is read-only or there is no space.
        """
        if self.read_only:
            raise Failure(
                f"This feature store is read-only, and lacks {len(keys)} features or more.",
                where=str(self.folder),
                fix="cache=FOLDER of your own",
            )
        try:
            self._put(keys, features)
        except lmdb.MapFullError:
            raise Failure("The address space is full.", where=str(self.folder), fix="a larger `ulimit -v`") from None
        except lmdb.Error as error:
            raise Failure(f"The features cannot be stored: {error}.", where=str(self.folder)) from None

    def _put(self, keys: Sequence[Key], features: NDArray[Any]) -> None:
        with self._environment.begin(write=True) as transaction:
            for key, row in zip(keys, features.astype(self.dtype, copy=False), strict=True):
                value = row.tobytes()
                transaction.put(_encode(key), zlib.crc32(value).to_bytes(_CHECKSUM, "little") + value)

    def read(self, keys: Sequence[Key]) -> NDArray[np.float32]:
        """Features (n, *shape) as float32.

        Raises:
            KeyError: for a missing key.
        """
        features = np.empty((len(keys), *self.shape), dtype=self.dtype)
        with self._environment.begin(buffers=True) as transaction:
            for index, key in enumerate(keys):
                value = transaction.get(_encode(key))
                if value is None:
                    raise KeyError(key)
                features[index] = np.frombuffer(value, self.dtype, offset=_CHECKSUM).reshape(self.shape)
        return features.astype(np.float32, copy=False)

    def damaged(self) -> Iterator[Key]:
        """Yields the keys whose features do not match their checksum."""
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
    """Opens the store of one extractor's features, in its own folder.

    Args:
        cache: the cache folder.
        name: human-readable name of the extractor.
        extractor: everything besides picture and view that features depend on; any change selects another store.
        shape: shape of the features of one picture.
        dtype: type in which they are computed and stored.
    """
    fingerprint = hashlib.blake2b(json.dumps(extractor).encode(), digest_size=8).hexdigest()
    return FeatureStore(cache / "features" / f"{name.replace('/', '-')}-{fingerprint}", extractor, shape, dtype)


def _is_json(file: Path) -> bool:
    """Whether a file exists and holds valid JSON; warns if it is damaged."""
    try:
        read_json(file)
    except FileNotFoundError:
        return False
    except UserError as error:
        log.warning("%s %s: it is written again", error.what, file)
        return False
    return True


def _encode(key: Key) -> bytes:
    return "\0".join(key).encode()
