"""Features that several devices compute are stored once, and are those of one device."""

import threading
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from emotionart.data.pictures.store import FeatureStore, Key, open_store
from emotionart.inputs.stored import fill

KEYS = [(f"{number:032x}", "identity") for number in range(23)]


def features(keys: Sequence[Key]) -> np.ndarray:
    return np.array([[int(picture, 16), len(view)] for picture, view in keys], dtype=np.float32)


def opened(folder: Path) -> FeatureStore:
    return open_store(folder, "numbers", {}, (2,))


@pytest.mark.parametrize("devices", [1, 2, 3])
def test_every_batch_goes_to_one_device(tmp_path: Path, devices: int) -> None:
    seen: list[list[Key]] = [[] for _ in range(devices)]

    def compute(device: int, keys: Sequence[Key]) -> list[np.ndarray]:
        seen[device] += keys
        return [features(keys)]

    with opened(tmp_path) as store:
        store.write(KEYS[:3], features(KEYS[:3]))
        fill([store], KEYS, list, [partial(compute, device) for device in range(devices)], 4)
        assert np.array_equal(store.read(KEYS), features(KEYS))
    assert sorted(key for keys in seen for key in keys) == KEYS[3:]
    assert max(map(len, seen)) - min(map(len, seen)) <= 4


def test_devices_compute_at_the_same_time(tmp_path: Path) -> None:
    both = threading.Barrier(2, timeout=30)

    def compute(keys: Sequence[Key]) -> list[np.ndarray]:
        both.wait()
        return [features(keys)]

    with opened(tmp_path) as store:
        fill([store], KEYS, list, [compute, compute], 6)
        assert len(store) == len(KEYS)


def test_what_was_stored_before_a_device_failed_stays(tmp_path: Path) -> None:
    def fails(keys: Sequence[Key]) -> list[np.ndarray]:
        raise RuntimeError("out of memory")

    with opened(tmp_path) as store:
        with pytest.raises(RuntimeError, match="out of memory"):
            fill([store], KEYS, list, [lambda keys: [features(keys)], fails], 4)
        assert len(store) == 4
        fill([store], KEYS, list, [lambda keys: [features(keys)]], 4)
        assert np.array_equal(store.read(KEYS), features(KEYS))


def test_batches_are_read_and_written_while_another_is_computed(tmp_path: Path) -> None:
    read_next = threading.Event()
    order: list[Key] = []

    def read(keys: Sequence[Key]) -> list[Key]:
        if keys[0] == KEYS[4]:
            read_next.set()
        return list(keys)

    with opened(tmp_path) as store:

        def compute(keys: Sequence[Key]) -> list[np.ndarray]:
            order.extend(keys)
            if keys[0] == KEYS[0]:
                assert read_next.wait(30), "the second batch is read while the first is computed"
            if keys[0] == KEYS[8]:
                assert not store.missing(KEYS[:4]), "the first batch was written before the third is computed"
            return [features(keys)]

        fill([store], KEYS, read, [compute], 4)
        assert order == KEYS
        assert np.array_equal(store.read(KEYS), features(KEYS))
