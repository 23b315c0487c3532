"""Reports and saved views as W&B is sent them, by its own packages, over HTTP to a server on this machine."""

import json
import os
import shutil
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from emotionart.cli.main import main as emotionart
from emotionart.cli.sweep import main as sweep
from emotionart.compare.tracking import project
from emotionart.files import read_json, write_json
from emotionart.run.folder import RunFolder, finished_runs
from tests.processes import environment
from tests.sweeps.conftest import arguments
from tests.wandb_log import OfflineRun, read_offline_runs
from tests.wandb_server import ENTITY, PROJECT, Server, served

installed = pytest.mark.skipif(find_spec("wandb_workspaces") is None, reason="wandb-workspaces is an extra")


@pytest.fixture(scope="module")
def tracked(cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sweep of two rows and one seed, which W&B has offline."""
    folder = tmp_path_factory.mktemp("tracked")
    with pytest.MonkeyPatch.context() as patch:
        for key in os.environ.keys() - environment().keys():
            patch.delenv(key)
        quick = ["seeds=[0]", "model=shallow_arch1", "model.representation.size=16", "trainer.max_epochs=1"]
        offline = ["logger.mode=offline", f"logger.entity={ENTITY}", "logger.log_model=best"]
        assert sweep(arguments(cache, folder, *quick, *offline)) == 0
    return folder / "test_rows"


@pytest.fixture
def server(tracked: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """One to which `wandb sync` has sent the runs of the sweep."""
    with served(Server(), monkeypatch) as there:
        there.runs |= set(ids(tracked))
        yield there


def ids(folder: Path) -> list[str]:
    return [run.status()["wandb_id"] for run in finished_runs(folder)]


def logged(folder: Path) -> list[OfflineRun]:
    return [found for run in finished_runs(folder) for found in read_offline_runs(run.path)]


def require_logged(columns: list[str], panels: list[dict[str, Any]], runs: list[OfflineRun]) -> None:
    """What a view names is what the runs hold: W&B shows nothing, and says nothing, where it is not."""
    config, summary, history = set(), {"displayName"}, set()
    for run in runs:
        config |= {f"config:{key}.value" for key in run.config}
        summary |= set(run.summary)
        history |= {key for row in run.history for key in row}
    known = config | {f"summary:{key}" for key in summary} | {"run:displayName", "config:head.value"}
    assert {*columns} <= known
    for panel in panels:
        settings = panel["config"]
        assert f"config:{settings['groupBy']}" in config
        assert (settings["groupAgg"], settings["groupArea"]) == ("mean", "stddev")
        bars = panel["viewType"] == "Bar Chart"
        assert {*settings["metrics"]} <= (summary if bars else history)
        assert bars or settings["xAxis"] in history


def test_the_summary_run_holds_the_table_its_figure_and_a_link_to_each_run(tracked: Path) -> None:
    (summary,) = read_offline_runs(tracked)
    assert (summary.job_type, summary.group) == ("summary", "test_rows")
    assert summary.id == read_json(tracked / "summary.json")["wandb_id"]
    tables = {file.name.partition("_")[0]: json.loads(file.read_text()) for file in tracked.rglob("*.table.json")}
    runs = [dict(zip(tables["runs"]["columns"], row, strict=True)) for row in tables["runs"]["data"]]
    assert all(run["address"].startswith("https://") for run in runs)
    assert all(run["address"].endswith(f"/{ENTITY}/{PROJECT}/runs/{run['id']}") for run in runs)
    assert {run["id"] for run in runs} == {*ids(tracked)}
    assert [run["test/acc"] for run in runs] == [found.summary["test/acc"] for found in logged(tracked)]
    assert [row[0] for row in tables["table"]["data"]][:1] == ["majority"]
    assert any("figures/table/path" in row for row in summary.history)
    assert {"table.csv", "table.md", "table.tex"} <= summary.artifacts.keys()


def test_split_predictions_and_table_lead_to_each_other(tracked: Path) -> None:
    (summary,), runs = read_offline_runs(tracked), logged(tracked)
    assert summary.made[f"table-{summary.id}"] == "table"
    assert summary.used == {f"predictions-{run.id}": "predictions" for run in runs}
    assert all(summary.digests[name] == run.digests[name] for run in runs for name in run.made.keys() & summary.used)
    assert [run.used for run in runs] == [{"split-gallery": "split"}] * 2
    assert len({run.digests["split-gallery"] for run in runs}) == 1, "both were made from the same"


def test_the_console_of_a_cell_is_what_its_log_has(tracked: Path) -> None:
    for run, told in zip(finished_runs(tracked), logged(tracked), strict=True):
        lines = (run.path / "run.log").read_text().splitlines()
        assert any("val/loss" in line for line in told.console)
        assert any(line.startswith("train  ") for line in told.console), "what was told before W&B was started"
        assert len(told.console) <= len(lines)
        assert all(any(line.endswith(text) for line in lines) for text in told.console)


@installed
def test_a_report_has_findings_table_figures_and_the_runs_by_row(
    tracked: Path, server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    from wandb_workspaces.reports.v2.internal import ReportViewspec

    assert emotionart(["wandb", "report", str(tracked)]) == 0
    (view,) = server.views
    assert (view["entityName"], view["projectName"], view["displayName"]) == (ENTITY, PROJECT, "test_rows")
    assert capsys.readouterr().out.strip().endswith(f"/{ENTITY}/{PROJECT}/reports/test_rows--view1")
    told = {key: view[key] for key in ("name", "type", "displayName", "description", "spec")}
    ReportViewspec.model_validate({**told, "id": "view1", "project": {"name": PROJECT, "entityName": ENTITY}})
    blocks = [block for block in json.loads(view["spec"])["blocks"] if block["type"] != "paragraph"]
    headings = [block["children"][0]["text"] for block in blocks if block["type"] == "heading"]
    assert headings == ["Findings", "Table", "Figures", "Runs by row"]
    assert "has the highest test accuracy" in json.dumps(blocks[1])
    (table,) = (block["content"] for block in blocks if block["type"] == "markdown-block")
    assert table == (tracked / "table.md").read_text()
    figures, runs = (block["metadata"] for block in blocks if block["type"] == "panel-grid")
    assert chosen(figures["runSets"]) == [read_json(tracked / "summary.json")["wandb_id"]]
    (picture,) = figures["panelBankSectionConfig"]["panels"]
    assert picture["config"]["mediaKeys"] == ["figures/table"]
    assert sorted(chosen(runs["runSets"])) == sorted(ids(tracked))
    assert runs["runSets"][0]["grouping"] == [{"section": "config", "name": "row.value"}]
    columns = runs["runSets"][0]["runFeed"]["columnOrder"]
    require_logged(columns, runs["panelBankSectionConfig"]["panels"], logged(tracked))


@installed
def test_a_saved_view_has_the_columns_and_bars_of_the_runs_by_row(
    tracked: Path, server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    from wandb_workspaces.workspaces.internal import WorkspaceViewspec

    assert emotionart(["wandb", "workspace", str(tracked)]) == 0
    (view,) = server.views
    assert (view["type"], view["displayName"]) == ("project-view", "test_rows")
    shown = view["name"].removeprefix("nw-").removesuffix("-v")
    assert capsys.readouterr().out.strip().endswith(f"/{ENTITY}/{PROJECT}?nw={shown}")
    WorkspaceViewspec.model_validate_json(view["spec"])
    section = json.loads(view["spec"])["section"]
    assert sorted(chosen(section["runSets"])) == sorted(ids(tracked))
    assert section["runSets"][0]["grouping"] == [{"section": "config", "name": "row.value"}]
    assert section["settings"]["xAxis"] == "epoch"
    columns = section["runSets"][0]["runFeed"]["columnOrder"]
    asked = ["row", "model", "head", "data", "seed", "split_seed", "fold"]
    assert columns[:8] == ["run:displayName", *(f"config:{name}.value" for name in asked)]
    assert columns[8:11] == ["summary:test/acc", "summary:test/acc_low", "summary:test/acc_high"]
    require_logged(columns, section["panelBankConfig"]["sections"][0]["panels"], logged(tracked))


def chosen(runsets: list[dict[str, Any]]) -> list[str]:
    """The runs that a view asks for."""
    (runset,) = runsets
    (condition,) = runset["filters"]["filters"]
    assert (condition["key"], condition["op"]) == ({"section": "run", "name": "name"}, "IN")
    return condition["value"]


@installed
@pytest.mark.parametrize("action", ["report", "workspace"])
def test_what_the_server_does_not_take_is_told(
    action: str, tracked: Path, server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    server.refusal = "permission denied"
    assert emotionart(["wandb", action, str(tracked)]) == 1
    told = capsys.readouterr().err
    assert "W&B did not take the " in told
    assert "permission denied" in told


@installed
def test_runs_that_were_not_sent_are_told_with_what_sends_them(
    tracked: Path, server: Server, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    server.runs.clear()
    assert emotionart(["wandb", "report", str(tracked)]) == 2
    told = capsys.readouterr().err
    assert f"None of these 2 runs is in {ENTITY}/{PROJECT} of W&B." in told
    assert f"wandb sync {tracked}/*/wandb/offline-run-*" in told
    monkeypatch.setenv("WANDB_PROJECT", "another")
    assert emotionart(["wandb", "workspace", str(tracked)]) == 2
    assert f"None of these 2 runs is in {ENTITY}/another of W&B." in capsys.readouterr().err


@installed
def test_runs_that_were_not_logged_are_told(tracked: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copytree(tracked, tmp_path / "silent")
    for run in finished_runs(tmp_path / "silent"):
        write_json(run.status_file, {**RunFolder(run.path).status(), "wandb_id": None})
    assert emotionart(["wandb", "report", str(tmp_path / "silent")]) == 2
    told = capsys.readouterr().err
    assert "These runs were not logged to W&B." in told
    assert "logger=wandb rerun=all" in told, "a finished cell is not run again for its logger"


@installed
@pytest.mark.parametrize(
    ("server", "code", "told", "fix"),
    [
        (lambda: Server(401), 2, "W&B refuses the API key.", "wandb login --relogin"),
        (lambda: Server(500), 1, "W&B cannot be reached: HTTP Error 500", "a connection"),
        (lambda: Server(200, "<html>log in</html>"), 1, "what answers is not W&B", "a connection"),
        (None, 1, "W&B cannot be reached: ", "a connection"),
    ],
    ids=["401", "500", "page", "nobody"],
)
def test_a_server_that_fails_is_told(
    server: Any,
    code: int,
    told: str,
    fix: str,
    tracked: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with served(server() if server else Server(), monkeypatch) as there:
        if server is None:
            there.die()
        assert emotionart(["wandb", "report", str(tracked)]) == code
    error = capsys.readouterr().err
    assert told in error
    assert fix in error


@installed
def test_no_key_is_told(tracked: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.delenv("WANDB_API_KEY", raising=False)
    monkeypatch.setenv("NETRC", os.devnull)
    for address, told in (("https://api.wandb.ai", " (W&B's cloud)"), ("https://wandb.example.org", "")):
        monkeypatch.setenv("WANDB_BASE_URL", address)
        assert emotionart(["wandb", "report", str(tracked)]) == 2
        assert f"There is no API key for W&B.\n  where: {address}{told}\n" in capsys.readouterr().err


def test_a_missing_package_is_told_first(
    tracked: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(project, "find_spec", lambda name: None)
    assert emotionart(["wandb", "report", str(tracked)]) == 2
    assert "pip install 'emotionart[report]'" in capsys.readouterr().err
