"""Ray Data carries a worker's function out on many pictures: rows in Parquet parts, exactly once, also after a kill."""

from __future__ import annotations

import json
import logging
import os
import signal
import sys
import threading
import time
import uuid
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # Ray reads both as it is imported
os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")  # it warns of its own actors: ray-project/ray#57733

import pyarrow as pa
import ray
from ray.data import ActorPoolStrategy, DataContext, Datasource, ReadTask
from ray.data.block import BlockMetadata
from ray.data.checkpoint import CheckpointConfig

from emotionart.errors import UserError
from emotionart.predict.parallel.job import Job
from emotionart.predict.parallel.reading import read_contents
from emotionart.predict.parallel.sources import Sources
from emotionart.predict.parallel.workers import Worker

_BATCH = 64  # pictures that a worker takes at a time, as without Ray
_OTHERS = 2  # of a machine's tasks that may read, filter and write while all its workers compute
_READING = 0.5  # of a core; with another number than workers, Ray reads ahead in processes of their own
_TELL = 30  # seconds from one line of progress to the next


def run_on_ray(
    sources: Sources, worker: Callable[[], Worker], out: Path, basis: Mapping[str, Any], workers: int | None, gpus: bool
) -> Job:
    """Makes the parts of a folder of Parquet parts, on this machine or the cluster at RAY_ADDRESS.

    A killed call has kept each finished part; the same call makes the others. Nothing comes twice.

    Args:
        sources: of the pictures.
        worker: makes a worker, once in each process.
        out: the folder; on a cluster, on a file system that all machines share.
        basis: everything that the rows depend on, as plain values.
        workers: processes that hold a worker; None takes one for each GPU or, where there is none, each core.
        gpus: whether workers use GPUs.

    Returns:
        The job, to be finished.

    Raises:
        UserError: where another job has begun to write there, or a shard or table cannot be read.
    """
    job = Job(out, basis)
    if job.rows():
        sys.stderr.write(f"{job.rows():,} pictures were done before.\n")
    with _connected(workers), _progress(job):
        context = DataContext.get_current()
        context.enable_progress_bars = False
        context.checkpoint_config = CheckpointConfig("image", str(job.done), delete_checkpoint_on_success=False)
        available = ray.cluster_resources()
        found = int(available.get("GPU", 0)) if gpus else 0
        places = found or max(1, int(available["CPU"]) - _OTHERS)
        if workers and workers > places:
            kind = "GPUs" if found else "workers"
            raise UserError(f"There is place for {places} {kind}.", where=f"--workers {workers}")
        readers = sources.readers()
        pictures = ray.data.read_datasource(_Pictures(readers), override_num_blocks=len(readers))
        pictures = pictures.map_batches(read_contents, batch_size=None, batch_format="pyarrow", num_cpus=_READING)
        rows = pictures.map_batches(
            _Actor,
            fn_constructor_args=(worker, job.bad),
            batch_size=_BATCH,
            batch_format="pyarrow",
            compute=ActorPoolStrategy(size=workers or places),
            num_gpus=1 if found else None,
        )
        try:
            rows.write_parquet(str(job.parts))
        except ray.exceptions.RayTaskError as error:
            if isinstance(error.cause, (UserError, OSError)):
                raise error.cause from None
            raise
    return job


class _Pictures(Datasource):  # type: ignore[misc]
    """A task for each reader. Ray's own readers of shards give blocks that its checkpoint does not take."""

    def __init__(self, readers: list[Callable[[], Iterator[pa.Table]]]) -> None:
        super().__init__()
        self._readers = readers

    def estimate_inmemory_data_size(self) -> int | None:
        return None

    def get_read_tasks(self, parallelism: int, *_: Any, **__: Any) -> list[ReadTask]:
        unknown = BlockMetadata(num_rows=None, size_bytes=None, exec_stats=None, input_files=None)
        return [ReadTask(reader, unknown) for reader in self._readers]


class _Actor:
    """A worker in a process of Ray's, with a file of what it could not read."""

    def __init__(self, worker: Callable[[], Worker], bad: Path) -> None:
        self._worker = worker()
        self._bad = bad / f"{uuid.uuid4().hex}.jsonl"

    def __call__(self, pictures: pa.Table) -> Iterable[pa.Table]:
        names, contents, reasons = (pictures[column].to_pylist() for column in ("image", "content", "reason"))
        bad = {name: reason for name, reason in zip(names, reasons, strict=True) if reason}
        rows, undecodable = self._worker({n: c for n, c in zip(names, contents, strict=True) if n not in bad})
        if bad := bad | undecodable:
            with self._bad.open("a", encoding="utf-8") as file:
                file.writelines(json.dumps(pair) + "\n" for pair in bad.items())
        if rows.num_rows:
            yield rows


@contextmanager
def _connected(workers: int | None) -> Iterator[None]:
    """The cluster at RAY_ADDRESS, else processes of this machine that nobody else can reach."""
    here: dict[str, Any] = {}
    if "RAY_ADDRESS" not in os.environ:
        cores = (workers or os.cpu_count() or 1) + _OTHERS
        here = {"num_cpus": cores, "include_dashboard": False, "_node_ip_address": "127.0.0.1"}
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    with _silenced():  # Ray's core tells that it has been told to be silent
        ray.init(log_to_driver=False, logging_level=logging.ERROR, **here)
    logging.getLogger("ray.data").setLevel(logging.CRITICAL)
    for number, handler in handlers.items():  # Ray's own would end the command otherwise than others
        signal.signal(number, handler)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", module=r"ray\.")  # of fewer parts than workers, which does no harm
            yield
    finally:
        ray.shutdown()


@contextmanager
def _silenced() -> Iterator[None]:
    """Nothing reaches stderr, also from code that is not Python's."""
    with Path(os.devnull).open("w") as nothing:
        stderr = os.dup(2)
        os.dup2(nothing.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(stderr, 2)
            os.close(stderr)


@contextmanager
def _progress(job: Job) -> Iterator[None]:
    """Tells now and then how many pictures are done."""
    over, start, before = threading.Event(), time.monotonic(), job.rows()

    def tell() -> None:
        while not over.wait(_TELL):
            done = job.rows()
            speed = (done - before) / (time.monotonic() - start)
            sys.stderr.write(f"{done:,} pictures so far, {speed:,.1f} a second\n")

    thread = threading.Thread(target=tell, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
