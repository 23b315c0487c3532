"""Commands that are killed, or told to stop, at any moment: nothing half made is seen, and the same command again ends
as if unbroken.

`EMOTIONART_KILLS=20 pytest -m slow tests/chaos/test_kills.py` stops each command so often, by either signal at random.
"""

import hashlib
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch

from tests.chaos.world import World, build
from tests.conftest import ROOT, SHARED, TINY, TINY_PIXELS
from tests.integration.test_gan import TINY as TINY_GAN
from tests.integration.test_transfer import SQUEEZENET
from tests.processes import Command, environment
from tests.sweeps.conftest import arguments
from tests.sweeps.test_launchers import JOBLIB, ONE

KILLS = int(os.environ.get("EMOTIONART_KILLS", "2"))
_LIMIT = 90
"""Seconds after which a command hangs."""

_ENDS = {signal.SIGKILL: (-signal.SIGKILL,), signal.SIGTERM: (128 + signal.SIGTERM, -signal.SIGTERM)}
"""Exit codes of a stopped command; SIGTERM itself ends one that has not begun to listen."""

_YOLO = SHARED / "weights/yolov8n.pt"


@dataclass(frozen=True)
class Job:
    """A command, and what it makes.

    Attributes:
        script: "train", "sweep" or "main".
        words: its arguments, for a folder of its own in which it makes everything.
        made: patterns of files that must be as those of the unbroken command are, to the byte; weights, to the bit.
        whole: whether these are there together or not at all, whenever it is looked.
        pool: whether it starts a pool of processes, which a forked command cannot.
    """

    script: str
    words: Callable[[World, Path], list[str]]
    made: tuple[str, ...]
    whole: bool = False
    pool: bool = False


_RUN = ("result.json", "metrics.csv", "predictions.csv", "split.csv", "checkpoints/best.ckpt")
_CELLS = ("sweeps/test_rows/*/result.json", "sweeps/test_rows/*/predictions.csv", "sweeps/test_rows/table.md")


def _trains(*overrides: str, cold: bool = False) -> Callable[[World, Path], list[str]]:
    def words(world: World, folder: Path) -> list[str]:
        cache = folder / "cache" if cold else world.cache
        return [*overrides, f"cache={cache}", "logger=none", f"hydra.run.dir={folder}", "resume=auto"]

    return words


def _sweeps(*more: str, cold: bool = False) -> Callable[[World, Path], list[str]]:
    def words(world: World, folder: Path) -> list[str]:
        return arguments(folder / "cache" if cold else world.cache, folder / "sweeps", *ONE, *more)

    return words


