"""Every unreadable picture of a job is named: on the screen, or, of many, in a file beside the output."""

from pathlib import Path

import pytest

from emotionart.data.pictures.unreadable import left_out, none_readable, warn_of_unreadable
from emotionart.errors import UserError

MANY = {f"art/{number}.png": "an empty file" for number in range(60)}


def test_many_are_listed_in_a_file_and_the_screen_stays_short(tmp_path: Path) -> None:
    out = tmp_path / "found.csv"
    for _ in range(2):  # the same command again replaces its list
        with pytest.raises(UserError, match="60 of 63 pictures cannot be read") as caught:
            warn_of_unreadable(MANY, 3, "error", out)
        told = str(caught.value).splitlines()
        assert len(told) == 52
        assert told[-1] == f"    and 10 more: {out}.unreadable.txt lists all"
    lines = Path(f"{out}.unreadable.txt").read_text().splitlines()
    assert [tuple(line.split("\t")) for line in lines] == list(MANY.items())
    assert str(left_out(MANY, out)).splitlines()[1:] == told[1:]


def test_without_an_output_all_are_on_the_screen(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    warn_of_unreadable(MANY, 3, "skip", None)
    assert "60 of 63 pictures cannot be read, and are left out:" in caplog.text
    for text in (caplog.text, str(left_out(MANY, None)), str(none_readable(MANY))):
        assert all(f"{path} (an empty file)" in text for path in MANY)


def test_few_are_on_the_screen_alone(tmp_path: Path) -> None:
    assert "art/0.png (an empty file)" in str(left_out({"art/0.png": "an empty file"}, tmp_path / "found.csv"))
    assert not list(tmp_path.iterdir())


def test_pictures_of_which_none_can_be_read_may_be_skipped(caplog: pytest.LogCaptureFixture) -> None:
    warn_of_unreadable({"a.png": "an empty file"}, 0, "skip", None, fix="--on-bad skip")
    assert "1 of 1 pictures cannot be read:\n    a.png (an empty file)" in caplog.text
    with pytest.raises(UserError) as caught:
        warn_of_unreadable({"a.png": "an empty file"}, 0, "error", None, fix="--on-bad skip")
    assert caught.value.fix is None
