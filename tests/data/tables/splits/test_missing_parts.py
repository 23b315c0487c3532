"""A split that comes with the data and lacks a part."""

import re
import shlex
from pathlib import Path

import numpy as np
import pytest

from emotionart.cli.main import main
from emotionart.data.tables.splits.given import GivenSplit, complete
from emotionart.data.tables.splits.units import SplitKeys
from tests.data.tables.cases import folders, parts, picture, write


def test_a_missing_validation_part_is_taken_from_train_and_nothing_else_moves() -> None:
    given = parts(800, 0, 200)
    id, nobody = np.array([f"art{n}" for n in range(1000)], dtype=object), np.full(1000, "", dtype=object)
    keys = SplitKeys(id, nobody, np.arange(1000))
    part = complete(GivenSplit(given, "column"), keys, 0, label=None, validation=(0.0, 0.2))
    assert (part[800:] == "test").all()
    assert 100 < (part[:800] == "validation").sum() < 220
    whole = parts(5, 3, 2)
    same = complete(GivenSplit(whole, "column"), keys.take(np.arange(10)), 0, label=None, validation=(0.0, 0.2))
    assert same.tolist() == whole.tolist()


def checked(path: Path, cache: Path, *overrides: str) -> int:
    return main(["data", "check", str(path), f"cache={cache}", "data.near_duplicates=null", *overrides])


def test_a_missing_test_part_is_told_with_the_ways_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def ways_out() -> list[str]:
        told = capsys.readouterr().out
        assert "The given split has no test part: " in told
        return shlex.split(told.partition("fix: ")[2].partition("\n")[0])

    art, cache = folders(tmp_path / "art", "train", "val", "train", "train"), tmp_path / "cache"
    assert checked(art, cache) == 1
    instead = ways_out()
    assert instead[0] == "data.split={train: train, test: val}"
    for way_out in (instead[0], "data.split=anew"):
        assert way_out in instead
        assert checked(art, cache, way_out) == 0
    assert re.search(r"^test +6 artworks", capsys.readouterr().out.partition("ready")[0], re.MULTILINE)

    (art / "test").mkdir()
    picture(99).save(art / "test" / "99.png")
    assert checked(art, cache, "data.split={train: train, test: test}") == 1
    told = capsys.readouterr().out
    assert "The given split has no labelled artwork in its test part: folders train, test." in told
    assert "fix: data.split=anew" in told

    names = sorted(file.relative_to(tmp_path).as_posix() for file in art.rglob("*.png") if "test" not in file.parts)
    for part in ("train", "val"):
        (tmp_path / f"{part}.txt").write_text("\n".join(name for name in names if part in name))
    rows = [(name, Path(name).parts[-2], Path(name).parts[1]) for name in names]
    table = write(tmp_path / "labels.csv", ["image", "label", "split"], rows)
    assert checked(table, cache, "data.split={train: train.txt, validation: val.txt}") == 1
    assert checked(table, cache, ways_out()[0]) == 0
    capsys.readouterr()
    assert checked(table, cache, "data.split=split") == 1
    told = capsys.readouterr().out
    assert "no test part: column 'split'." in told
    assert "fix: test in place of 'val'   to test on the validation part" in told


def test_parts_with_different_class_folders_are_not_ready(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for number in range(24):
        place = f"train/{'ab'[number % 2]}/joy" if number < 12 else f"test/{('joy', 'fear')[number % 2]}"
        folder = tmp_path / "art" / place
        folder.mkdir(parents=True, exist_ok=True)
        picture(number).save(folder / f"{number}.png")
    assert checked(tmp_path / "art", tmp_path / "cache") == 1
    told = capsys.readouterr().out
    assert "Train and test share no class: a, b in train, fear, joy in test." in told
    assert "ready" not in told
