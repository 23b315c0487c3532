"""The table of a sweep's cells on a terminal."""

import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

from emotionart.files import write_json
from emotionart.run.folder import RunFolder
from emotionart.sweeps.job import FROZEN
from emotionart.sweeps.live import LiveTable, show_live
from emotionart.sweeps.plan import SweepJob
from tests.conftest import ROOT
from tests.processes import environment
from tests.sweeps.conftest import arguments
from tests.sweeps.test_launchers import JOBLIB, ONE


def prepared(folder: Path, count: int) -> list[SweepJob]:
    cells = [SweepJob("pixels", seed, (), RunFolder(folder / str(seed)), {}, {}) for seed in range(count)]
    for cell in cells:
        cell.folder.path.mkdir()
        write_json(cell.folder.path / FROZEN, {})
    return cells


def start(cell: SweepJob, status: str) -> None:
    os.utime(cell.folder.path / FROZEN, (0, 1))  # at another time than that of the preparation
    cell.folder.update({"status": status})


def drawn(table: LiveTable) -> list[str]:
    console = Console(width=80)
    with console.capture() as captured:
        console.print(table)
    return [" ".join(line.split()) for line in captured.get().splitlines() if line.strip()]


def test_cells_are_counted_and_those_that_run_or_have_failed_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("emotionart.sweeps.live._SECONDS", -1.0)
    done, running, failed, again, _ = cells = prepared(tmp_path, 5)
    again.folder.update({"status": "failed"})  # by an earlier launch
    table = LiveTable(cells)
    assert drawn(table) == ["0 done · 0 running · 0 failed · 5 waiting"]
    start(running, "running")
    assert drawn(table)[0] == "0 done · 1 running · 0 failed · 4 waiting"
    start(done, "done")
    done.folder.result.write_text("{}")
    start(failed, "failed")
    failed.folder.error.write_text("The disk is full.\nTraceback")
    counts, first, second = drawn(table)
    assert re.fullmatch(r"1 done · 1 running · 1 failed · 2 waiting · about \d+ s left", counts)
    assert first.startswith("running pixels, seed 1 ")
    assert second == "failed pixels, seed 2 The disk is full."
    for cell in cells:
        start(cell, "done")
        cell.folder.result.write_text("{}")
    assert drawn(table) == ["5 done · 0 running · 0 failed · 0 waiting · about 0 s left"]


def test_of_many_cells_that_run_some_are_named(tmp_path: Path) -> None:
    cells = prepared(tmp_path, 10)
    table = LiveTable(cells)
    for cell in cells:
        start(cell, "running")
    assert len(drawn(table)) == 1 + 8 + 1
    assert drawn(table)[-1] == "and 2 more"


def test_nothing_is_drawn_where_output_is_no_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with show_live(prepared(tmp_path, 2)):
        pass
    assert capsys.readouterr() == ("", "")


@pytest.mark.slow
@pytest.mark.parametrize("launcher", [(), JOBLIB], ids=["basic", "joblib"])
def test_a_sweep_on_a_terminal_keeps_the_table_below_its_lines(
    launcher: tuple[str, ...], cache: Path, tmp_path: Path
) -> None:
    ours, theirs = pty.openpty()
    command = [sys.executable, "sweep.py", *arguments(cache, tmp_path, *ONE, "trainer.max_epochs=60", *launcher)]
    sweep = subprocess.Popen(
        command, cwd=ROOT, env=environment() | {"TERM": "xterm", "COLUMNS": "100"}, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    raw = b""
    try:
        while read := os.read(ours, 65536):
            raw += read
    except OSError:  # the other end is closed
        os.close(ours)
    assert sweep.wait() == 0, raw.decode()
    told = re.sub(r"\x1b\[[\d;?]*[A-Za-z]", "", raw.decode())
    assert re.search(r"\d done · [12] running · 0 failed · \d waiting", told)
    assert re.search(r"running +(features|pixels), seed 0 +\d+ s", told)
    lines = re.split(r"[\r\n]+", told.strip())
    in_this_process = not launcher
    assert ("[1/2] features, seed 0: starts" in lines) == in_this_process, "workers leave the terminal to the sweep"
    assert ("of 60 ━" in told) == in_this_process, "and draw no bars"
    assert lines[-1].startswith("2 ok · 0 failed")
