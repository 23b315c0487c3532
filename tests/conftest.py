"""What several tests share: a tiny run in a folder of its own."""

from __future__ import annotations

import codecs
import gc
import logging
import os
import runpy
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from tests.processes import Command

# Workers are as many as cores; more threads than that wait for each other. Libraries read this as they are imported.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# A busy machine is no failure, and what passes here passes elsewhere.
settings.register_profile("repeatable", deadline=None, derandomize=True)
settings.load_profile("repeatable")

_NOBODY = 65534

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared"

TINY = (
    "data.count=160",
    "data.picture_size=32",
    "trainer.max_epochs=3",
    "trainer.threads=1",
    "batch_size=8",
    "figures=later",
)
"""Overrides of a run that takes a second or two; half of that again where it draws its figures."""


TINY_PIXELS = (*TINY, "model.representation.size=16")
"""The same for networks that eat pixels."""

SQUEEZENET = (
    "model=transfer",
    "model.backbone.name=squeezenet1_0",
    "model.backbone.weights=random",
    "model.backbone.size=64",
    "model.backbone.precision=float32",
)
"""Overrides of transfer learning with a small network."""


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """A file's tests share a process, and with it what they make once."""
    from xdist.scheduler import LoadFileScheduling

    return LoadFileScheduling(config, log)


@pytest.fixture(scope="session", autouse=True)
def _imports_are_no_garbage() -> Iterator[None]:
    """Leaves what has been imported out of every collection of garbage, which would take half a second each."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.fixture(autouse=True)
def _no_handlers_left() -> Iterator[None]:
    """Takes away what Hydra has set up for a command: a stream that a test captures ends with it."""
    yield
    from emotionart.terminal import Console

    for handler in logging.root.handlers[:]:
        if type(handler) in (logging.StreamHandler, logging.FileHandler, Console):
            logging.root.removeHandler(handler)
            handler.close()


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Galleries and decoded pictures, made once for all tests: those of the other processes, too."""
    own = tmp_path_factory.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "cache"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def cases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Inputs that users bring, made by the shared script; skips the test where that is missing."""
    if not (SHARED / "cases").exists():
        pytest.skip("the shared cases are not beside the checkout")
    folder = tmp_path_factory.mktemp("cases") / "cases"
    runpy.run_path(str(SHARED / "cases/make.py"))["main"](folder)
    return folder


def carry_out(folder: Path, cache: Path, overrides: Sequence[str]) -> dict[str, Any]:
    """Carries out a run in this process, and gives its result."""
    from emotionart.config.compose import compose
    from emotionart.pipeline import run

    folder.mkdir(exist_ok=True)
    asked = [f"cache={cache}", *overrides]
    composed = compose(asked)
    return run(composed, folder)


@pytest.fixture
def tiny_run(cache: Path, tmp_path: Path) -> Callable[..., tuple[Path, dict[str, Any]]]:
    """Carries out a tiny run in this process; takes overrides, gives its folder and its result."""

    def tiny(*overrides: str, name: str = "run", pixels: bool = True) -> tuple[Path, dict[str, Any]]:
        folder = tmp_path / name
        return folder, carry_out(folder, cache, [*(TINY_PIXELS if pixels else TINY), "logger=csv", *overrides])

    return tiny


@pytest.fixture
def tiny_transfer(tiny_run: Callable[..., tuple[Path, dict[str, Any]]]) -> Callable[..., tuple[Path, dict[str, Any]]]:
    """The same of a transfer run with a small SqueezeNet of random weights."""

    def carry_out(*overrides: str, name: str = "run") -> tuple[Path, dict[str, Any]]:
        return tiny_run(*SQUEEZENET, *overrides, name=name, pixels=False)

    return carry_out


@pytest.fixture(scope="session")
def done_run(cache: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """Folder and result of a tiny run for tests that only look at it."""
    folder = tmp_path_factory.mktemp("done") / "run"
    return folder, carry_out(folder, cache, [*TINY_PIXELS, "logger=csv", "figures=now"])


def train(*arguments: str) -> subprocess.CompletedProcess[str]:
    """`python train.py` with these arguments, in a process of its own."""
    return Command("train", *arguments).finish()


def stop(
    kind: signal.Signals, at: str, folder: Path, *arguments: str, delay: float = 0
) -> subprocess.CompletedProcess[str]:
    """Starts `python train.py` in `folder`, sends it a signal so long after a line that begins so, and waits for it.

    There is a checkpoint by then.
    """
    command = Command("train", *arguments, f"hydra.run.dir={folder}")
    command.wait_for(lambda: any(line.strip().startswith(at) for line in command.lines()))
    command.wait_for((folder / "checkpoints" / "last.ckpt").exists)
    time.sleep(delay)
    command.kill(kind)
    return command.finish()


@pytest.fixture
def unprivileged() -> Iterator[Path]:
    """A folder of a user who is not root, for whom permissions count; the test runs as that user."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        root = os.geteuid() == 0
        if root:
            codecs.lookup("cp437")  # of archives; Python loads it when it is first needed, and maybe from root's home
            os.chown(folder, _NOBODY, _NOBODY)
            os.seteuid(_NOBODY)
        try:
            yield folder
        finally:
            if root:
                os.seteuid(0)
