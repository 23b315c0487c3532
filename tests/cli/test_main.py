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


@pytest.mark.parametrize(
    ("typed", "where", "nearest"),
    [
        (["runs", "--sortt", "accuracy"], "emotionart runs", "--sort"),
        (["data", "check", "a.csv", "--zzz=1"], "emotionart data check", None),
    ],
)
def test_a_mistyped_option_is_told_with_its_command_and_the_nearest(
    typed: list[str], where: str, nearest: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(typed) == 2
    expected = [f"There is no option {'--sortt' if nearest else '--zzz'!r}.", f"  where: {where}"]
    expected += [f"  did you mean: {nearest}"] if nearest else []
    assert capsys.readouterr().err.splitlines() == [*expected, f"  fix: {where} --help"]


@pytest.mark.parametrize("typed", [["runs", "a", "b"], ["cache", "ls", "a", "--cache", "b", "c"]])
def test_an_argument_too_many_is_told_with_the_usage_of_its_command(
    typed: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(typed)
    told = capsys.readouterr().err
    name = " ".join(["emotionart", *typed[: 1 if typed[0] == "runs" else 2]])
    assert told.startswith(f"usage: {name} ")
    assert told.endswith(f"{name}: error: unrecognized arguments: {typed[-1]}\n")


@pytest.mark.parametrize(("typed", "listed"), [([], "predict"), (["data"], "curate")])
def test_without_a_command_the_commands_are_listed(
    typed: list[str], listed: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(typed)
    assert f"\n    {listed} " in capsys.readouterr().err
