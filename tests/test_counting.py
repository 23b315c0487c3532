import pytest

from emotionart.counting import counted


@pytest.mark.parametrize(("count", "text"), [(0, "0 pictures"), (1, "1 picture"), (1_200, "1,200 pictures")])
def test_a_number_has_its_noun(count: int, text: str) -> None:
    assert counted(count, "picture") == text
