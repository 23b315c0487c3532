import pytest

from emotionart.errors import first_line


@pytest.mark.parametrize(
    ("message", "line"),
    [("at once\nand more", "at once"), ("\n  \n  after blanks \n", "after blanks"), ("", "ValueError")],
)
def test_the_first_line_of_an_error_is_never_blank(message: str, line: str) -> None:
    assert first_line(ValueError(message)) == line
