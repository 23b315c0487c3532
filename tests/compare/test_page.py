from pathlib import Path

import pytest

from emotionart.compare.comparison import compare_runs
from emotionart.compare.gans import format_table
from emotionart.compare.page import render_gans
from emotionart.compare.runs import Fold
from tests.compare.classifiers.test_rows import run
from tests.compare.test_gans import row


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


def test_a_row_without_numbers_has_nothing_to_sort_by() -> None:
    rows = [row("measured", 0.2), row("planned")]
    page = render_gans(Path("sweep"), format_table(rows), rows)
    assert '<td data-value="0.200" class="number">0.200</td>' in page
    for text in ("–", "missing"):
        assert f'<td data-value="" class="number">{text}</td>' in page
        assert f'data-value="{text}"' not in page
