"""Lines on a terminal, and elsewhere."""

import io
import logging
import os
import pty
import termios
from pathlib import Path

import pytest
import rich.console
from rich.progress import Progress

from emotionart.errors import UserError
from emotionart.terminal import DETAIL, Console, broken, terminal_width, write_lines, write_rows

COMMAND = "python train.py data=table data.path=pictures/of/art.csv labels=as_is data.group=artist"
PATH = "/a/folder/of/somebody/with/a/long/name/and/many/folders/within/report.html"
SPACED = Path("/a folder/with spaces/in its name/and/more of them/report.html")


class Terminal(io.StringIO):
    """A stream that says of itself that it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")


def shown(stream: io.StringIO, message: str, *arguments: object, extra: dict[str, bool] | None = None) -> str:
    logger = logging.Logger("one")
    logger.addHandler(Console(stream))
    logger.warning(message, *arguments, extra=extra)
    return stream.getvalue()


def written(stream: io.StringIO, message: str) -> str:
    write_lines(message, stream=stream)
    return stream.getvalue()


@pytest.mark.parametrize(("stream", "above"), [(Terminal(), True), (io.StringIO(), False)])
def test_a_message_stands_above_the_bar_and_in_a_file_where_it_was(
    stream: io.StringIO, above: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("stdout", "__stdout__"):
        monkeypatch.setattr(f"sys.{name}", stream)
    drawn = io.StringIO()
    with Progress(console=rich.console.Console(file=drawn, force_terminal=True, _environ={"TERM": "xterm"})) as bar:
        bar.add_task("training", total=None)
        logger = logging.Logger("one")
        logger.addHandler(Console(stream))
        bar.refresh()
        logger.warning("a message")
    assert ("\x1b[2Ka message\n" in drawn.getvalue()) is above, "the bar's line was erased for it"
    assert stream.getvalue() == ("" if above else "a message\n")


@pytest.mark.parametrize("how", [shown, written])
def test_a_terminal_breaks_lines_between_words_and_a_file_does_not(how) -> None:  # type: ignore[no-untyped-def]
    long = "the accuracy is that of the weights of epoch 2: test-time copies count once"
    assert how(io.StringIO(), long) == f"{long}\n"
    assert how(Terminal(), long).splitlines() == [
        "the accuracy is that of the weights of",
        "  epoch 2: test-time copies count once",
    ]
    assert how(Terminal(), "as it\nwas") == "as it\nwas\n"


def test_details_are_not_shown() -> None:
    assert shown(io.StringIO(), "calibrated", extra=DETAIL) == ""


@pytest.mark.parametrize(
    "typed", ["emotionart figures outputs/runs/a-folder-of-a-run", 'data.where="year > 1800 and x"', COMMAND]
)
def test_what_is_to_be_typed_stays_in_one_line(typed: str) -> None:
    assert broken(f"figures are missing: no space. To make them later: {typed}", 40).splitlines() == [
        "figures are missing: no space. To make",
        "  them later:",
        f"  {typed}",
    ]


def test_a_mistake_is_indented_below_its_first_line_and_its_fixes_can_be_copied() -> None:
    mistake = UserError("These labels belong to no class.", where=PATH, fix=f"labels.unknown=drop   or {COMMAND}")
    assert broken(str(mistake), 40).splitlines() == [
        "These labels belong to no class.",
        "  where:",
        f"    {PATH}",
        "  fix: labels.unknown=drop   or",
        f"    {COMMAND}",
    ]


def test_a_path_with_spaces_stays_whole() -> None:
    lines = ["the report of this run is there:", f"  {SPACED},", "  and its figures lie beside it"]
    assert shown(Terminal(), "the report of this run is there: %s, and its figures lie beside it", SPACED) == (
        "\n".join([*lines, ""])
    )
    out = Terminal()
    write_lines(" ".join(line.strip() for line in lines), stream=out, paths=[SPACED])
    assert out.getvalue().splitlines() == lines
    mistake = UserError("This file is missing.", where=str(SPACED))
    assert broken(str(mistake), 40).splitlines() == ["This file is missing.", "  where:", f"    {SPACED}"]


def test_rows_of_results_are_not_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    out = Terminal()
    monkeypatch.setattr("sys.stdout", out)
    write_rows(row := f"happy  {SPACED}  (happy 0.71, sad 0.29)", str(SPACED))
    assert out.getvalue().splitlines() == [row, str(SPACED)]


def test_words_after_a_command_are_broken_as_others() -> None:
    told = f"to go on: {COMMAND}   in the same folder, and with the same settings as before"
    assert broken(told, 60).splitlines() == [
        "to go on:",
        f"  {COMMAND}",
        "  in the same folder, and with the same settings as before",
    ]


def test_settings_that_a_sentence_lists_are_broken_as_words() -> None:
    assert broken("mine: data=table, data.path=pictures/of/art.csv, labels=as_is", 40).splitlines() == [
        "mine: data=table,",
        "  data.path=pictures/of/art.csv,",
        "  labels=as_is",
    ]


def test_a_number_stays_with_its_sign_of_per_cent() -> None:
    assert broken("of pictures, a part is cut off, up to 5 % a side", 40).splitlines()[1] == "  5 % a side"


@pytest.mark.parametrize("text", ["", "  ", "it's 40 columns wide, which is the width", "a" * 50])
def test_what_fits_or_has_no_words_stays_as_it_is(text: str) -> None:
    assert broken(text, 40) == text


def test_a_line_with_many_quoted_settings_is_broken_at_once() -> None:
    classes = ",".join(f'"class{number}":["label {number}"]' for number in range(60))
    line = f"mine: labels.classes={{{classes}}}, labels.noun=emotion"
    assert "".join(broken(line, 40).split()) == "".join(line.split())  # an exponential search would never end


def test_messages_are_as_wide_as_their_own_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS")
    main, terminal = pty.openpty()
    termios.tcsetwinsize(terminal, (24, 123))
    with os.fdopen(terminal, "w") as stream:
        assert terminal_width(stream) == 123  # whatever the standard output is
    os.close(main)
    assert terminal_width(Terminal()) == 80
    assert terminal_width(io.StringIO()) is None
