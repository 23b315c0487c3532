"""A run on data that bring their split tests on the given test part, and says so."""

import csv
import json
from pathlib import Path

import pytest

from emotionart.compare.classifiers.format import format_table
from emotionart.compare.classifiers.table import compare
from emotionart.compare.runs import SweepRun
from emotionart.config.compose import compose
from emotionart.pipeline import run
from emotionart.run.folder import RunFolder
from tests.data.tables.cases import LABELS, picture

_SIZES = {"train": 24, "val": 12, "test": 12}


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict]:
    root = tmp_path_factory.mktemp("given")
    number = 0
    for part, size in _SIZES.items():
        for _ in range(size):
            folder = root / "art" / part / LABELS[number % 3]
            folder.mkdir(parents=True, exist_ok=True)
            picture(number).save(folder / f"{number}.png")
            number += 1
    overrides = [
        *("data=folder", f"data.path={root / 'art'}", "labels=as_is", "model.representation.size=16"),
        *("trainer.max_epochs=1", "trainer.threads=1", "logger=csv", f"cache={root / 'cache'}"),
        "data.near_duplicates=null",
    ]
    composed = compose(overrides)
    return root / "run", run(composed, root / "run")


def test_the_given_parts_are_those_of_the_run(done: tuple[Path, dict]) -> None:
    folder, result = done
    assert {part: result[part]["n"] for part in ("train", "validation", "test")} == {
        "train": 24, "validation": 12, "test": 12,
    }  # fmt: skip
    with (folder / "split.csv").open() as file:
        for row in csv.DictReader(file):
            assert row["part"][:3] == Path(row["image"]).parts[-3][:3]


def test_result_log_and_table_say_whose_split_it_is(done: tuple[Path, dict]) -> None:
    folder, result = done
    assert result["split"] == {"source": "folders test, train, val", "artists": 0, "copies": 0}
    assert json.loads((folder / "result.json").read_text())["annotation"] == "labels"
    table = compare({"row": [SweepRun(RunFolder(folder), 0)]})
    assert "The split is the data's own (folders test, train, val)." in format_table(table).notes
