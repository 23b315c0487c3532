"""W&B that refuses, dies or breaks: a warning, and never the run's failure."""

import json
import logging
from collections.abc import Callable
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import wandb

from emotionart.errors import UserError
from emotionart.run.tracking import connection
from emotionart.run.tracking.connection import Mode, resolve_mode
from emotionart.run.tracking.logger import Logger
from emotionart.run.tracking.session import open_logger
from tests.wandb_log import read_offline_runs
from tests.wandb_server import Server, served

SETTINGS = {"mode": "online", "project": "emotionart", "entity": None, "tags": []}


class Broken:
    """A run of W&B that fails at everything."""

    id, url, settings = "abc", "https://example.org/abc", wandb.Settings(mode="online")

    def __init__(self) -> None:
        self.calls: list[str] = []

    def __getattr__(self, name: str) -> Callable[..., None]:
        def fail(*args: Any, **settings: Any) -> None:
            self.calls.append(name)
            raise ConnectionError("gone\nand more")

        return fail


def test_after_the_first_failure_nothing_is_sent_but_the_end(caplog: pytest.LogCaptureFixture) -> None:
    run = Broken()
    logger = Logger(lambda: run)  # type: ignore[arg-type, return-value]
    logger.start()
    logger.log({"epoch": 1})
    logger.log_table("table", ["a"], [[1]])
    logger.finish(0)
    assert run.calls == ["define_metric", "finish"]
    assert logger.failure == "ConnectionError: gone"
    assert "W&B fails (ConnectionError: gone): nothing more is sent to it" in caplog.text


def test_a_wrong_key_is_called_that_and_the_run_goes_on_offline(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with served(Server(401), monkeypatch), open_logger(SETTINGS, tmp_path, config={}) as logger:
        logger.log({"epoch": 0, "trainer/global_step": 1})
    assert "W&B refuses the API key (to mend it: wandb login --relogin); the run goes on offline." in caplog.text
    assert logger.failure is None
    assert list((tmp_path / "wandb").glob("offline-run-*"))


def test_a_server_that_dies_in_mid_run_ends_in_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(connection, "_FINISH_SECONDS", 1)
    with served(Server(), monkeypatch) as server, open_logger(SETTINGS, tmp_path, config={}) as logger:
        logger.start()
        server.die()
        logger.log({"epoch": 0, "trainer/global_step": 1})
    assert logger.failure == "TimeoutError: Timed out finishing run."
    assert "nothing more is sent to it" in caplog.text


@pytest.mark.parametrize(
    ("stopped", "code", "preempted"), [(KeyboardInterrupt(), 255, False), (SystemExit(143), 143, True)]
)
def test_a_run_that_is_stopped_has_not_failed(
    tmp_path: Path, stopped: BaseException, code: int, preempted: bool
) -> None:
    with pytest.raises(type(stopped)), open_logger({**SETTINGS, "mode": "offline"}, tmp_path, config={}) as logger:
        logger.start()
        raise stopped
    (logged,) = read_offline_runs(tmp_path)
    assert (logged.exit_code, logged.preempting, logged.tags) == (code, preempted, ("interrupted",))


def test_a_mistake_leaves_no_run_and_a_failure_does(tmp_path: Path) -> None:
    settings = {**SETTINGS, "mode": "offline"}
    with pytest.raises(UserError), open_logger(settings, tmp_path, config={}):
        raise UserError("No such file.")
    assert not (tmp_path / "wandb").exists()
    with pytest.raises(RuntimeError), open_logger(settings, tmp_path, config={}):
        raise RuntimeError("a bug")
    (logged,) = read_offline_runs(tmp_path)
    assert (logged.exit_code, logged.tags) == (1, ("failed",))


def test_names_are_the_variables_then_the_settings_then_the_runs_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("WANDB_MODE", "offline")
    monkeypatch.setenv("WANDB_TAGS", "mine,yours")
    monkeypatch.setenv("WANDB_NAME", "chosen outside")
    monkeypatch.setenv("WANDB_DIR", str(tmp_path / "else where"))
    (tmp_path / "else where").mkdir()
    settings = {**SETTINGS, "tags": ["pilot"], "name": "chosen", "notes": "a note", "id": "abc123", "job_type": "train"}
    caplog.set_level("INFO")
    with open_logger(settings, tmp_path / "run", config={}, group="grid", name="own") as logger:
        logger.start()
    (logged,) = read_offline_runs(tmp_path / "else where")
    assert (logged.name, logged.tags, logged.notes) == ("chosen outside", ("mine", "yours"), "a note")
    assert (logged.id, logged.group, logged.job_type) == ("abc123", "grid", "train")
    command = f"wandb sync '{tmp_path}/else where/wandb'/offline-run-*-abc123"
    assert caplog.text.count(command) == 2, "at the start, and at the end"
    assert len(list((tmp_path / "else where/wandb").glob("offline-run-*-abc123"))) == 1


def test_a_fork_has_no_part_in_what_is_logged(tmp_path: Path) -> None:
    settings = {**SETTINGS, "mode": "offline"}
    with open_logger(settings, tmp_path, config={}) as logger:
        logging.warning("before the start")
        logger.start()
        child = get_context("fork").Process(target=logging.warning, args=("in a fork",))
        child.start()
        child.join()
        logging.warning("after the start")
    logging.warning("after the end")
    (logged,) = read_offline_runs(tmp_path)
    lines = [line for line in logged.console if not line.startswith("W&B: ")]
    assert (child.exitcode, lines) == (0, ["before the start", "after the start"])


@pytest.mark.parametrize(("requested", "mode"), [("dryrun", "offline"), ("run", "online"), ("disabled", "disabled")])
def test_the_mode_of_the_environment_is_obeyed_under_its_earlier_names_too(
    monkeypatch: pytest.MonkeyPatch, requested: str, mode: str
) -> None:
    monkeypatch.setenv("WANDB_API_KEY", "x" * 40)
    monkeypatch.setenv("WANDB_MODE", requested)
    settings: tuple[Mode, ...] = ("auto", "online", "offline")
    assert [resolve_mode(setting) for setting in settings] == [mode] * 3
    assert resolve_mode("disabled") == "disabled"


def test_a_misspelt_mode_of_the_environment_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WANDB_MODE", "ofline")
    with pytest.raises(UserError) as told:
        resolve_mode("auto")
    assert (told.value.where, told.value.suggestions[0]) == ("environment variable WANDB_MODE", "offline")


def test_precision_and_recall_are_of_the_classes_that_occur(tmp_path: Path) -> None:
    probabilities = np.array([[0.7, 0.1, 0.2], [0.2, 0.1, 0.7], [0.2, 0.6, 0.2]])
    with open_logger({**SETTINGS, "mode": "offline"}, tmp_path, config={}) as logger:
        logger.log_charts([0, 2, 0], probabilities, ["joy", "fear", "anger"])
    (logged,) = read_offline_runs(tmp_path)
    assert logged.exit_code == 0
    (file,) = tmp_path.rglob("precision_recall*.table.json")
    curves = json.loads(file.read_text())["data"]
    assert {name for name, _, _ in curves} == {"joy", "anger"}
    assert {precision for name, precision, _ in curves if name == "anger"} == {1.0}, "the only one is the most probable"
