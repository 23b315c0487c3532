"""The log of a run: its console and its file."""

import io
import logging
from pathlib import Path

import pytest
import yaml

from emotionart.config.groups import CONF
from emotionart.run.log import DETAIL, FORMAT, Console, hushed, logged_to


class Terminal(io.StringIO):
    """A stream that says of itself that it is a terminal."""

    def isatty(self) -> bool:
        return True


def shown(stream: io.StringIO, message: str, extra: dict[str, bool] | None = None) -> str:
    logger = logging.Logger("one")
    logger.addHandler(Console(stream))
    logger.warning(message, extra=extra)
    return stream.getvalue()


def test_a_terminal_breaks_lines_between_words_and_a_file_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    long = "the accuracy is that of the weights of epoch 2: test-time copies count once"
    assert shown(io.StringIO(), long) == f"{long}\n"
    assert shown(Terminal(), long).splitlines() == [
        "the accuracy is that of the weights of",
        "  epoch 2: test-time copies count once",
    ]
    assert shown(Terminal(), "as it\nwas") == "as it\nwas\n"


@pytest.mark.parametrize(
    "typed", ["emotionart figures outputs/runs/a-folder-of-a-run", 'data.where="year > 1800 and x"']
)
def test_what_is_to_be_typed_stays_in_one_line(typed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    assert shown(Terminal(), f"figures are missing: no space. To make them later: {typed}").splitlines() == [
        "figures are missing: no space. To make",
        "  them later:",
        f"  {typed}",
    ]


def test_details_are_not_on_the_console_but_in_the_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with logged_to(tmp_path / "run.log", console=True):
        logging.getLogger("emotionart.tests").info("calibrated", extra=DETAIL)
    assert capsys.readouterr().out == ""
    assert (tmp_path / "run.log").read_text().endswith(" INFO emotionart.tests: calibrated\n")


@pytest.mark.parametrize("name", ["train.yaml", "cell.yaml"])
def test_lines_are_those_of_runs_that_hydra_starts(name: str) -> None:
    assert yaml.safe_load((CONF / name).read_text())["hydra"]["job_logging"]["formatters"]["file"] == {"format": FORMAT}


def test_one_loggers_messages_are_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one = logging.getLogger("emotionart.tests.one")
    before = (one.level, one.handlers[:])
    with logged_to(tmp_path / "run.log", one.name):
        one.info("told")
        one.debug("too fine")
        logging.getLogger("emotionart.tests.other").warning("of another")
    one.warning("too late")
    assert (one.level, one.handlers) == before
    (line,) = (tmp_path / "run.log").read_text().splitlines()
    assert line.endswith(" INFO emotionart.tests.one: told")
    assert capsys.readouterr().out == ""


def test_the_console_shows_the_message_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = logging.getLogger()
    before = (root.level, root.handlers[:])
    with pytest.raises(ValueError, match="stopped"), logged_to(tmp_path / "run.log", console=True):
        logging.getLogger("emotionart.tests").warning("half done")
        raise ValueError("stopped")
    assert (root.level, root.handlers) == before
    assert capsys.readouterr().out == "half done\n"
    assert (tmp_path / "run.log").read_text().endswith(" WARNING emotionart.tests: half done\n")


def test_what_was_told_before_is_left_out_up_to_a_level(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    data, other = logging.getLogger("some.data.split"), logging.getLogger("some")
    with hushed("some.data"):
        data.warning("seven artworks")
        data.error("no artworks")
        other.info("done")
    with hushed("some.data", logging.INFO):
        data.info("eight artworks")
        data.warning("few artworks")
    data.info("nine artworks")
    assert caplog.messages == ["no artworks", "done", "few artworks", "nine artworks"]
