"""A run has its result, whatever W&B's server does."""

import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from emotionart.config.compose import compose
from emotionart.pipeline import run
from emotionart.run.training.callbacks import Metrics
from tests.conftest import TINY_PIXELS
from tests.wandb_server import Server, served

_LIMIT = 90
"""Seconds after which a run of two seconds hangs."""


_PAGE = "<html>The hotel's guests log in here</html>"


def die(server: Server) -> None:
    server.die()


def hang(server: Server) -> None:
    server.hanging = True


def fail(server: Server) -> None:
    server.status = 500


def go_on(server: Server) -> None: ...


MIDDLE, END = 1, 2
"""Epochs of three after which something happens."""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("server", "at_start", "later", "epoch", "told"),
    [
        pytest.param(Server, go_on, die, MIDDLE, "W&B fails", id="refuses in mid-run"),
        pytest.param(Server, go_on, hang, MIDDLE, "W&B fails", id="hangs in mid-run"),
        pytest.param(Server, go_on, fail, MIDDLE, "W&B fails", id="500 in mid-run"),
        pytest.param(Server, go_on, die, END, "W&B fails", id="refuses at the end"),
        pytest.param(Server, go_on, hang, END, "W&B fails", id="hangs at the end"),
        pytest.param(Server, go_on, fail, END, "W&B fails", id="500 at the end"),
        pytest.param(Server, die, go_on, END, "cannot be reached", id="refuses"),
        pytest.param(Server, hang, go_on, END, "cannot be reached", id="hangs"),
        pytest.param(lambda: Server(401), go_on, go_on, END, "refuses the API key", id="401"),
        pytest.param(lambda: Server(403), go_on, go_on, END, "refuses the API key", id="403"),
        pytest.param(lambda: Server(500), go_on, go_on, END, "cannot be reached", id="500"),
        pytest.param(lambda: Server(200, _PAGE), go_on, go_on, END, "is not W&B", id="page"),
    ],
)
def test_a_run_has_its_result_whatever_the_server_does(
    server: Callable[[], Server],
    at_start: Callable[[Server], None],
    later: Callable[[Server], None],
    epoch: int,
    told: str,
    cache: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    asked = [*TINY_PIXELS, "logger=wandb", "logger.mode=online", f"cache={cache}", "figures=now"]
    composed = compose(asked)
    begun = time.monotonic()
    with served(server(), monkeypatch) as asked_server:
        at_start(asked_server)

        def watch(row: Metrics) -> None:
            if row["epoch"] == epoch:
                later(asked_server)

        run(composed, tmp_path, on_epoch=watch)
    assert time.monotonic() - begun < _LIMIT
    assert json.loads((tmp_path / "run.json").read_text())["status"] == "done"
    assert (tmp_path / "result.json").exists()
    assert (tmp_path / "figures/confusion.png").exists()
    lines = [one.getMessage() for one in caplog.records if one.levelname == "WARNING" and "W&B" in one.getMessage()]
    assert told in lines[0]
    assert len(lines) == 1 or later is not go_on, "what cannot start is told once"
