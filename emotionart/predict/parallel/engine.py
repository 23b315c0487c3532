"""Applies a worker to many pictures with Ray Data, which writes Parquet parts and can be killed and continued."""

from __future__ import annotations

import json
import logging
import os
import signal
import socket
import sys
import threading
import time
import uuid
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from emotionart.terminal import write_lines

os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # Ray reads both as it is imported
os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")  # it warns of its own actors: ray-project/ray#57733

import pyarrow as pa
import ray
from ray.data import ActorPoolStrategy, DataContext, Datasource, ReadTask
from ray.data.block import BlockMetadata
from ray.data.checkpoint import CheckpointConfig

from emotionart.cores import available_cores
from emotionart.errors import UserError
from emotionart.predict.parallel.job import Job, open_job
from emotionart.predict.parallel.reading import read_contents
from emotionart.predict.parallel.sources import Sources
from emotionart.predict.parallel.workers import Worker
from emotionart.predict.prediction import BATCH

_OTHERS = 2  # cores kept for tasks that read, filter and write while all workers compute
_READING = 0.5  # cores of a reading task; not 1 as for workers, so that Ray reads ahead in separate processes
_ANSWER = 10  # seconds that a cluster may take to accept a connection
_REPORT_SECONDS = 30  # seconds between lines of progress


@contextmanager
def run_on_ray(
    sources: Sources, worker: Callable[[], Worker], out: Path, basis: Mapping[str, Any], workers: int | None, gpus: bool
) -> Iterator[Job]:
    """Makes a folder of Parquet parts, on this machine or the cluster at RAY_ADDRESS.

    A killed call has kept each finished part; the same call makes the others. No picture is written twice.

    Args:
        sources: the pictures.
        worker: makes a worker, once in each process.
        out: the folder; on a cluster, on a file system that all machines share.
        basis: everything that the rows depend on, as plain values.
        workers: number of processes with a worker; None for one per GPU or, without GPUs, per core.
        gpus: whether workers can use GPUs.

    Yields:
        The job, whose parts are all written; the caller finishes it.

    Raises:
        UserError: if there is no cluster at RAY_ADDRESS, if it has too few GPUs or cores for the workers, if a shard or
            table cannot be read, if there is no picture at all, and as for `open_job`.
    """
    with _connected(workers):
        places, on_gpus = _places(gpus)
        if workers and workers > places:
            what = "GPUs" if on_gpus else f"cores less {_OTHERS}"
            raise UserError(f"--workers can be at most {places}, the number of {what}.", where=f"--workers {workers}")
        with open_job(out, basis) as job:
            if job.rows():
                write_lines(f"{job.rows():,} pictures were done before.", stream=sys.stderr)
            with _progress(job):
                _write_parts(job, sources, worker, workers or places, on_gpus)
            if not job.rows() and not job.reasons():
                job.finish()
                raise UserError("There is no picture here.", where=", ".join((*sources.shards, *sources.tables)[:3]))
            yield job


def _places(gpus: bool) -> tuple[int, bool]:
    """The number of workers that can run at a time, and whether each has a GPU."""
    available = ray.cluster_resources()
    devices = int(available.get("GPU", 0)) if gpus else 0
    return devices or max(1, int(available.get("CPU", 1)) - _OTHERS), bool(devices)


def _write_parts(job: Job, sources: Sources, worker: Callable[[], Worker], workers: int, on_gpus: bool) -> None:
    context = DataContext.get_current()
    context.enable_progress_bars = False
    context.checkpoint_config = CheckpointConfig("image", str(job.done), delete_checkpoint_on_success=False)
    readers = sources.readers()
    pictures = ray.data.read_datasource(_Pictures(readers), override_num_blocks=len(readers))
    pictures = pictures.map_batches(read_contents, batch_size=None, batch_format="pyarrow", num_cpus=_READING)
    rows = pictures.map_batches(
        _Actor,
        fn_constructor_args=(worker, job.bad),
        batch_size=BATCH,
        batch_format="pyarrow",
        compute=ActorPoolStrategy(size=workers),
        num_gpus=1 if on_gpus else None,
    )
    try:
        rows.write_parquet(str(job.parts))
    except ray.exceptions.RayTaskError as error:
        if isinstance(error.cause, (UserError, OSError)):
            raise error.cause from None
        raise


class _Pictures(Datasource):  # type: ignore[misc]
    """A data source with one task per reader; Ray's own readers of shards make blocks that its checkpoint refuses."""

    def __init__(self, readers: list[Callable[[], Iterator[pa.Table]]]) -> None:
        super().__init__()
        self._readers = readers

    def estimate_inmemory_data_size(self) -> int | None:
        return None

    def get_read_tasks(self, parallelism: int, *_: Any, **__: Any) -> list[ReadTask]:
        unknown = BlockMetadata(num_rows=None, size_bytes=None, exec_stats=None, input_files=None)
        return [ReadTask(reader, unknown) for reader in self._readers]


class _Actor:
    """A worker in one of Ray's processes; it lists the pictures that it cannot read in a file of its own."""

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
    """Connects to the cluster at RAY_ADDRESS; without that, starts Ray on this machine, reachable by nobody else."""
    here: dict[str, Any] = {}
    if address := os.environ.get("RAY_ADDRESS"):
        write_lines(f"Connecting to the cluster at {address} …", stream=sys.stderr)
    else:
        cores = (workers or available_cores()) + _OTHERS
        here = {"num_cpus": cores, "include_dashboard": False, "_node_ip_address": "127.0.0.1"}
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        if address:
            _require_answer(address)
        with _silenced():  # Ray's core says that it was told to say nothing
            ray.init(log_to_driver=False, logging_level=logging.ERROR, **here)
    except (OSError, ValueError) as error:
        if not address:
            raise
        raise UserError(f"No cluster answers here: {str(error).rstrip('.')}.", where=f"RAY_ADDRESS={address}") from None
    logging.getLogger("ray.data").setLevel(logging.CRITICAL)
    for number, handler in handlers.items():  # with Ray's own, the command would end unlike others
        signal.signal(number, handler)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", module=r"ray\.")  # "fewer parts than workers" is harmless
            yield
    finally:
        ray.shutdown()


def _require_answer(address: str) -> None:
    """Fails at once if the address names a port that is closed; Ray would try for minutes."""
    place = urlsplit(address if "://" in address else f"//{address}")
    if place.port:
        socket.create_connection((place.hostname, place.port), timeout=_ANSWER).close()


@contextmanager
def _silenced() -> Iterator[None]:
    """Discards what is written to stderr, also by compiled code."""
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
    """Reports every 30 seconds how many pictures are done."""
    over, start, before = threading.Event(), time.monotonic(), job.rows()

    def report() -> None:
        while not over.wait(_REPORT_SECONDS):
            done = job.rows()
            speed = (done - before) / (time.monotonic() - start)
            write_lines(f"{done:,} pictures so far, {speed:,.1f} a second", stream=sys.stderr)

    thread = threading.Thread(target=report, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
