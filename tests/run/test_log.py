"""The log of a run that Hydra has not started."""

import logging
from pathlib import Path

import pytest
import yaml

from emotionart.config.groups import CONF
from emotionart.run.log import FORMAT, log_to_file, suppress_messages
from emotionart.terminal import DETAIL


def test_details_are_not_on_the_console_but_in_the_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with log_to_file(tmp_path / "run.log", console=True):
        logging.getLogger("emotionart.tests").info("calibrated", extra=DETAIL)
    assert capsys.readouterr().out == ""
    assert (tmp_path / "run.log").read_text().endswith(" INFO emotionart.tests: calibrated\n")


@pytest.mark.parametrize("name", ["train.yaml", "cell.yaml"])
def test_lines_are_those_of_runs_that_hydra_starts(name: str) -> None:
    assert yaml.safe_load((CONF / name).read_text())["hydra"]["job_logging"]["formatters"]["file"] == {"format": FORMAT}


def test_one_loggers_messages_are_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one = logging.getLogger("emotionart.tests.one")
    before = (one.level, one.handlers[:])
    with log_to_file(tmp_path / "run.log", one.name):
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
    with pytest.raises(ValueError, match="stopped"), log_to_file(tmp_path / "run.log", console=True):
        logging.getLogger("emotionart.tests").warning("half done")
        raise ValueError("stopped")
    assert (root.level, root.handlers) == before
    assert capsys.readouterr().out == "half done\n"
    assert (tmp_path / "run.log").read_text().endswith(" WARNING emotionart.tests: half done\n")


def test_what_was_told_before_is_left_out_up_to_a_level(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    data, other = logging.getLogger("some.data.split"), logging.getLogger("some")
    with suppress_messages("some.data"):
        data.warning("seven artworks")
        data.error("no artworks")
        other.info("done")
    with suppress_messages("some.data", logging.INFO):
        data.info("eight artworks")
        data.warning("few artworks")
    data.info("nine artworks")
    assert caplog.messages == ["no artworks", "done", "few artworks", "nine artworks"]
