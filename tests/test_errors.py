import pytest

from emotionart.errors import first_line, interruption


@pytest.mark.parametrize(
    ("message", "line"),
    [("at once\nand more", "at once"), ("\n  \n  after blanks \n", "after blanks"), ("", "ValueError")],
)
def test_the_first_line_of_an_error_is_never_blank(message: str, line: str) -> None:
    assert first_line(ValueError(message)) == line


@pytest.mark.parametrize(
    ("first", "found"),
    [(SystemExit(143), True), (KeyboardInterrupt(), True), (SystemExit(2), False), (OSError(), False)],
)
def test_an_error_of_an_interrupted_library_is_an_interruption(first: BaseException, found: bool) -> None:
    def library() -> None:
        try:
            raise first
        finally:
            {}["half-made"]

    with pytest.raises(KeyError) as caught:
        library()
    assert interruption(caught.value) is (first if found else None)
    assert interruption(SystemExit(2)) is not None
