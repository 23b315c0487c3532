"""A result comes before its pictures: what could not be drawn is a warning, and is drawn later."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from emotionart.cli.main import main

Run = Callable[..., tuple[Path, dict]]


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (folder / "figures").iterdir()}


def test_a_figure_that_fails_costs_no_result_and_is_drawn_later(
    tiny_run: Run, done_run: tuple[Path, dict], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    obstacle = tmp_path / "run" / "figures" / "curves.png"
    obstacle.mkdir(parents=True)
    folder, result = tiny_run("figures=now")
    assert result == done_run[1] == json.loads((folder / "result.json").read_text())
    assert f"To make it later: emotionart figures {folder}" in caplog.text
    status = json.loads((folder / "run.json").read_text())
    assert (status["status"], status["missing"]) == ("done", ["figures/curves.png"])
    assert main(["figures", str(folder)]) == 1
    obstacle.rmdir()
    assert "artworks" in caplog.text, "the run told its split"
    caplog.clear()
    assert main(["figures", str(folder)]) == 0
    assert [name for name, _, _ in caplog.record_tuples if name.startswith("emotionart.data")] == []
    assert json.loads((folder / "run.json").read_text())["missing"] == []
    assert content(folder) == content(done_run[0])


@pytest.mark.parametrize(
    "overrides",
    [
        pytest.param(["model=cv_fc", "augment=none", "trainer.max_epochs=1", "explain=true"], marks=pytest.mark.slow),
        ["model=gan", "model.representation.size=16", "generator.width=8", "discriminator.width=8", "batch_size=8",
         "model.images=64", "model.report_every=32"],
    ],
)  # fmt: skip
def test_what_a_killed_run_had_not_made_is_made_as_it_would_have_been(
    tiny_run: Run, overrides: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, _ = tiny_run(*overrides, "figures=now", pixels=False)
    drawn = content(folder)
    killed = tmp_path / "sweep" / "killed"
    shutil.copytree(folder, killed)
    made_by_figures = [name for name in drawn if name != "reals.png"]
    for name in made_by_figures:
        (killed / "figures" / name).unlink()
    shutil.rmtree(killed / "explain", ignore_errors=True)
    (killed / "MODEL_CARD.md").unlink()
    names = [f"figures/{name}" for name in made_by_figures] + ["explanation"]
    (killed / "report.html").unlink()
    (killed / "run.json").write_text(json.dumps({"status": "done", "missing": names}))
    assert main(["figures", str(tmp_path / "sweep")]) == 0
    assert content(killed) == drawn
    assert (killed / "MODEL_CARD.md").read_text() == (folder / "MODEL_CARD.md").read_text()
    assert (killed / "explain").exists() == ("explain=true" in overrides)
    assert str(killed / "figures") in capsys.readouterr().out
    page, before = ((place / "report.html").read_text() for place in (killed, folder))
    assert page.count("<img") == before.count("<img") > 0


def test_a_folder_without_a_result_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["figures", str(tmp_path)]) == 2
    assert "There is no finished run here." in capsys.readouterr().err
    (tmp_path / "config.yaml").write_text("")
    assert main(["figures", str(tmp_path)]) == 2
    assert "This run has no result" in capsys.readouterr().err
