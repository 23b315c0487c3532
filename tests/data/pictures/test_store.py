import json
import multiprocessing
import os
import resource
import signal
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor, wait
from pathlib import Path

import numpy as np
import pytest
import torch
from filelock import FileLock
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emotionart.data.pictures.store import FeatureStore
from emotionart.errors import Failure


def keys(count: int, view: str = "identity") -> list[tuple[str, str]]:
    return [(f"{number:032x}", view) for number in range(count)]


def rows(count: int, shape: tuple[int, ...] = (6,)) -> np.ndarray:
    return np.random.default_rng(0).normal(size=(count, *shape)).astype(np.float32)


def test_what_is_written_is_read_in_any_order(tmp_path: Path) -> None:
    values = rows(5, (2, 3, 3))
    with FeatureStore(tmp_path / "s", {"name": "net"}, (2, 3, 3)) as store:
        store.write(keys(5), values)
    with FeatureStore.open(tmp_path / "s") as store:
        assert len(store) == 5
        assert (store.read(keys(5)[::-1]) == values[::-1]).all()
        assert store.missing(keys(7)) == keys(7)[5:]
        assert store.missing(keys(5, "flip")) == keys(5, "flip")
        with pytest.raises(KeyError):
            store.read(keys(6))


def test_a_store_goes_to_a_process_that_is_started_afresh(tmp_path: Path) -> None:
    values = np.arange(6, dtype=np.float32).reshape(2, 3)
    keys = [("a", "identity"), ("b", "identity")]
    with FeatureStore(tmp_path, {}, (3,)) as store:
        store.write(keys, values)
        with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
            assert (pool.submit(store.read, keys).result() == values).all()


def test_bfloat16_features_take_half_the_disk_and_lose_no_bit(tmp_path: Path) -> None:
    values = torch.from_numpy(rows(20, (600,))).to(torch.bfloat16).float().numpy()
    for dtype in ("float32", "bfloat16"):
        with FeatureStore(tmp_path / dtype, {}, (600,), dtype) as store:
            store.write(keys(20), values)
        with FeatureStore.open(tmp_path / dtype) as store:
            assert (store.read(keys(20)) == values).all()
    full, half = ((tmp_path / dtype / "data.mdb").stat().st_size for dtype in ("float32", "bfloat16"))
    assert half < 0.6 * full


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20, deadline=None)
@given(st.binary(min_size=1, max_size=8), st.integers(0, 10**6))
def test_a_flipped_bit_is_noticed_and_can_be_mended(tmp_path: Path, flip: bytes, where: int) -> None:
    folder = tmp_path / f"{where}-{flip.hex()}"
    with FeatureStore(folder, {}, (600,)) as store:
        store.write(keys(3), rows(3, (600,)))
    data = bytearray((folder / "data.mdb").read_bytes())
    place = bytes(data).index(rows(3, (600,))[1].tobytes()) + where % 2400
    data[place] ^= 1 << (flip[0] % 8)
    (folder / "data.mdb").write_bytes(data)
    with FeatureStore.open(folder) as store:
        assert store.missing(keys(3)) == [keys(3)[1]]
        assert list(store.damaged()) == [keys(3)[1]]
        store.write([keys(3)[1]], rows(3, (600,))[1:2])
        assert store.missing(keys(3)) == []
        assert (store.read(keys(3)) == rows(3, (600,))).all()


WRITER = """
import sys; import numpy as np; from pathlib import Path; from emotionart.data.pictures.store import FeatureStore
store = FeatureStore(Path(sys.argv[1]), {}, (500,))
for start in range(int(sys.argv[2]), 10_000_000, 10):
    store.write([(f"{n:032x}", "identity") for n in range(start, start + 10)], np.full((10, 500), start, np.float32))
    if start >= int(sys.argv[3]): break
"""


