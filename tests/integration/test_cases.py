"""The inputs of `../shared/cases` end as the table in `cases.md` says, by `emotionart data check` and in training."""

import logging
from pathlib import Path

import pytest

from emotionart.cli.main import main
from emotionart.cli.train import main as train
from emotionart.config.compose import compose
from emotionart.pipeline import run

READY, MISTAKE, REFUSED = 0, 1, 2

CASES: list[tuple[str, list[str], int, list[str]]] = [
    ("split_column.csv", ["data.split=split"], READY, ["train          30", "validation     15", "test           15"]),
    ("split_column.csv", [], READY, ["column 'split' holds a split (train 30, val 15, test 15), which is not used"]),
    *[
        (name, words, MISTAKE, ["several labels in a cell", "for a vote for each", "data.several_labels=first"])
        for name, words in (
            ("labels_semicolon.csv", []),
            ("labels_list.csv", []),
            ("list_column.parquet", ["data.label=emotions"]),
        )
    ],
    ("labels_semicolon.csv", ['data.label_separator=";"'], READY, ["labels are flags", "love"]),
    ("labels_list.csv", ['data.label_separator=","'], READY, ["labels are flags", "love"]),
    ("list_column.parquet", ["data.label=emotions", 'data.label_separator=","'], READY, ["labels are flags", "love"]),
    ("valence.csv", ["data.label=valence"], MISTAKE, ["a measurement: 60 different numbers from 1 to 7"]),
    ("valence.csv", ["data.label=valence", "labels=quantiles", "labels.bins=3"], READY, ["5.003 and above"]),
    ("cr_only.csv", [], READY, ["ready:"]),
    ("pipe.csv", ['data.separator="|"'], READY, ["ready:"]),
    ("pipe.csv", [], REFUSED, ["separated by '|'", 'data.separator="|"']),
    ("no_header.csv", [], REFUSED, ["The first line looks like data", "'data.columns=[image,label]'"]),
    ("no_header.csv", ["data.columns=[image,label]"], READY, ["ready:"]),
    ("trailing_comma.csv", [], READY, ["ready:"]),
    (
        "ids_without_ending.csv",
        [],
        MISTAKE,
        ["data.image=id data.root=img data.extension=.jpg data.label=emotion"],
    ),
    (
        "ids_without_ending.csv",
        ["data.image=id", "data.root=img", "data.extension=.jpg", "data.label=emotion"],
        READY,
        ["ready:"],
    ),
    ("backslashes.csv", [], READY, ["back-slashes"]),
    ("urls.csv", [], MISTAKE, ["60 of 60 pictures are addresses on the web", "download the pictures first"]),
    ("flags_true_false.csv", [], MISTAKE, ["'data.votes=[joy,sadness,calm]'"]),
    ("flags_true_false.csv", ["data.votes=[joy,sadness,calm]"], READY, ["ready:"]),
    ("flags_0_1_several.csv", ["data.votes=[joy,sadness,calm,love]"], READY, ["labels are flags"]),
    ("long_with_share.csv", [], MISTAKE, ["data.rows=votes data.weight=share"]),
    ("long_with_share.csv", ["data.rows=votes"], READY, ["to use it: data.weight=share"]),
    ("long_with_share.csv", ["data.rows=votes", "data.weight=share"], READY, ["labels are shares or scores"]),
    ("lines.jsonl", [], READY, ["data.image=file_name"]),
    ("pictures_inside.parquet", [], READY, ["ready:"]),
    ("nfd/labels.csv", ["data.split_seed=3"], READY, ["12 names differ from their files in case or Unicode form"]),
    ("folder_train_val_test", [], READY, ["train          36", "calm 12, joy 12, sadness 12"]),
    ("folder_wrapped", [], REFUSED, ["fix: data.path=", "folder_wrapped/dataset"]),
    ("folder_links", [], READY, ["calm 10, joy 10, sadness 10"]),
    ("folder_dollar", [], READY, ["$\\frac$ 10, a_$x_y$ 10, b 10"]),
    ("odd", [], MISTAKE, ["No labelled artwork is left"]),
]


@pytest.mark.parametrize(("name", "words", "code", "told"), CASES)
def test_a_case_ends_as_its_table_says(
    name: str,
    words: list[str],
    code: int,
    told: list[str],
    cases: Path,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    asked = ["data", "check", str(cases / name), f"cache={cases / 'cache'}", "data.near_duplicates=null", *words]
    assert main(asked) == code
    output = capsys.readouterr()
    everything = output.out + output.err + caplog.text
    for text in told:
        assert text in everything
    assert "Traceback" not in everything
    assert "\\x" not in everything


def test_names_that_are_mathematics_train_resume_explain_and_are_shown_as_they_are(cases: Path, tmp_path: Path) -> None:
    overrides = [
        *("data=folder", f"data.path={cases / 'folder_dollar'}", "labels=as_is", "model.representation.size=16"),
        *("trainer.max_epochs=1", "trainer.threads=1", "logger=csv", f"cache={cases / 'cache'}"),
        *("data.near_duplicates=null", "data.split_seed=3", "batch_size=8"),
    ]
    composed = compose(overrides)
    result = run(composed, tmp_path / "run")
    assert sorted(result["classes"]) == ["$\\frac$", "a_$x_y$", "b"]
    assert "_$1_to_$2.jpg" in (tmp_path / "run" / "split.csv").read_text()
    (tmp_path / "run" / "result.json").unlink()
    assert train([f"resume={tmp_path / 'run'}"]) == 0
    few = ["--n", "4", "--faithfulness", "0", "--steps", "0", "--no-ablation"]
    assert main(["explain", str(tmp_path / "run"), *few, "--out", str(tmp_path / "maps")]) == 0
    assert "a_$x_y$" in (tmp_path / "maps" / "gallery.html").read_text()