JOBS = {
    "train": Job("train", _trains(*TINY_PIXELS, "trainer.max_epochs=6", "augment=random"), _RUN),
    "extraction": Job("train", _trains(*TINY, *SQUEEZENET, cold=True), _RUN),
    "gan": Job(
        "train", _trains(*TINY_GAN, "model.images=384"), ("result.json", "samples/*.png", "checkpoints/last.ckpt")
    ),
    "acgan": Job(
        "train",
        _trains(*TINY_GAN, "model=acgan", "model.images=384"),
        ("result.json", "samples/*.png", "checkpoints/last.ckpt"),
    ),
    "sweep": Job("sweep", _sweeps(), _CELLS),
    "sweep by joblib, cold": Job("sweep", _sweeps(*JOBLIB, cold=True), _CELLS, pool=True),
    "sweep by joblib, warm": Job("sweep", _sweeps(*JOBLIB), _CELLS, pool=True),
    "curate": Job(
        "main",
        lambda world, folder: [
            "data", "curate", f"{world.pictures}/labels.csv", "--keep", "portraits", "--out",
            f"{folder}/made/table.csv",
            "--weights", str(_YOLO) if _YOLO.exists() else "none", f"cache={folder}/cache",
        ],
        ("made/*",),
        whole=True,
    ),
    "explain": Job(
        "main",
        lambda world, folder: [
            "explain", str(world.classifier), "--out", f"{folder}/made", "--n", "6", "--faithfulness", "4", "--steps",
            "4",
        ],
        ("made/**/*",),
        whole=True,
    ),
    "generate": Job(
        "main",
        lambda world, folder: ["generate", str(world.gan), "--out", f"{folder}/made", "--n", "24"],
        ("made/**/*",),
        whole=True,
    ),
    "import": Job(
        "main",
        lambda world, folder: ["data", "import", "folder", f"{world.pictures}/kinds", "--out", f"{folder}/made.csv"],
        ("made.csv",),
        whole=True,
    ),
    "predict": Job(
        "main",
        lambda world, folder: [
            "predict", str(world.classifier), f"{world.pictures}/kinds", "--out", f"{folder}/made.csv",
            "--page", f"{folder}/page.html",
        ],
        ("made.csv", "page.html"),
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def world(cache: Path, done_run: tuple[Path, object], tmp_path_factory: pytest.TempPathFactory) -> World:
    return build(cache, done_run[0], tmp_path_factory.mktemp("world"))


class Process:
    """A command that is forked from one with everything imported, or, where it starts a pool, is started anew."""

    def __init__(self, job: Job, words: list[str]) -> None:
        self._forked = None if job.pool else Command(job.script, *words)
        self._own = (
            subprocess.Popen(
                [sys.executable, f"{job.script}.py", *words], cwd=ROOT, env=environment(), start_new_session=True,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            )
            if job.pool
            else None
        )  # fmt: skip

    def send(self, kind: signal.Signals) -> None:
        """Sends a signal to it and, if it is SIGKILL, which nothing can pass on, to all of its processes."""
        with suppress(ProcessLookupError):
            if kind is signal.SIGTERM:
                os.kill(self._pid, kind)
            else:
                os.killpg(self._pid, kind)

    def wait_for_workers(self) -> None:
        """Returns when none of its processes is left, which must be soon."""
        until = time.monotonic() + _LIMIT
        while any(_members(self._pid)):
            assert time.monotonic() < until, "its workers have outlived it"
            time.sleep(0.05)

    @property
    def _pid(self) -> int:
        process = self._forked or self._own
        assert process
        return process.pid

    def finish(self) -> tuple[int, str]:
        """Exit code and what was said."""
        if self._forked:
            told = self._forked.finish(_LIMIT)
            return told.returncode, told.stdout + told.stderr
        assert self._own
        said, _ = self._own.communicate(timeout=_LIMIT)
        return self._own.returncode, said


def _members(group: int) -> Iterator[int]:
    """The processes of a group that have not ended."""
    for file in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it has ended meanwhile
            state, _, its_group = file.read_text().rpartition(")")[2].split()[:3]
            if int(its_group) == group and state != "Z":
                yield int(file.parent.name)


def made(job: Job, folder: Path) -> dict[str, str]:
    """A digest of each file that the command has made."""
    files = {file for pattern in job.made for file in folder.glob(pattern) if file.is_file()}
    return {file.relative_to(folder).as_posix(): _digest(file, folder) for file in sorted(files)}


def _digest(file: Path, folder: Path) -> str:
    if file.suffix == ".ckpt":
        weights: Mapping[str, torch.Tensor] = torch.load(file, weights_only=True)["state_dict"]
        content = b"".join(name.encode() + tensor.numpy().tobytes() for name, tensor in sorted(weights.items()))
    else:
        content = file.read_bytes().replace(str(folder).encode(), b"HERE")
    return hashlib.sha256(content).hexdigest()


@pytest.mark.slow
@pytest.mark.parametrize("name", JOBS)
def test_a_stopped_command_ends_as_the_unbroken_one_when_it_is_given_again(
    name: str, world: World, tmp_path: Path
) -> None:
    job, draws = JOBS[name], random.Random(name)
    reference = tmp_path / "unbroken"
    reference.mkdir()
    begun = time.monotonic()
    code, said = Process(job, job.words(world, reference)).finish()
    seconds = time.monotonic() - begun
    assert code == 0, said
    expected = made(job, reference)
    assert expected
    stopped = 0
    for number in range(KILLS):
        folder = tmp_path / f"killed-{number}"
        folder.mkdir()
        process = Process(job, job.words(world, folder))
        time.sleep(draws.uniform(0, seconds))
        kind = draws.choice((signal.SIGKILL, signal.SIGTERM))
        process.send(kind)
        code, said = process.finish()
        assert code in (0, *_ENDS[kind]), said
        process.wait_for_workers()
        stopped += code != 0
        found = made(job, folder)
        if job.whole:
            assert not found or found == expected
        if found == expected:
            continue
        code, said = Process(job, job.words(world, folder)).finish()
        assert code == 0, said
        assert made(job, folder) == expected
    assert stopped or KILLS < 3
