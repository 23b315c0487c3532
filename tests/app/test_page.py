"""The words of the page, without a browser."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

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


def test_annotators_choose_from_all_classes_and_vote_once_on_each_readable_picture(tmp_path: Path) -> None:
    (tmp_path / "art").mkdir()
    pictures = [tmp_path / f"art/{name}.png" for name in ("a", "b", "broken")]
    for picture in pictures[:2]:
        Image.new("RGB", (8, 8)).save(picture)
    pictures[2].write_bytes(b"")
    classes, votes = tuple(f"mood {number}" for number in range(12)), Votes(tmp_path / "votes.csv")
    page = Page(Runs(tmp_path / "none"), tuple(pictures), votes, classes, tmp_path / "cache").build()
    following = next(event.fn for event in page.fns.values() if event.name == "following")
    casts = [event.fn for event in page.fns.values() if event.name == "cast"]
    assert len(casts) == len(classes)
    shown, _, message = following("ana", "random")
    assert "keys 1 to 9" in message
    for cast in casts[-2:]:
        assert shown in pictures[:2]
        shown, _, message = cast(shown, "ana", "random")
    assert shown is None
    assert "1 cannot be read" in message
    assert sorted(row["label"] for row in votes.read()) == ["mood 10", "mood 11"]
    assert len({row["image"] for row in votes.read()}) == 2
