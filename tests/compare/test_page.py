from pathlib import Path

import pytest

from emotionart.compare.comparison import compare_runs
from emotionart.compare.runs import Fold
from tests.compare.classifiers.test_rows import run


def test_a_page_is_named_after_its_folder_and_its_folds_are_told_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folds = [run(tmp_path / f"{number}", test, fold=Fold(0, number, 2)) for number, test in enumerate(("ab", "cd"))]
    folds += [run(tmp_path / f"r{number}", test, fold=Fold(1, number, 2)) for number, test in enumerate(("ac", "bd"))]
    monkeypatch.chdir(tmp_path)
    page = compare_runs({"net": folds}, Path()).page()
    assert f"<h1>{tmp_path.name}</h1>" in page
    for name in ("seed 0, fold 0", "seed 0, fold 1", "seed 0, fold 0 of repeat 1", "seed 0, fold 1 of repeat 1"):
        assert page.count(f">{name}</a>") == 1
