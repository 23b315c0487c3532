import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from emotionart.cli.main import main


def write(folder: Path) -> Path:
    """Sixty artworks of two classes with votes: dark ones with the tag "night", bright ones; two copies."""
    generator = np.random.default_rng(0)
    lines = ["image,votes:Joy,votes:Love,votes:Fear,tags,artist"]
    for number in range(60):
        dark = number % 2
        pixels = generator.integers(0, 80, (90, 100, 3)) + (0 if dark else 150)
        Image.fromarray(pixels.astype(np.uint8)).save(folder / f"{number}.png")
        votes = "0,1,4" if dark else ("3,2,0" if number % 4 else "2,2,1")
        artist = f"artist {number // 3}" if number < 57 else ""
        lines.append(f"{number}.png,{votes},{'night;oil' if dark else 'oil'},{artist}")
    (folder / "copy.png").write_bytes((folder / "1.png").read_bytes())
    lines += ["copy.png,5,0,0,oil,<b>Ann</b>"]
    (folder / "art.csv").write_text("\n".join(lines) + "\n")
    return folder / "art.csv"


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("art"))


@pytest.fixture(scope="module")
def page(table: Path) -> str:
    mine = {"classes": "{pleasant: [joy, love], fearful: [fear]}"}
    arguments = ["data", "report", str(table), f"labels.classes={mine['classes']}", f"cache={table.parent / 'cache'}"]
    assert main([*arguments, "--out", str(table.parent / "page.html")]) == 0
    return (table.parent / "page.html").read_text()


def test_a_report_of_unlabelled_art_is_one_too_and_writes_over_nothing(
    table: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = table.parent / "unlabelled.html"
    asked = ["data", "report", str(table), "data.label=null", f"cache={table.parent / 'cache'}", "--out", str(out)]
    assert main(asked) == 0
    assert "61 artworks" in capsys.readouterr().out
    out.write_text("mine")
    assert main(asked) == 2
    assert out.read_text() == "mine"


@pytest.mark.parametrize("folder", [".", ".."])
def test_the_page_on_the_folder_that_one_is_in_has_its_name(
    table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str
) -> None:
    home = tmp_path / "art.v2"
    for name in ("joy", "fear"):
        (home / name).mkdir(parents=True)
        (home / name / "1.png").write_bytes((table.parent / f"{len(name)}.png").read_bytes())
    monkeypatch.chdir(home if folder == "." else home / "joy")
    assert main(["data", "report", folder, f"cache={tmp_path / 'cache'}", "data.near_duplicates=null"]) == 0
    assert Path("art.v2-report.html").is_file()


def text(page: str, section: str) -> str:
    found = re.search(rf'<section[^>]* id="{section}">(.*?)</section>', page, re.DOTALL)
    assert found, section
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", found[1]))


def test_near_duplicates_that_were_not_looked_for_are_not_called_absent(table: Path) -> None:
    out = table.parent / "unasked.html"
    asked = ["labels=as_is", "data.near_duplicates=null", f"cache={table.parent / 'cache'}"]
    assert main(["data", "report", str(table), *asked, "--out", str(out)]) == 0
    assert "Near-duplicates were not looked for" in text(out.read_text(), "duplicates")


def test_the_page_tells_of_labels_votes_tags_pictures_artists_and_leaks(page: str) -> None:
    classes = text(page, "classes")
    assert "pleasant 31" in classes
    assert "fearful 30" in classes
    assert "joy 80 , love 90" in classes or "love 90 , joy 80" in classes
    together = text(page, "together")
    assert "joy pleasant" in together
    bins = re.findall(r"([\d.]+) to ([\d.]+) bits", page)
    assert len(bins) == len({begin for begin, _ in bins}) == 12
    votes = text(page, "votes")
    assert re.search(r"\d+\.\d % \( ?\d+\.\d to \d+\.\d", votes)
    assert "for the classes" in votes
    tags = text(page, "tags")
    assert "Commonest: oil 61 , night 30 ." in tags
    assert "fearful" in tags
    looks = text(page, "looks")
    brightness = {name: float(value) for name, value in re.findall(r"(pleasant|fearful) \d+ (0\.\d+)", looks)}
    assert brightness["fearful"] < 0.2 < 0.6 < brightness["pleasant"]
    assert "smallest 100 90" in text(page, "sizes")
    assert "1 of 61 pictures are copies of others, in 1 groups" in text(page, "duplicates")
    assert "looked for: another size or shape, mirroring" in text(page, "duplicates")
    assert "In 1 of the 1 groups the classes differ." in text(page, "duplicates")
    assert "20 artists, 1 of them with one work" in text(page, "artists")
    assert "3 works have no artist" in text(page, "artists")
    leaks = text(page, "leaks")
    assert re.search(r"as a run makes it \d+ 0 0 none", leaks)
    assert int(re.findall(r"by picture, at random (\d+)", leaks)[0]) > 5
    assert "24 of 31" in text(page, "sheets")


def test_the_page_needs_nothing_else_and_escapes_what_it_quotes(page: str) -> None:
    assert not re.findall(r'(?:src|href)="(?!data:|#)[^"]*"', page)
    assert len(re.findall(r'<img src="data:image/jpeg', page)) > 48
    assert "<b>Ann</b>" not in page
    assert "&lt;b&gt;Ann&lt;/b&gt;" in page


def test_the_page_tells_what_training_would_stop_at(table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = table.parent / "art-report.html"
    assert main(["data", "report", str(table), "labels=emotions", f"cache={table.parent / 'cache'}"]) == 0
    assert f"{out}: 61 artworks" in capsys.readouterr().out
    (table.parent / "sad.csv").write_text("image,label\n1.png,sorrow\n2.png,joy\naway.png,joy\n")
    asked = [str(table.parent / "sad.csv"), "labels=emotions", f"cache={table.parent / 'cache'}"]
    assert main(["data", "report", *asked]) == 0
    mistakes = text((table.parent / "sad-report.html").read_text(), "mistakes")
    assert "1 of 3 pictures are not there." in mistakes
    assert "1 label belongs to no class: &#39;sorrow&#39; (1)." in mistakes


def test_a_table_that_cannot_be_read_is_a_mistake(table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (table.parent / "other.csv").write_text("picture,emotion\n1.png,joy\n")
    assert main(["data", "report", str(table.parent / "other.csv"), f"cache={table.parent / 'cache'}"]) == 2
    assert "no column 'image'" in capsys.readouterr().err
