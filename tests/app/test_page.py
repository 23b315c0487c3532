"""The words of the page, without a browser."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("gradio", reason="the page needs Gradio: pip install 'emotionart[app]'")

from emotionart.app.page import Page
from emotionart.app.runs import Runs
from emotionart.app.votes import Votes
from emotionart.run.folder import RunFolder
from emotionart.run.training.checkpoint import BEST, read_checkpoint, update_description

Run = tuple[Path, dict]


@pytest.mark.parametrize("noun", ["emotion", "class"])
def test_annotators_are_asked_what_they_feel_only_where_classes_are_emotions(
    done_run: Run, noun: str, tmp_path: Path
) -> None:
    folder = RunFolder(Path(shutil.copytree(done_run[0], tmp_path / "outputs" / "run")))
    best = folder.checkpoints / BEST
    description = read_checkpoint(best).description
    labels = {**description.config["labels"], "noun": noun}
    update_description(best, replace(description, config={**description.config, "labels": labels}))
    page = Page(Runs(folder.path.parent), (), Votes(tmp_path / "votes.csv"), (), tmp_path / "cache").build()
    said = str(page.get_config_file())
    assert ("What does it make you feel?" in said) is (noun == "emotion")
    assert ("What pictures make people feel" in said) is (noun == "emotion")
    assert ("Which of these fits it best?" in said) is (noun == "class")
    assert f"'label': '{noun.capitalize()}'" in said
