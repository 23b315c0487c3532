"""Every published layout, read in all its quirks."""

import logging
import shlex
from pathlib import Path

import numpy as np
import pytest
import yaml
from PIL import Image

from emotionart.cli.main import main
from emotionart.config.compose import compose
from emotionart.config.groups import CONF, group_options
from emotionart.data.tables.importers.abstract import read_abstract
from emotionart.data.tables.importers.artemis import read_artemis
from emotionart.data.tables.importers.artphoto import read_artphoto
from emotionart.data.tables.importers.folder import read_class_folders
from emotionart.data.tables.importers.imported import write_import
from emotionart.data.tables.importers.wikiart_emotions import read_wikiart_emotions
from emotionart.data.tables.layouts.reading import read_table
from emotionart.errors import UserError
from tests.data.tables.importers.layouts import (
    ARTEMIS,
    ARTEMIS_EMOTIONS,
    CAT,
    EMOTIONS,
    MIKELS,
    VENUS,
    abstract,
    pictures,
    wikiart,
)


@pytest.mark.parametrize(
    "name", ["WikiArt-Emotions-All.tsv", "artemis_dataset.csv", "ABSTRACT_groundTruth.csv", "scores.csv"]
)
def test_a_table_in_a_published_layout_is_told_with_the_command_that_reads_it(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    votes = {"ImageOnly: love": "0.6"}
    {
        "WikiArt-Emotions-All.tsv": lambda path: wikiart(path, [(VENUS, votes)]),
        "artemis_dataset.csv": lambda path: path.write_text(ARTEMIS),
        "ABSTRACT_groundTruth.csv": lambda path: abstract(path, "'a.jpg',5,0,0,0,0,0,0,1"),
        "scores.csv": lambda path: path.write_text("emotion,image_id,filename,score\njoy,image_7,a.jpg,-0.8\n"),
    }[name](tmp_path / name)
    pictures(tmp_path, "5772.jpg", "a.jpg", *(f"{style}/vincent-van-gogh_the-starry-night-1889.jpg"
                                              for style in ("Realism", "Post_Impressionism")))  # fmt: skip
    with pytest.raises(UserError, match="a published data set in a layout of its own") as caught:
        read_table(tmp_path / name)
    assert "   or, if it is another table: " in caught.value.fix
    command, *arguments = shlex.split(caught.value.fix.partition("   ")[0])
    monkeypatch.chdir(tmp_path)
    assert command == "emotionart"
    assert main(arguments) == 0
    assert len(read_table(tmp_path / "works.csv", label=None)) > 0


@pytest.mark.parametrize(
    ("head", "row", "fix"),
    [
        ("image_id,filename,emotion,score", "7,a.jpg,joy,0.9", "data.image=filename"),  # a model's confidence
        ("art_style,painting,emotion", "Realism,a.jpg,joy", "data.image=painting"),
        ("file,language,art_style,painting,emotion", "a.jpg,en,Realism,Night,joy", "data.image=file"),
        (f"file,{','.join(MIKELS)}", "a.jpg,5,0,0,0,0,0,0,1", "data.image=file"),
        ("id,style,file,emotion", "1,Realism,a.jpg,joy", "data.image=file"),
    ],
)
def test_a_users_own_table_is_not_taken_for_a_published_one(tmp_path: Path, head: str, row: str, fix: str) -> None:
    (tmp_path / "own.csv").write_text(f"{head}\n{row}\n")
    pictures(tmp_path, "a.jpg")
    with pytest.raises(UserError, match="no column 'image'") as caught:
        read_table(tmp_path / "own.csv")
    assert fix in str(caught.value)


@pytest.mark.parametrize("urls", [False, True])
def test_both_layouts_of_wikiart_emotions(tmp_path: Path, urls: bool, caplog: pytest.LogCaptureFixture) -> None:
    rows = [
        (VENUS, {"ImageOnly: love": "0.6", "ImageOnly: shame": "0.1", "TitleOnly: love": "0.2"}),
        (CAT, {"ImageOnly: happiness": "0.5", "Art (image+title): fear": "0.9"}),
    ]
    path = wikiart(tmp_path / "WikiArt-Emotions-All.tsv", rows, urls=urls)
    pictures(tmp_path, "5772.jpg", "57727a.jpg")
    with caplog.at_level(logging.WARNING):
        frame = read_wikiart_emotions(path, None, "ImageOnly").frame
    assert "2 malformed lines are left out (not" in caplog.text
    assert ": 4, 5" in caplog.text
    assert frame["image"].tolist() == ["5772.jpg", "57727a.jpg"]
    assert frame["artist"].tolist() == ["Bouguereau & Son", "Anna;Bo"]
    assert frame["title"].tolist() == ['The "Birth" of Venus', 'Café "Cat"']
    assert frame["year"].tolist() == ["XV cent.", "1906-1907"]
    assert frame["tags"].tolist() == ["Pop Art;Modern Art;body", "Pop Art;Neo-Dada;Modern Art"]
    assert len([name for name in frame.columns if name.startswith("votes:")]) == 20
    assert frame[["votes:love", "votes:shame", "votes:fear"]].to_numpy().tolist() == [[0.6, 0.1, 0], [0, 0, 0]]
    both = read_wikiart_emotions(path, None, "Art").frame
    assert both["votes:fear"].tolist() == [0, 0.9]


def test_wikiart_votes_that_are_no_numbers_are_reported_by_line(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = wikiart(tmp_path / "a.tsv", [(VENUS, {"ImageOnly: love": "1"}), (CAT, {"ImageOnly: love": "many"})])
    assert read_wikiart_emotions(path, None, "ImageOnly").frame["image"].tolist() == ["5772.jpg"]
    assert "1 lines hold no votes and are left out: row 3" in caplog.text


def test_another_table_than_wikiarts_names_the_nearest_columns(tmp_path: Path) -> None:
    (tmp_path / "a.tsv").write_text("ID\tStyles\tArtist\n1\tPop Art\tAnn\n")
    with pytest.raises(UserError, match="no column 'Style'") as caught:
        read_wikiart_emotions(tmp_path / "a.tsv", None, "ImageOnly")
    assert caught.value.suggestions[0] == "Styles"


def test_artemis_votes_are_counted_by_style_and_painting(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "artemis.csv").write_bytes(ARTEMIS.encode())
    frame = read_artemis(tmp_path / "artemis.csv", None).frame
    name = "vincent-van-gogh_the-starry-night-1889.jpg"
    assert frame["image"].tolist() == [f"Post_Impressionism/{name}", f"Realism/{name}"]
    assert frame["artist"].tolist() == ["vincent van gogh"] * 2
    assert frame["tags"].tolist() == ["Post Impressionism", "Realism"]
    votes = frame[["votes:awe", "votes:fear", "votes:something else"]]
    assert votes.to_numpy().tolist() == [[2, 0, 1], [0, 1, 0]]
    assert "1 malformed lines are left out (not 5 fields)" in caplog.text


def test_artemis_histograms_are_nine_counts(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    lines = (
        *('Realism,ann_a,"[0, 2, 0, 0, 1, 0, 0, 0, 2]"', 'Realism,ann_b,"[1, 2]"', "Realism,ann_c,awe"),
        *('Realism,ann_d,"[0, NaN, 0, 0, 0, 0, 0, 0, 0]"', 'Realism,ann_a,"[0, 0, 0, 0, 0, 0, 0, 0, 1]"'),
    )
    (tmp_path / "histogram.csv").write_text("\n".join(["art_style,painting,emotion_histogram", *lines]))
    frame = read_artemis(tmp_path / "histogram.csv", None).frame
    assert "3 lines hold no nine counts and are left out: rows 3-5" in caplog.text
    assert frame["image"].tolist() == ["Realism/ann_a.jpg"]
    assert frame[["votes:awe", "votes:anger", "votes:something else"]].to_numpy().tolist() == [[2, 1, 3]]
    for rows, message in (("", "names a painting and an emotion"), ("Realism,ann_b,5\n", "holds nine counts")):
        (tmp_path / "histogram.csv").write_text(f"art_style,painting,emotion_histogram\n{rows}")
        with pytest.raises(UserError, match=message):
            read_artemis(tmp_path / "histogram.csv", None)


def test_a_split_of_votes_is_kept_where_it_divides_paintings(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    head = "art_style,painting,emotion,language,split\n"
    rows = "Realism,ann_a,awe,english,train\nRealism,ann_a,fear,arabic,{}\nRealism,ann_b,fear,chinese,test\n"
    (tmp_path / "whole.csv").write_text(head + rows.format("train"))
    assert read_artemis(tmp_path / "whole.csv", None).frame["split"].tolist() == ["train", "test"]
    (tmp_path / "torn.csv").write_text(head + rows.format("val"))
    assert "split" not in read_artemis(tmp_path / "torn.csv", None).frame.columns
    assert "the votes of 1 pictures are in several parts; the split is left out" in caplog.text


def test_a_picture_is_found_however_its_accents_are_spelt(tmp_path: Path) -> None:
    path = abstract(tmp_path / "a.csv", "'caf\u00e9.jpg',1,0,0,0,0,0,0,0")
    pictures(tmp_path / "art", "cafe\u0301.jpg")
    written = write_import(read_abstract(path, tmp_path / "art"), tmp_path / "out.csv")
    assert written.frame["image"].tolist() == ["art/cafe\u0301.jpg"]


def test_artphoto_emotions_are_prefixes(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    pictures(tmp_path, "sad_0001.jpg", "Awe_0002.JPG", "readme.txt", ".DS_Store")
    frame = read_artphoto(tmp_path).frame
    assert dict(zip(frame["image"], frame["label"], strict=True)) == {"sad_0001.jpg": "sad", "Awe_0002.JPG": "awe"}
    assert "1 files are not called '<emotion>_<number>.jpg' and are left out: readme.txt" in caplog.text
    with pytest.raises(UserError, match="No picture here is called"):
        read_artphoto(pictures(tmp_path / "other", "sad.jpg"))


def test_abstract_names_stand_in_single_quotes(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = abstract(
        tmp_path / "ABSTRACT_groundTruth.csv", "'abstract_0001.jpg',0,1,2,3,4,5,6,7", "'two, three.jpg',1,0,0,0,0,0,0,0"
    )
    frame = read_abstract(path, None).frame
    assert frame["image"].tolist() == ["abstract_0001.jpg", "two, three.jpg"]
    assert frame.loc[2, [f"votes:{name.casefold()}" for name in MIKELS]].tolist() == [0, 1, 2, 3, 4, 5, 6, 7]
    assert "1 malformed lines are left out (not 9 fields): 5" in caplog.text


def test_a_folder_becomes_a_table(tmp_path: Path) -> None:
    frame = read_class_folders(pictures(tmp_path, "Joy/a.jpg", "fear/deep/b.png", "c.png")).frame
    assert dict(zip(frame["image"], frame["label"], strict=True)) == {
        "Joy/a.jpg": "joy", "fear/deep/b.png": "fear", "c.png": "",
    }  # fmt: skip


def test_folders_of_parts_become_a_table_with_their_split(tmp_path: Path) -> None:
    files = [
        f"{part}/{label}/{number}.png" for part in ("train", "test") for label in ("joy", "fear") for number in "12"
    ]
    frame = read_class_folders(pictures(tmp_path, *files)).frame
    assert [name.split("/")[0] for name in frame["image"]] == frame["split"].tolist()
    assert set(frame["label"]) == {"joy", "fear"}


@pytest.mark.parametrize("ending", ["csv", "tsv", "parquet"])
def test_an_import_is_a_table_that_training_reads(tmp_path: Path, ending: str) -> None:
    source = tmp_path / "source"
    path = abstract(pictures(source, "abstract_0001.jpg") / "a.csv", "'abstract_0001.jpg',0,1,2,3,4,5,6,7")
    out = tmp_path / "tables" / f"abstract.{ending}"
    write_import(read_abstract(path, None), out)
    table = read_table(out, votes="votes:*")
    assert table.labels == tuple(sorted(name.casefold() for name in MIKELS))
    assert table.votes.tolist() == [[0, 1, 2, 3, 4, 5, 6, 7]]
    assert Path(table.image[0]).samefile(source / "abstract_0001.jpg")


def test_a_name_without_a_tables_ending_is_told_as_it_was_given(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, out = pictures(tmp_path / "art", "joy/1.png"), tmp_path / "studio"
    assert main(["data", "import", "folder", str(source), "--out", str(out)]) == 2
    assert f"where: {out}\n  fix: {out}.csv\n" in capsys.readouterr().err


def test_missing_pictures_are_counted_named_and_listed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = abstract(tmp_path / "a.csv", *(f"'abstract_{n:04}.jpg',1,0,0,0,0,0,0,0" for n in range(15)))
    art, out = pictures(tmp_path / "art", "abstract_0003.jpg"), tmp_path / "out.csv"
    assert main(["data", "import", "abstract", str(path), str(art), "--out", str(out)]) == 0
    told = capsys.readouterr().out
    assert "out.csv: 1 artworks; votes: amusement 1" in told
    assert f"14 pictures are not in {art}: abstract_0000.jpg" in told
    assert "and 4 more" in told
    assert len((tmp_path / "out.csv.missing.txt").read_text().splitlines()) == 14
    assert f"python train.py data=table data.path={out} 'data.votes=votes:*' labels=mikels8" in told


def test_an_import_writes_over_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = abstract(tmp_path / "a b.csv", "'abstract_0001.jpg',1,0,0,0,0,0,0,0", "'abstract_0002.jpg',1,0,0,0,0,0,0,0")
    art, before = pictures(tmp_path / "art", "abstract_0001.jpg"), path.read_bytes()
    asked = ["data", "import", "abstract", str(path), str(art), "--out"]
    assert main([*asked, str(path)]) == 2
    assert "no file is overwritten" in capsys.readouterr().err
    assert path.read_bytes() == before
    (tmp_path / "c d.csv.missing.txt").write_text("mine")
    assert main([*asked, str(tmp_path / "c d.csv")]) == 2
    assert (tmp_path / "c d.csv.missing.txt").read_text() == "mine"
    assert not (tmp_path / "c d.csv").exists()


def test_the_printed_commands_can_be_pasted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "my art"
    for number in range(40):
        picture = np.random.default_rng(number).integers(0, 256, (8, 8, 3), dtype=np.uint8)
        path = folder / "pictures" / ("joy", "fear")[number % 2] / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(picture).save(path)
    assert main(["data", "import", "folder", str(folder / "pictures"), "--out", str(folder / "table.csv")]) == 0
    to_check, to_train = (line.partition(":")[2] for line in capsys.readouterr().out.splitlines()[-2:])
    assert main([*shlex.split(to_check)[1:], f"cache={tmp_path / 'cache'}"]) == 0
    source = compose(shlex.split(to_train)[2:]).config.data
    assert source.path == str(folder / "table.csv")


def test_annotations_without_pictures_name_the_folder_that_was_tried(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = abstract(tmp_path / "a.csv", "'abstract_0001.jpg',1,0,0,0,0,0,0,0")
    pictures(tmp_path, "art/abstract_0001.jpg")
    out = tmp_path / "out.csv"
    assert main(["data", "import", "abstract", str(path), "--out", str(out)]) == 2
    told = capsys.readouterr().err
    assert "None of the 1 pictures is there." in told
    assert f"where: {tmp_path}: abstract_0001.jpg" in told
    assert f"did you mean: {tmp_path / 'art'}" in told
    assert not out.exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["abstract", "a.csv", "--out", "t.xlsx"], "A table ends in .csv, .tsv or .parquet."),
        (["abstract", "b.csv", "--out", "t.csv"], "There is no such table."),
        (["abstract", "art", "--out", "t.csv"], "This is a folder, not a table."),
        (["abstract", "a.csv", "arts", "--out", "t.csv"], "There is no such folder of pictures."),
        (["artphoto", "art", "more", "--out", "t.csv"], "artphoto takes one folder as SOURCE."),
    ],
)
def test_what_cannot_be_imported(
    words: list[str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(pictures(tmp_path, "abstract_0001.jpg", "art/sad_1.jpg"))
    abstract(tmp_path / "a.csv", "'abstract_0001.jpg',1,0,0,0,0,0,0,0")
    assert main(["data", "import", *words]) == 2
    assert message in capsys.readouterr().err


SPELT = {
    "wikiart_emotions": set(EMOTIONS),
    "artemis": {*ARTEMIS_EMOTIONS, "something else"},
    "mikels8": {*map(str.casefold, MIKELS), "contentment", "sadness"},
}


@pytest.mark.parametrize("name", [*SPELT, "artemis_polarity", "mikels8_polarity"])
def test_a_shipped_grouping_names_every_label_once(name: str) -> None:
    assert name in group_options()["labels"]
    classes = yaml.safe_load((CONF / f"labels/{name}.yaml").read_text())["classes"]
    named = [label for labels in classes.values() for label in labels]
    assert sorted(named) == sorted(SPELT[name.removesuffix("_polarity")])
    study = ["negative", "neutral", "stirred", "positive"]
    assert set(classes) <= ({"negative", "neither", "positive"} if "polarity" in name else set(study))
