"""The `emotionart` command as a whole."""

import pytest

from emotionart.cli.main import main


@pytest.mark.parametrize(
    ("typed", "where", "nearest"),
    [
        (["predct", "outputs/runs/x"], "emotionart", "predict"),
        (["data", "chek", "labels.csv"], "emotionart data", "check"),
        (["xyzzy"], "emotionart", None),
    ],
)
def test_a_mistyped_command_is_told_with_the_nearest(
    typed: list[str], where: str, nearest: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(typed) == 2
    first, *rest = capsys.readouterr().err.splitlines()
    assert first == f"There is no command {typed[-2] if nearest else typed[0]!r}."
    assert (rest[0], rest[-1]) == (f"  where: {where}", f"  fix: {where} --help")
    assert [line.partition(",")[0] for line in rest[1:-1]] == ([f"  did you mean: {nearest}"] if nearest else [])
