"""Progress in lines, and durations in words."""

import logging

import pytest

from emotionart.progress import duration, progress_bar


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.4, "0 s"), (99, "99 s"), (100, "2 min"), (5999, "100 min"), (6000, "1.7 h"), (90_000, "25.0 h")],
)
def test_durations_are_said_in_the_unit_that_fits(seconds: float, said: str) -> None:
    assert duration(seconds) == said


def test_things_are_counted_not_the_batches_they_come_in(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        assert list(progress_bar(range(0, 99, 64), "looking at pictures", 99, batch=64)) == [0, 64]
    assert caplog.messages == ["looking at pictures: 64 of 99", "looking at pictures: 99 of 99"]
