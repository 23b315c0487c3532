import errno
import os
import signal
import stat
from collections.abc import Callable
from pathlib import Path

import numpy.f2py.crackfortran  # noqa: F401 - as all below: another user may not be able to import it later
import pytest

from emotionart.cli.guard import guarded
from emotionart.cli.main import main
from emotionart.config import compose, validate  # noqa: F401
from emotionart.data.gallery import gallery  # noqa: F401
from emotionart.data.survey import check  # noqa: F401
from emotionart.errors import UserError


def _raise(error: BaseException) -> Callable[[], int]:
    def command() -> int:
        raise error

    return command


@pytest.mark.parametrize(
    ("error", "code", "told"),
    [
        (UserError("wrong", fix="so"), 2, "wrong\n  fix: so\n"),
        (OSError(errno.ENOSPC, "No space left on device", "/a"), 1, "The disk is full: No space left on device."),
        (PermissionError(errno.EACCES, "Permission denied", "/a/b"), 1, "Permission denied.\n  where: /a/b\n"),
        (FileNotFoundError(errno.ENOENT, "No such file", "/a", None, "/b"), 1, "where: /a → /b"),
    ],
)
def test_what_a_user_can_mend_is_one_message(
    error: BaseException, code: int, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert guarded(_raise(error)) == code
    assert told in capsys.readouterr().err


@pytest.mark.parametrize(("kind", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGUSR1, 143)])
def test_a_command_that_is_told_to_stop_closes_what_is_open_and_says_so(
    kind: signal.Signals, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    handlers = [signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)]
    closed = []

    def command() -> None:
        try:
            signal.raise_signal(kind)
        finally:
            signal.raise_signal(kind)  # a second one does not disturb that
            closed.append(True)

    assert guarded(command) == code
    assert closed
    assert "Interrupted." in capsys.readouterr().err
    assert [signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)] == handlers


def test_the_outermost_command_says_how_to_go_on(capsys: pytest.CaptureFixture[str]) -> None:
    end = SystemExit(130)
    for note in ("to go on: the run", "to go on: the sweep"):
        end.add_note(note)
    assert guarded(_raise(end)) == 130
    assert capsys.readouterr().err == "Interrupted; to go on: the sweep\n"


def test_compiled_code_that_turns_the_end_into_an_error_ends_the_command_too(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def command() -> None:
        try:
            signal.raise_signal(signal.SIGTERM)
        except SystemExit as end:
            raise ValueError("an error of its own") from end

    assert guarded(command) == 143
    assert "Interrupted." in capsys.readouterr().err


def test_a_bug_keeps_its_traceback() -> None:
    with pytest.raises(ZeroDivisionError):
        guarded(_raise(ZeroDivisionError()))


def test_a_command_that_is_done_returns_zero_or_its_own_code() -> None:
    assert guarded(lambda: None) == 0
    assert guarded(lambda: 1) == 1


def test_out_is_tried_before_anything_is_computed(unprivileged: Path, capsys: pytest.CaptureFixture[str]) -> None:
    closed = unprivileged / "closed"
    closed.mkdir()
    closed.chmod(stat.S_IRUSR | stat.S_IXUSR)
    try:
        assert main(["data", "gallery", "--out", str(closed / "new" / "gallery"), "--count", "10"]) == 2
    finally:
        closed.chmod(stat.S_IRWXU)
    assert f"Nothing can be written here: {os.strerror(errno.EACCES)}.\n  where: {closed}\n" in capsys.readouterr().err


def test_a_command_that_may_not_read_says_what(unprivileged: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = unprivileged / "labels.csv"
    table.write_text("image,label\n")
    table.chmod(0)
    assert main(["data", "check", str(table)]) in (1, 2)
    assert str(table) in capsys.readouterr().err
