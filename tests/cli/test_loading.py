"""Commands that import torch say so at once."""

import os
import pty
import resource
import subprocess
import sys
from importlib.util import find_spec

import pytest

from emotionart.cli.loading import announce_loading
from tests.conftest import ROOT
from tests.processes import environment

_LINE = "loading torch …"


def cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@pytest.mark.parametrize(
    "command",
    [
        ["train.py", "model=cv_fc", "trainer.max_epochs=none"],
        ["-m", "emotionart", "predict", "nowhere", "nothing"],
        ["sweep.py", "sweep=cv_ablation", "dry_run=true"],
    ],
    ids=["train", "predict", "sweep"],
)
def test_the_first_output_on_a_terminal_comes_before_torch_is_imported(command: list[str]) -> None:
    ours, theirs = pty.openpty()
    before = cpu_seconds()
    process = subprocess.Popen([sys.executable, *command], cwd=ROOT, env=environment(), stdout=theirs, stderr=theirs)
    os.close(theirs)
    try:
        assert os.read(ours, 1000).decode().strip() == _LINE
    finally:
        process.kill()
        process.wait()
        os.close(ours)
    assert cpu_seconds() - before < 2.5, "of which there are two seconds on a free machine"


def test_nothing_is_said_where_output_is_no_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delitem(sys.modules, "torch", raising=False)
    with announce_loading():
        assert find_spec("torch"), "for which finders are asked, as for an import"
    assert capsys.readouterr().err == ""
