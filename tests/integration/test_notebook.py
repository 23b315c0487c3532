"""The notebook from its first cell to its last, as Colab carries it out."""

import sys
from pathlib import Path

import pytest

from emotionart.config.compose import compose
from emotionart.config.validate import check
from tests.conftest import ROOT, TINY_PIXELS
from tests.processes import environment

nbformat = pytest.importorskip("nbformat")
nbclient = pytest.importorskip("nbclient")

NOTEBOOK = ROOT / "notebooks/colab.ipynb"


def test_the_settings_that_it_comes_with_are_those_of_a_run() -> None:
    (settings,) = (cell for cell in nbformat.read(NOTEBOOK, as_version=4).cells if cell.id == "settings")
    names: dict[str, str] = {}
    exec(settings.source, names)
    assert check(compose(names["SETTINGS"].split())) == []


@pytest.mark.slow
def test_the_notebook_runs_from_end_to_end(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    assert len(notebook.cells) == 10
    cells = {cell.id: cell for cell in notebook.cells}
    run = tmp_path / "run"
    tiny = " ".join(["model=shallow_arch1", f"cache={cache}", *TINY_PIXELS, "figures=now"])
    cells["settings"].source = f"PROJECT = {str(ROOT)!r}\nPICTURES = ''\nSETTINGS = {tiny!r}\nRUN = {str(run)!r}"
    cells["install"].source = "# what it installs is here already"
    painted = "outputs/paintings"
    for cell in notebook.cells:
        cell.source = cell.source.replace(painted, str(tmp_path / "paintings"))
    for key, value in environment().items():
        monkeypatch.setenv(key, value)
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}:{environment()['PATH']}")
    nbclient.NotebookClient(notebook, timeout=300, kernel_name="python3").execute()
    shown = [output for output in cells["results"].outputs if "image/png" in output.get("data", {})]
    assert len(shown) == 2
    assert any("image/png" in output.get("data", {}) for output in cells["explain"].outputs)
    assert "test accuracy" in str(cells["train"].outputs)
    assert (run / "predictions-of-pictures.csv").stat().st_size > 0
    assert run.with_suffix(".zip").exists()
