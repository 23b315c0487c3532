import csv
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from emotionart.classifier.evaluation.result import score
from emotionart.cli.main import main
from emotionart.config.compose import compose
from emotionart.config.instantiate import instantiate
from emotionart.data.artworks import Artworks
from emotionart.data.prepare import prepare_artworks
from emotionart.data.source import Source, Table
from emotionart.data.tables.labels import Grouping
from tests.data.pictures.test_copies import natural


def prepare(source: Source, cache: Path) -> Artworks:
    return prepare_artworks(source, Grouping(None, "error", "votes"), 8, cache)


def table(path: Path, **columns: str) -> Table:
    asked = [f"data.{name}={value}" for name, value in columns.items()]
    found: Table = instantiate(
        compose(["data=table", f"data.path={path}", "data.near_duplicates=4", *asked]).config.data
    )
    return found


@pytest.fixture(scope="module")
def art(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Thirty pictures of two classes, and the mirror images of ten under another artist's name."""
    folder = tmp_path_factory.mktemp("art")
    lines = ["image,name,label,artist"]
    for number, picture in enumerate(natural(30)):
        picture.save(folder / f"{number}.png")
        lines.append(f"{number}.png,work {number},{('joy', 'fear')[number % 2]},Artist {number // 2}")
        if number < 10:
            picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT).save(folder / f"{number}m.png")
            lines.append(f"{number}m.png,copy {number},{('joy', 'fear')[number % 2]},another {number}")
    (folder / "table.csv").write_text("\n".join(lines) + "\n")
    return folder


def test_works_without_an_artist_are_told_before_training_as_by_data_check(
    art: Path, caplog: pytest.LogCaptureFixture
) -> None:
    lines = (art / "table.csv").read_text().splitlines()
    some = [line.rpartition(",")[0] + "," if line.startswith(("0.", "1.")) else line for line in lines]
    (art / "some.csv").write_text("\n".join(some) + "\n")
    prepare(table(art / "some.csv", group="artist"), art / "cache")
    told = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert "2 artworks have no group (artist); each counts alone in the split" in told
    caplog.clear()
    prepare(table(art / "table.csv", group="artist"), art / "cache")
    assert "have no group" not in caplog.text


def test_copies_and_the_artists_they_link_stay_together_and_count_as_one(art: Path, tmp_path: Path) -> None:
    artworks = prepare(table(art / "table.csv", group="artist", id="name"), art / "cache")
    unit, part = (dict(zip(artworks.id, values, strict=True)) for values in (artworks.unit, artworks.part))
    for number in range(10):
        together = {f"work {number}", f"copy {number}", f"work {number ^ 1}", f"copy {number ^ 1}"}
        assert len({unit[name] for name in together}) == len({part[name] for name in together}) == 1
    assert len(set(artworks.unit)) == 15
    assert score(artworks, "train", np.eye(2)[artworks.label[artworks.indices("train")]], 0)["groups"] == len(
        set(artworks.unit[artworks.indices("train")])
    )
    artworks.write_split(tmp_path / "split.csv")
    rows = list(csv.DictReader((tmp_path / "split.csv").open()))
    assert {row["id"]: int(row["unit"]) for row in rows} == unit


def test_folds_leave_the_test_part_of_a_given_split_untouched(art: Path) -> None:
    parts = ("train", "validation", "train", "test")
    lines = [f"{number}.png,{('joy', 'fear')[number // 2 % 2]},{parts[number % 4]}" for number in range(28)]
    (art / "given.csv").write_text("\n".join(["image,label,split", *lines]) + "\n")
    tested = []
    for fold in range(3):
        source = replace(table(art / "given.csv", split="split"), folds=3, fold=fold)
        artworks = prepare(source, art / "cache")
        assert len(artworks.id) == 21
        tested += [Path(artworks.image[row]).stem for row in artworks.indices("test")]
    assert sorted(map(int, tested)) == [number for number in range(28) if number % 4 != 3]


def test_artists_are_one_in_any_case_and_with_any_accents(art: Path) -> None:
    lines = [f"{number}.png,{('joy', 'fear')[number % 2]},Artist {number // 2}" for number in range(24)]
    spelled = ["Élise  Roux", "elise roux", "ELISE ROUX", "unknown", "Unknown", "UNKNOWN "]
    lines += [f"{24 + index}.png,joy,{name}" for index, name in enumerate(spelled)]
    (art / "spelled.csv").write_text("\n".join(["image,label,artist", *lines]) + "\n")
    artworks = prepare(table(art / "spelled.csv", group="artist"), art / "cache")
    assert len(set(artworks.unit)) == 12 + 1 + 3
    assert len(set(artworks.part[24:27])) == len(set(artworks.group[24:27])) == 1
    assert artworks.group[27:].tolist() == [""] * 3


def test_labels_that_may_be_no_classes_are_told_once(art: Path, caplog: pytest.LogCaptureFixture) -> None:
    names = ("disagree", "neutral", "agree", "no answer")
    lines = [f"{number}.png,{names[number % 4]}" for number in range(24)]
    (art / "scale.csv").write_text("\n".join(["image,label", *lines]) + "\n")
    prepare(table(art / "scale.csv"), art / "cache")
    assert caplog.text.count("steps of a scale (disagree < neutral < agree)") == 1
    assert caplog.text.count("'no answer' (6) is taken for a label like any other") == 1


def test_the_digest_sees_the_pictures_even_where_a_column_names_the_works(art: Path) -> None:
    artworks = prepare(table(art / "table.csv", id="name"), art / "cache")
    other = artworks.picture.copy()
    other[0] = "0" * 32
    assert replace(artworks, picture=other).digest() != artworks.digest()


def test_a_folder_of_flips_and_turns_is_one_of_twelve_works(cases: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder, cache = cases / "folder_copies", cases / "cache"
    artworks = prepare(
        instantiate(compose(["data=folder", f"data.path={folder}", "data.near_duplicates=4"]).config.data), cache
    )
    units = defaultdict(set)
    for image, unit in zip(artworks.image, artworks.unit, strict=True):
        units[Path(image).stem.partition("_")[0]].add(unit)
    assert sorted(map(len, units.values())) == [1] * 12
    assert len(set(artworks.unit)) == 12
    for command in ("check", "report"):
        out = ["--out", str(cases / "copies.html")] if command == "report" else []
        assert main(["data", command, str(folder), f"cache={cache}", *out]) == 0
    told = "24 of 36 pictures are copies of others, in 12 groups"
    assert told in capsys.readouterr().out
    assert told in (cases / "copies.html").read_text()


def test_an_artist_who_is_spelled_in_three_ways_is_one(cases: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = cases / "artists_differ_in_case.csv"
    artworks = prepare(replace(table(path, group="artist"), split_seed=1), cases / "cache")
    assert len(set(artworks.unit)) == 9
    main(["data", "check", str(path), f"cache={cases / 'cache'}"])
    assert "'Lucas  the Élder' = 'Lucas the Elder' = 'lucas the elder'" in capsys.readouterr().out
