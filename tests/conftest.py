"""What several tests share: a tiny run in a folder of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared"

TINY = (
    "data.count=160",
    "data.picture_size=32",
    "trainer.max_epochs=3",
    "trainer.threads=1",
    "batch_size=8",
)
"""Overrides of a run that takes a second or two."""


TINY_PIXELS = (*TINY, "model.representation.size=16")
"""The same for networks that eat pixels."""


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Galleries and decoded pictures, made once for all tests."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def tiny_run(cache: Path, tmp_path: Path) -> Callable[..., tuple[Path, dict[str, Any]]]:
    """Carries out a tiny run in this process; takes overrides, gives its folder and its result."""
    from emotionart.experiment.compose import compose
    from emotionart.experiment.run import run

    def carry_out(*overrides: str, name: str = "run", pixels: bool = True) -> tuple[Path, dict[str, Any]]:
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        asked = [*(TINY_PIXELS if pixels else TINY), "logger=csv", f"cache={cache}", *overrides]
        composed = compose(asked)
        return folder, run(composed.config, composed.choices, asked, folder)

    return carry_out


def environment() -> dict[str, str]:
    """The environment of a user without a W&B account."""
    return {key: value for key, value in os.environ.items() if not key.startswith("WANDB")} | {"NETRC": os.devnull}


def train(*arguments: str, **settings: Any) -> subprocess.CompletedProcess[str]:
    """`python train.py` with these arguments, as a user runs it."""
    return subprocess.run(
        [sys.executable, str(ROOT / "train.py"), *arguments],
        capture_output=True,
        text=True,
        env=environment(),
        **{"cwd": ROOT, "timeout": 300, **settings},
    )
