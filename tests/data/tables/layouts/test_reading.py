"""Tables as users bring them: each case stands for a kind."""

import json
import logging
import unicodedata
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet
import pytest

from emotionart.data.tables.labels import Grouping, tied
from emotionart.data.tables.layouts.folder import pictures_in
from emotionart.data.tables.layouts.reading import read_table
from emotionart.data.tables.measurement import Quantiles
from emotionart.errors import UserError
from tests.data.tables.cases import COUNT, LABELS, label, picture, pictures, write


@pytest.fixture(scope="module")
def art(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("art")
    pictures(folder)
    return folder


NAMES = [f"img/{number:03d}.jpg" for number in range(COUNT)]
ROWS = [(name, label(number)) for number, name in enumerate(NAMES)]


def plain(table) -> bool:
    """Whether a table holds the sixty pictures with their labels."""
    found = [table.labels[place] for place in table.votes.argmax(axis=1)]
    return found == [label(number) for number in range(COUNT)] and all(Path(image).is_file() for image in table.image)


def test_line_ends_of_old_machines_are_read(art: Path) -> None:
    assert plain(read_table(write(art / "cr.csv", ["image", "label"], ROWS, lineterminator="\r")))


def test_a_rare_separator_is_named_and_read_when_it_is_given(art: Path) -> None:
    path = write(art / "pipe.csv", ["image", "label"], ROWS, delimiter="|")
    with pytest.raises(UserError, match=r"separated by '\|'") as caught:
        read_table(path)
    assert caught.value.fix == "'data.separator=\"|\"'"
    assert plain(read_table(path, separator="|"))


def test_a_table_without_names_of_columns_is_told_and_read_with_them(art: Path) -> None:
    path = write(art / "bare.csv", None, ROWS)
    with pytest.raises(UserError, match="The first line looks like data") as caught:
        read_table(path)
    assert caught.value.fix == "'data.columns=[image,label]'"
    assert plain(read_table(path, columns=["image", "label"]))


@pytest.mark.parametrize("header", [["image", "label"], ["image", "label", ""]])
def test_a_comma_at_the_end_of_lines_is_nobodys_mistake(
    art: Path, header: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    assert plain(read_table(write(art / "comma.csv", header, [(*row, "") for row in ROWS])))
    assert "malformed" not in caplog.text


def test_json_lines_and_json_are_read(art: Path) -> None:
    rows = [dict(zip(["file_name", "label"], row, strict=True)) for row in ROWS]
    (art / "lines.jsonl").write_text("\n".join(map(json.dumps, rows)))
    (art / "list.json").write_text(json.dumps(rows))
    assert plain(read_table(art / "lines.jsonl", image="file_name"))
    assert plain(read_table(art / "list.json", image="file_name"))
    (art / "bad.jsonl").write_text("{'a': 1}")
    with pytest.raises(UserError, match="This is not JSON"):
        read_table(art / "bad.jsonl")


def test_pictures_inside_a_parquet_file_become_files_and_numbers_become_class_names(art: Path, tmp_path: Path) -> None:
    inside = [{"bytes": (art / name).read_bytes(), "path": None} for name in NAMES]
    frame = pa.table({"image": inside, "label": [number % 3 for number in range(COUNT)]})
    features = {"info": {"features": {"label": {"names": list(LABELS), "_type": "ClassLabel"}}}}
    frame = frame.replace_schema_metadata({"huggingface": json.dumps(features)})
    pyarrow.parquet.write_table(frame, art / "inside.parquet")
    table = read_table(art / "inside.parquet", tmp_path / "embedded")
    assert plain(table)
    assert [Path(image).read_bytes() for image in table.image] == [cell["bytes"] for cell in inside]


def test_index_columns_of_parquet_are_columns(art: Path) -> None:
    pd.DataFrame(ROWS, columns=["image", "label"]).set_index("image").to_parquet(art / "index.parquet")
    assert plain(read_table(art / "index.parquet"))


def test_a_workbook_without_its_reader_says_how_to_save_it(art: Path) -> None:
    (art / "book.xlsx").write_bytes(b"PK\x03\x04")
    with pytest.raises(UserError) as caught:
        read_table(art / "book.xlsx")
    assert "workbook" in str(caught.value)


@pytest.mark.parametrize(
    ("cells", "separator"),
    [
        (["joy;love", "sadness", "joy;calm"], ";"),
        (["joy|love", "sadness", "joy|calm"], "|"),
        (["['joy', 'love']", "['sadness']", "['joy', 'calm']"], ","),
        (["joy, love", "love", "joy, calm, sadness", "calm, sadness"], ","),
    ],
)
def test_several_labels_in_a_cell_are_refused_with_two_ways_out(art: Path, cells: list[str], separator: str) -> None:
    path = write(art / "lists.csv", ["image", "label"], [(n, cells[i % len(cells)]) for i, n in enumerate(NAMES)])
    with pytest.raises(UserError, match="holds several labels in a cell") as caught:
        read_table(path)
    assert caught.value.fix.count(f"'data.label_separator=\"{separator}\"'") == 2
    table = read_table(path, label_separator=separator)
    assert set(table.labels) == {"joy", "love", "calm", "sadness"}
    assert table.annotation == "flags"
    first = {name: votes for name, votes in zip(table.labels, table.votes[0], strict=True) if votes}
    assert first == {"joy": 1, "love": 1}
    assert read_table(path, label_separator=separator, several_labels="first").votes.sum(axis=1).tolist() == [1] * 60


def test_lists_of_parquet_are_lists(art: Path) -> None:
    frame = pd.DataFrame({"image": NAMES, "emotions": [["joy", "love"], ["calm"]] * 30})
    frame.to_parquet(art / "lists.parquet")
    with pytest.raises(UserError, match="several labels in a cell"):
        read_table(art / "lists.parquet", label="emotions")
    assert read_table(art / "lists.parquet", label="emotions", label_separator=",").labels == ("calm", "joy", "love")


def test_a_sentence_with_a_comma_is_one_label(art: Path) -> None:
    cells = ["calm", "awe, mixed with fear"]
    path = write(art / "comma_label.csv", ["image", "label"], [(n, cells[i % 2]) for i, n in enumerate(NAMES)])
    assert read_table(path).labels == ("awe, mixed with fear", "calm")


def test_a_measurement_is_told_and_cut_at_the_quantiles_of_training(art: Path) -> None:
    values = [round(1 + 6 * ((37 * n) % 60) / 59, 2) for n in range(COUNT)]
    path = write(art / "valence.csv", ["image", "valence"], list(zip(NAMES, values, strict=True)))
    table = read_table(path, label="valence")
    with pytest.raises(UserError, match="60 different numbers from 1 to 7 on 60 artworks") as caught:
        Grouping(None, "error", "votes").group(table)
    assert "labels=quantiles labels.bins=3" in caught.value.fix
    classes, histogram = Quantiles(3, None, "votes").group(table)
    assert len(classes) == 3
    assert histogram.sum(axis=0).tolist() == [20, 20, 20]
    training = np.array(values) < 4
    _, histogram = Quantiles(3, None, "votes").group(table, training)
    assert histogram[training].sum(axis=0).tolist() == [10, 10, 10]
    _, histogram = Quantiles(3, [3, 5], "votes").group(table)
    np.testing.assert_array_equal(histogram.argmax(axis=1), np.digitize(values, [3, 5]))


def test_ratings_are_labels_and_a_column_of_names_is_neither(art: Path) -> None:
    ratings = write(art / "ratings.csv", ["image", "label"], [(n, 1 + i % 7) for i, n in enumerate(NAMES)])
    assert read_table(ratings).labels == tuple("1234567")
    assert Grouping(None, "error", "votes", ordered=True).group(read_table(ratings))[0] == tuple("1234567")
    titles = write(art / "titles.csv", ["image", "label"], [(n, f"Work {i}") for i, n in enumerate(NAMES)])
    with pytest.raises(UserError, match="60 different labels in 60 rows: it names no classes"):
        read_table(titles)


@pytest.mark.parametrize(
    ("columns", "rows", "annotation"),
    [
        (("joy", "calm"), [("True", "False"), ("False", "True")], "flags"),
        (("joy", "calm"), [(1, 1), (0, 1)], "flags"),
        (("joy", "calm"), [(0.3, 0.4), (0, 0.5)], "shares"),
        (("joy", "calm"), [(30, 70), (60, 40)], "shares"),
        (("joy", "calm"), [(3, 1), (2, 4)], "votes"),
    ],
)
def test_who_counted_is_judged_by_the_numbers(art: Path, columns, rows, annotation: str) -> None:
    table = [(name, *rows[number % 2]) for number, name in enumerate(NAMES)]
    path = write(art / "numbers.csv", ["image", *columns], table)
    assert read_table(path, votes=list(columns)).annotation == annotation
    assert read_table(path, votes=list(columns), annotation="shares").annotation == "shares"


def test_one_hot_rows_of_several_workers_are_votes(art: Path) -> None:
    rows = [(name, number % 2, 1 - number % 2) for number, name in enumerate(NAMES)] * 2
    table = read_table(write(art / "workers.csv", ["image", "joy", "calm"], rows), votes=["joy", "calm"])
    assert table.annotation == "votes"
    assert table.votes.sum(axis=1).tolist() == [2] * COUNT


def test_weights_are_kept_as_shares_and_counts_as_votes(art: Path) -> None:
    shares = [(name, one, share) for name in NAMES for one, share in zip(LABELS, (0.6, 0.3, 0.1), strict=True)]
    table = read_table(write(art / "share.csv", ["image", "label", "share"], shares), rows="votes", weight="share")
    assert table.annotation == "shares"
    assert dict(zip(table.labels, table.votes[0].round(6).tolist(), strict=True)) == pytest.approx(
        {"joy": 0.6, "sadness": 0.3, "calm": 0.1}
    )
    counts = [(name, one, round(10 * share) + 1) for name, one, share in shares]
    table = read_table(write(art / "count.csv", ["image", "label", "n"], counts), rows="votes", weight="n")
    assert table.annotation == "votes"
    assert table.votes[0].sum() == 13


def test_ties_are_counted() -> None:
    votes = np.array([[2, 2, 0], [1, 0, 0], [0, 0, 0], [1, 1, 1]], dtype=np.float32)
    assert tied(votes).tolist() == [True, False, False, True]


def test_flags_of_a_table_without_a_label_column_are_found(art: Path) -> None:
    rows = [(name, *[str(label(n) == one) for one in LABELS]) for n, name in enumerate(NAMES)]
    with pytest.raises(UserError, match="no column 'label'") as caught:
        read_table(write(art / "flags.csv", ["image", *LABELS], rows))
    assert caught.value.fix == "'data.votes=[joy,sadness,calm]'"


def test_names_without_ending_are_found_and_the_message_shows_how(art: Path) -> None:
    path = write(art / "ids.csv", ["id", "emotion"], [(name[4:-4], one) for name, one in ROWS])
    with pytest.raises(UserError) as caught:
        read_table(path)
    assert "data.image=id data.root=img data.extension=.jpg data.label=emotion" in str(caught.value)
    assert plain(read_table(path, image="id", label="emotion", root="img", extension=".jpg"))
    with pytest.raises(UserError) as caught:
        read_table(path, image="id", label="emotion")
    assert caught.value.fix == "data.root=img data.extension=.jpg"


def test_back_slashes_and_other_cases_are_understood(art: Path, caplog: pytest.LogCaptureFixture) -> None:
    rows = [(name.replace("/", "\\"), one) for name, one in ROWS]
    with caplog.at_level(logging.INFO):
        assert plain(read_table(write(art / "windows.csv", ["image", "label"], rows)))
        assert plain(read_table(write(art / "upper.csv", ["image", "label"], [(n.upper(), one) for n, one in ROWS])))
    assert "60 paths have back-slashes" in caplog.text
    assert "60 names differ from their files in case or Unicode form" in caplog.text


def test_names_in_another_unicode_form_are_found(tmp_path: Path) -> None:
    names = [f"Dürer_{number}.jpg" for number in range(4)]
    for number, name in enumerate(names):
        picture(number).save(tmp_path / unicodedata.normalize("NFD", name))
    rows = [(unicodedata.normalize("NFC", name), label(n)) for n, name in enumerate(names)]
    table = read_table(write(tmp_path / "labels.csv", ["image", "label"], rows))
    assert all(Path(image).is_file() for image in table.image)


def test_a_name_in_the_wrong_encoding_is_told(tmp_path: Path) -> None:
    picture(0).save(tmp_path / "Dürer.jpg")
    mangled = "Dürer.jpg".encode().decode("cp1252")
    with pytest.raises(UserError, match="read in the wrong encoding") as caught:
        read_table(write(tmp_path / "labels.csv", ["image", "label"], [(mangled, "joy")]))
    assert caught.value.suggestions == ("Dürer.jpg",)


def test_addresses_are_to_be_downloaded_first(art: Path) -> None:
    rows = [(f"https://pictures.example.org/{name}", one) for name, one in ROWS]
    with pytest.raises(UserError, match="60 of 60 pictures are addresses on the web") as caught:
        read_table(write(art / "urls.csv", ["image", "label"], rows))
    assert "download" in caught.value.fix


def test_missing_pictures_can_be_left_out(art: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = write(art / "away.csv", ["image", "label"], [("away.jpg", "joy"), *ROWS])
    assert plain(read_table(path, on_missing="skip"))
    assert "1 of 61 pictures are not there and are left out" in caplog.text


def test_rows_are_chosen_by_an_expression(art: Path) -> None:
    rows = [(*row, 1800 + n, "yes" if n < 20 else "no") for n, row in enumerate(ROWS)]
    path = write(art / "where.csv", ["image", "label", "year", "is_painting"], rows)
    assert len(read_table(path, where="is_painting == 'yes' and year > 1809")) == 10
    for wrong in ("is_painted == 'yes'", "@x", "image.__class__", "year > 3000"):
        with pytest.raises(UserError):
            read_table(path, where=wrong)


def test_links_to_folders_are_followed_without_loops(art: Path, tmp_path: Path) -> None:
    (tmp_path / "joy").symlink_to(art / "img", target_is_directory=True)
    (tmp_path / "again").mkdir()
    (tmp_path / "again" / "up").symlink_to(tmp_path, target_is_directory=True)
    assert len(pictures_in(tmp_path)) == COUNT
