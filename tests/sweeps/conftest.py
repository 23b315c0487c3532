"""A small sweep of a user's own, carried out by `sweep.py` as a user runs it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from emotionart.cli.sweep import main
from tests.conftest import TINY
from tests.processes import environment

Sweep = Callable[..., tuple[int, str]]


OPTIONS = Path(__file__).parent / "options"
"""A folder with the options `sweep=test_rows` and `sweep=test_odd`."""


def arguments(cache: Path, folder: Path, *more: str, sweep: str = "test_rows") -> list[str]:
    """The arguments of a small sweep that is kept under `folder`."""
    return [f"--config-dir={OPTIONS}", f"sweep={sweep}", f"folder={folder}", f"cache={cache}", *TINY, *more]


@pytest.fixture
def sweep(cache: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Sweep:
    """Carries out a small sweep in this process; takes its folder and further arguments, gives exit code and output."""
    for key in os.environ.keys() - environment().keys():
        monkeypatch.delenv(key)
    monkeypatch.setenv("NETRC", os.devnull)

    def carry_out(folder: Path, *more: str, sweep: str = "test_rows") -> tuple[int, str]:
        code = main(arguments(cache, folder, *more, sweep=sweep))
        return code, capsys.readouterr().out

    return carry_out
