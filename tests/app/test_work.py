import csv
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from emotionart.app import reading
from emotionart.app.pictures import Pictures, likeliest
from emotionart.app.runs import Runs
from emotionart.app.votes import Votes
from emotionart.cli.main import main, parse
from emotionart.data.pictures.decode import PictureError, load_picture
from emotionart.errors import UserError
from emotionart.run.folder import RunFolder
from emotionart.run.training.checkpoint import BEST, read_checkpoint, update_description

Run = tuple[Path, dict]


@pytest.fixture(scope="module")
def runs(done_run: Run) -> Runs:
    return Runs(done_run[0].parent)


def test_only_tables_that_compare_runs_are_sweeps(tmp_path: Path) -> None:
    for name, heading in (("sweep", "row,runs,acc"), ("recoloured", "image,version,hue"), ("own", "Künstler,Bild")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "table.csv").write_text(f"{heading}\n", encoding="latin-1")
    assert Runs(tmp_path).sweeps == ["sweep"]


def test_runs_are_found_and_only_those_that_were_listed_are_opened(runs: Runs, tmp_path: Path) -> None:
    assert runs.classifiers == ["run"]
    assert runs.generators == runs.sweeps == []
    for name in ("../done/run", "/etc", "other"):
        with pytest.raises(UserError, match="no such run"):
            runs.predictor(name)
    assert Runs(tmp_path).classifiers == []


def test_a_picture_is_read_as_the_run_reads_it(runs: Runs) -> None:
    predictor = runs.predictor("run")
    content = runs.pictures("run")[0].read_bytes()
    (expected,) = predictor.predict([content])
    found = reading.read([predictor, predictor], content)
    assert list(found.mean.values()) == pytest.approx(expected)
    assert found.rows()[0][0] == predictor.classes[expected.argmax()]
    assert found.rows()[0][2] == f"{expected.max():.0%} to {expected.max():.0%}"
    seen = reading.attribution_map(predictor, content)
    assert seen is not None
    assert seen.shape == (320, 320, 3)
    with pytest.raises(PictureError, match="not a picture but a text file"):
        reading.read([predictor], b"no picture")


def test_pictures_are_sorted_by_emotion_and_those_that_cannot_be_read_left_out(runs: Runs, tmp_path: Path) -> None:
    (tmp_path / "bad.png").write_bytes(b"")
    paths = [tmp_path / "bad.png", *runs.pictures("run")[:20]]
    works = Pictures(paths, runs, tmp_path).collection_of("run")
    assert works.unreadable == {str(paths[0]): "an empty file"}
    known = runs.predictor("run").predict(paths[1:])
    found = {name: likeliest(works, name) for name in works.classes}
    for index, name in enumerate(works.classes):
        assert found[name].row.tolist() == sorted(found[name].row, key=lambda row: -known[row, index])
        assert set(found[name].row) == set(np.flatnonzero(known.argmax(1) == index))
    with pytest.raises(UserError) as told:
        Pictures(paths[:1], runs, tmp_path).collection_of("run")
    assert told.value.what == "None of these pictures can be read.", "and no path of this machine"


def test_a_large_picture_is_reduced_and_a_small_one_kept_to_the_bit(tmp_path: Path) -> None:
    Image.new("RGB", (300, 200), "teal").save(tmp_path / "art.jpg")
    content = (tmp_path / "art.jpg").read_bytes()
    assert reading.limit_size(content, 300) == content
    assert load_picture(reading.limit_size(content, 150)).shape == (100, 150, 3)
    assert reading.thumbnail(tmp_path / "art.jpg").shape == (200, 300, 3)


def test_votes_of_several_annotators_are_a_table_that_training_reads(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], cache: Path
) -> None:
    generator = np.random.default_rng(0)
    (tmp_path / "art").mkdir()
    votes = Votes(tmp_path / "labels" / "votes.csv")
    for number in range(60):
        path = tmp_path / "art" / f"{number}.png"
        Image.fromarray(generator.integers(0, 256, (24, 24, 3), dtype=np.uint8)).save(path)
        votes.add(path, ("joy", "fear")[number % 2], "ana")
        votes.add(path, "joy", "ben")
    assert {path.resolve() for path in votes.labelled_by("ana")} == set((tmp_path / "art").iterdir())
    assert votes.labelled_by("eva") == set()
    rows = list(csv.DictReader(votes.file.open()))
    assert rows[0] == {"image": "../art/0.png", "label": "joy", "annotator": "ana"}
    assert main(["data", "check", str(votes.file), "data.rows=votes", f"cache={cache}"]) == 0
    told = capsys.readouterr()
    assert "60 artworks" in told.out + told.err
    shutil.copy(votes.file, tmp_path / "other.csv")
    (tmp_path / "other.csv").write_text("image,label\n")
    with pytest.raises(UserError, match="not a table of votes"):
        Votes(tmp_path / "other.csv").read()


def test_a_vote_never_runs_into_the_last_line_of_an_edited_table(tmp_path: Path) -> None:
    votes = Votes(tmp_path / "votes.csv")
    votes.file.write_text("image,label,annotator\na.png,joy,ana")  # without a line break at its end
    votes.add(tmp_path / "b.png", "fear", "ben")
    assert [tuple(row.values()) for row in votes.read()] == [("a.png", "joy", "ana"), ("b.png", "fear", "ben")]


def test_votes_in_a_linked_folder_name_the_pictures_themselves(tmp_path: Path) -> None:
    for name in ("art", "disk/votes"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "link").symlink_to("disk/votes")
    votes, pictures = Votes(tmp_path / "link/votes.csv"), [tmp_path / "art/a.png", tmp_path / "link/b.png"]
    for picture in pictures:
        picture.touch()
        votes.add(picture, "joy", "ana")
    assert {path.resolve(strict=True) for path in votes.labelled_by("ana")} == {path.resolve() for path in pictures}
    assert [row["image"] for row in votes.read()] == ["../../art/a.png", "b.png"]


def test_a_run_that_names_other_code_is_opened_only_if_it_is_trusted(done_run: Run, tmp_path: Path) -> None:
    shutil.copytree(done_run[0], tmp_path / "outputs/run")
    best = RunFolder(tmp_path / "outputs/run").checkpoints / BEST
    description, trace = read_checkpoint(best).description, tmp_path / "executed"
    code = {"_target_": "pathlib.Path.touch", "self": {"_target_": "pathlib.Path", "_args_": [str(trace)]}}
    update_description(best, replace(description, config={**description.config, "monitor": code}))
    with pytest.raises(UserError, match="--trust"):
        Runs(tmp_path / "outputs").predictor("run")
    assert not trace.exists()
    assert parse(["app", "--trust"]).trust, "what the message proposes"
    assert Runs(tmp_path / "outputs", trust=True).predictor("run").classes == tuple(done_run[1]["classes"])
