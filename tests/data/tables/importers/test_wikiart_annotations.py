"""WikiArt Emotions' answers of each person: the only ones of its files with people in them."""

import csv
from pathlib import Path
from typing import Literal

import pytest

from emotionart.data.tables.importers.imported import write_import
from emotionart.data.tables.importers.wikiart_annotations import read_wikiart_annotations
from emotionart.data.tables.layouts.reading import read_table
from emotionart.errors import UserError
from tests.data.tables.importers.layouts import pictures

_BLOCKS = {"ImageOnly": [], "TitleOnly": [], "Art (image+title)": ["Is painting", "Face/body", "Rating"]}


def annotations(path: Path, *said: tuple[str, str, str], spelling: str = "{block} {work}: {field}") -> Path:
    """A line for each answer, which is the first of its block of pictures alone; the title and both say "trust"."""
    header = ["Worker ID"]
    for block, more in _BLOCKS.items():
        for work in range(1, 6):
            fields = ["ID", "Emotions", "Other Emotions", *more]
            header += [spelling.format(block=block, work=work, field=field) for field in fields]
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        for worker, answer in enumerate(said):
            cells = {1: answer, 16: ("57b", "trust", ""), 31: ("57b", "trust", "")}
            row = [str(worker), *([""] * (len(header) - 1))]
            for place, words in cells.items():
                row[place : place + 3] = words
            writer.writerow(row)
    return path


_SAID = (
    ("57a", "happiness\nLove", ""),
    ("57a", "love", ""),
    ("57a", "Other", "n"),
    ("57b", "Other", "ol"),
    ("57b", "fear", ""),
)


@pytest.mark.parametrize("spelling", ["{block} {work}: {field}", "{block}_{field}_{work}"])
def test_people_are_counted_for_what_they_saw(tmp_path: Path, spelling: str) -> None:
    path = annotations(tmp_path / "WikiArt-annotations.csv", *_SAID, spelling=spelling)
    seen: tuple[tuple[Literal["ImageOnly", "Art"], dict[str, dict[str, int]]], ...] = (
        ("ImageOnly", {"57a": {"happiness": 1, "love": 2, "neutral": 1, "fear": 0}, "57b": {"fear": 1, "love": 0}}),
        ("Art", {"57b": {"trust": 5}}),
    )
    for block, expected in seen:
        frame = read_wikiart_annotations(path, tmp_path, block).frame.set_index("image")
        for work, votes in expected.items():
            assert {name: frame.loc[f"{work}.jpg", f"votes:{name}"] for name in votes} == votes


def test_works_are_described_where_the_list_of_them_lies_beside(tmp_path: Path) -> None:
    path = annotations(tmp_path / "WikiArt-annotations.csv", *_SAID)
    head = "ID\tStyle\tCategory\tArtist\tTitle\tYear"
    info = f"{head}\n57a\tPop Art\tModern Art, Neo-Dada\tBouguereau &amp; Son\tVenus\t1906\n"
    (tmp_path / "WikiArt-info.tsv").write_text(info)
    imported = read_wikiart_annotations(path, pictures(tmp_path, "57a.jpg", "57b.jpg"), "ImageOnly")
    assert imported.frame["artist"].tolist() == ["Bouguereau & Son", ""]
    assert imported.frame["tags"].tolist() == ["Pop Art;Modern Art;Neo-Dada", ""]
    write_import(imported, tmp_path / "out.csv")
    assert read_table(tmp_path / "out.csv", votes="votes:*").votes.sum() == 5


def test_another_table_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("worker,image,emotion\n1,2,joy\n")
    with pytest.raises(UserError, match="No columns of an ID and its emotions are called ImageOnly"):
        read_wikiart_annotations(tmp_path / "a.csv", None, "ImageOnly")