def test_a_killed_writer_leaves_whole_batches(tmp_path: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path / "s"), "0", "9999999"])
    while not (tmp_path / "s" / "data.mdb").exists() or (tmp_path / "s" / "data.mdb").stat().st_size < 200_000:
        assert process.poll() is None
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    with FeatureStore.open(tmp_path / "s") as store:
        assert len(store) >= 10
        assert len(store) % 10 == 0
        assert list(store.damaged()) == []


def test_two_processes_can_write_at_once(tmp_path: Path) -> None:
    command = [sys.executable, "-c", WRITER, str(tmp_path / "s")]
    FeatureStore(tmp_path / "s", {}, (500,)).close()
    writers = [subprocess.Popen([*command, *span]) for span in (("0", "490"), ("500", "990"))]
    assert [writer.wait() for writer in writers] == [0, 0]
    with FeatureStore.open(tmp_path / "s") as store:
        assert store.missing(keys(1000)) == []
        assert (store.read(keys(1000))[:, 0] == np.arange(1000) // 10 * 10).all()


def test_a_store_that_is_cut_off_is_made_anew(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Reading behind the end of a mapped file would kill the process."""
    key = [("a", "identity")]
    for number, size in enumerate((0, 4096, 9000, 20_000)):
        folder = tmp_path / str(number)
        with FeatureStore(folder, {}, (5000,)) as store:
            store.write(key, np.ones((1, 5000), np.float32))
        os.truncate(folder / "data.mdb", size)
        with FeatureStore(folder, {}, (5000,)) as store:
            assert store.missing(key) == key
            store.write(key, np.ones((1, 5000), np.float32))
            assert store.read(key).sum() == 5000
    assert caplog.text.count("computed again") >= 2


def test_what_is_no_store_and_a_description_that_is_cut_off_are_made_anew(tmp_path: Path) -> None:
    tmp_path.joinpath("data.mdb").write_bytes(b"no store" * 2000)
    tmp_path.joinpath("extractor.json").write_text("{")
    with FeatureStore(tmp_path, {"name": "net"}, (2,)) as store:
        assert len(store) == 0
    assert json.loads((tmp_path / "extractor.json").read_text())["name"] == "net"


def test_a_damaged_store_that_another_process_has_replaced_meanwhile_is_kept(tmp_path: Path) -> None:
    tmp_path.joinpath("data.mdb").write_bytes(b"no store" * 2000)
    with ThreadPoolExecutor(1) as thread:
        with FileLock(tmp_path / "compute.lock"):
            opened = thread.submit(FeatureStore, tmp_path, {}, (6,))
            assert wait([opened], timeout=0.5).not_done
            tmp_path.joinpath("data.mdb").unlink()
            with FeatureStore(tmp_path, {}, (6,)) as other:
                other.write(keys(3), rows(3))
        with opened.result(timeout=30) as store:
            assert store.missing(keys(3)) == []


def test_a_complete_store_that_may_only_be_read_is_read(unprivileged: Path) -> None:
    keys = [("a", "identity"), ("b", "identity")]
    with FeatureStore(unprivileged / "s", {}, (3,)) as store:
        store.write(keys[:1], np.ones((1, 3), np.float32))
    for file in (unprivileged / "s").iterdir():
        file.chmod(0o444)
    (unprivileged / "s").chmod(0o555)
    try:
        with FeatureStore(unprivileged / "s", {}, (3,)) as store:
            assert store.missing(keys) == keys[1:]
            assert store.read(keys[:1]).tolist() == [[1, 1, 1]]
            with pytest.raises(Failure, match="is read-only"):
                store.write(keys[1:], np.ones((1, 3), np.float32))
    finally:
        (unprivileged / "s").chmod(0o755)


def test_a_store_opens_in_little_address_space(tmp_path: Path) -> None:
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    before = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + (8 << 30), before[1]))
    try:
        with FeatureStore(tmp_path, {}, (3,)) as store:
            store.write([("a", "identity")], np.ones((1, 3), np.float32))
            assert len(store) == 1
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)
