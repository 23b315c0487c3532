"""Parquet, JSON and workbooks as users bring them."""

import json
import sys
import zipfile
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet
import pytest

from emotionart.data.tables.cells import read_cells
from emotionart.data.tables.layouts.reading import read_table
from emotionart.errors import UserError
from tests.data.tables.cases import COUNT, LABELS, NAMES, ROWS, plain


def test_json_lines_and_json_are_read(art: Path) -> None:
    rows = [dict(zip(["file_name", "label"], row, strict=True)) for row in ROWS]
    (art / "lines.jsonl").write_text("\n".join(map(json.dumps, rows)))
    (art / "list.json").write_text(json.dumps(rows))
    assert plain(read_table(art / "lines.jsonl", image="file_name"))
    assert plain(read_table(art / "list.json", image="file_name"))
    (art / "bad.jsonl").write_text("{'a': 1}")
    with pytest.raises(UserError, match="This is not JSON"):
        read_table(art / "bad.jsonl")


def test_of_the_columns_of_an_object_the_name_is_proposed_before_the_number(art: Path) -> None:
    rows = [{"image": name, "label": {"id": LABELS.index(one), "name": one}} for name, one in ROWS]
    (art / "objects.json").write_text(json.dumps(rows))
    with pytest.raises(UserError, match="no column 'label'") as caught:
        read_table(art / "objects.json")
    assert caught.value.fix == "data.label=label.name"
    assert plain(read_table(art / "objects.json", label="label.name"))


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


def _json_forms() -> list[object]:
    records = [{"image": name, "label": one} for name, one in ROWS]
    frame = pd.DataFrame(records)
    return [
        {"version": 1, "data": records},
        *(json.loads(frame.to_json(orient=form)) for form in ("columns", "split", "table")),
        frame.to_dict(orient="list"),
        dict(ROWS),
        {name: {"label": one} for name, one in ROWS},
        [{"image": {"path": name}, "label": one} for name, one in ROWS],
    ]


@pytest.mark.parametrize("content", _json_forms())
def test_json_is_read_in_the_forms_that_programs_write(art: Path, content: object) -> None:
    (art / "form.json").write_text(json.dumps(content))
    assert plain(read_table(art / "form.json"))


def test_objects_in_json_are_columns_and_what_is_no_table_is_outlined(art: Path) -> None:
    rows = [{"image": name, "meta": {"emotion": {"name": one}, "artist": "Ann"}} for name, one in ROWS]
    (art / "nested.json").write_text(json.dumps(rows))
    with pytest.raises(UserError) as caught:
        read_table(art / "nested.json")
    assert caught.value.fix == "data.label=meta.emotion.name"
    assert plain(read_table(art / "nested.json", label="meta.emotion.name", group="meta.artist"))
    (art / "coco.json").write_text(json.dumps({"images": [{"id": 1}], "annotations": [{"id": 1}]}))
    with pytest.raises(UserError, match="not an object of 'images', 'annotations'"):
        read_table(art / "coco.json")
    (art / "broken.jsonl").write_text('{"image": "a"}\n{"image"')
    with pytest.raises(UserError) as caught:
        read_table(art / "broken.jsonl")
    assert caught.value.where.endswith("line 2")
    (art / "json.txt").write_text(json.dumps(rows))
    with pytest.raises(UserError, match="looks like JSON") as caught:
        read_table(art / "json.txt")
    assert caught.value.fix == f"mv {art}/json.txt {art}/json.json"


def test_class_names_of_a_schema_reach_into_lists_and_stand_for_every_number(art: Path) -> None:
    def parquet(numbers: list[object], feature: object) -> Path:
        frame = pa.table({"image": NAMES, "label": numbers})
        features = {"info": {"features": {"label": feature}}}
        pyarrow.parquet.write_table(
            frame.replace_schema_metadata({"huggingface": json.dumps(features)}), art / "s.parquet"
        )
        return art / "s.parquet"

    named = {"names": list(LABELS), "_type": "ClassLabel"}
    lists = [[number % 3, 2] for number in range(COUNT)]
    path = parquet(lists, {"feature": named, "_type": "Sequence"})
    assert read_table(path, label_separator=",").labels == ("calm", "joy", "sadness")
    table = read_table(parquet([number % 4 - 1 for number in range(COUNT)], named))
    assert table.labels == ("calm", "joy", "sadness")
    assert (table.votes.sum(axis=1) == 0).sum() == 15
    with pytest.raises(UserError, match="holds 3, but the file names 3 classes"):
        read_table(parquet([number % 4 for number in range(COUNT)], named))


def test_a_class_that_is_missing_is_no_label(art: Path) -> None:
    numbers = [None if number == 0 else number % 3 for number in range(COUNT)]
    frame = pa.table({"image": NAMES, "label": pa.array(numbers, pa.int64())})
    features = {"info": {"features": {"label": {"names": list(LABELS), "_type": "ClassLabel"}}}}
    pyarrow.parquet.write_table(
        frame.replace_schema_metadata({"huggingface": json.dumps(features)}), art / "null.parquet"
    )
    table = read_table(art / "null.parquet")
    assert set(table.labels) == set(LABELS)
    assert table.votes.sum(axis=1).tolist() == [0] + [1] * (COUNT - 1)


@pytest.mark.parametrize("content", ["{}", "[{}]", "[]"])
def test_json_without_rows_is_empty(art: Path, content: str) -> None:
    (art / "empty.json").write_text(content)
    with pytest.raises(UserError, match="This table is empty"):
        read_table(art / "empty.json")


def test_a_workbook_that_cannot_be_read_is_told_with_the_way_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    book, old, none = tmp_path / "art.xlsx", tmp_path / "old.xls", tmp_path / "none.xls"
    with zipfile.ZipFile(book, "w") as file:
        file.writestr("xl/workbook.xml", "")
    old.write_bytes(bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600))
    none.write_text("image,label\n")
    for path, package in ((book, "openpyxl"), (old, "xlrd")):
        monkeypatch.setitem(sys.modules, package, None)  # as if it were not installed
        with pytest.raises(UserError, match=f"needs the package {package}, which is not installed\\.") as caught:
            read_table(path)
        assert caught.value.fix is not None
        assert caught.value.fix.startswith(f"pip install {package} ")
    with pytest.raises(
        UserError, match=r"This is not a workbook, in spite of its ending, or a damaged one\."
    ) as caught:
        read_table(none)
    assert "save it as CSV" in str(caught.value.fix)


def test_a_comma_too_many_is_told_where_it_stands(tmp_path: Path) -> None:
    (tmp_path / "comma.json").write_text('[\n{"image": "1.jpg", "label": "joy"},\n]')
    with pytest.raises(UserError, match="This is not JSON") as caught:
        read_table(tmp_path / "comma.json")
    assert str(caught.value.where).endswith("line 3") or str(caught.value.where).endswith("line 2")


def test_text_as_bytes_is_text(art: Path) -> None:
    frame = pd.DataFrame({"image": [name.encode() for name in NAMES], "label": [one.encode() for _, one in ROWS]})
    frame.to_parquet(art / "bytes.parquet")
    assert plain(read_table(art / "bytes.parquet"))


def test_large_numbers_beside_missing_ones_stay_whole(art: Path) -> None:
    first = 12_345_678_901_234_567
    rows = [{"image": name, "label": one, "id": first + i} for i, (name, one) in enumerate(ROWS)]
    rows[3] = {"image": NAMES[3], "label": "joy"}
    (art / "numbers.json").write_text(json.dumps(rows))
    assert read_cells(art / "numbers.json")["id"].tolist()[2:5] == [str(first + 2), "", str(first + 4)]


def test_a_key_with_two_values_is_told(art: Path) -> None:
    pairs = ", ".join(f'"{name}": "{one}"' for name, one in ROWS)
    (art / "twice.json").write_text(f'{{{pairs}, "{NAMES[0]}": "fear"}}')
    with pytest.raises(UserError, match=f"the key '{NAMES[0]}' with two values"):
        read_table(art / "twice.json")
    (art / "same.json").write_text(f'{{{pairs}, "{NAMES[0]}": "{ROWS[0][1]}"}}')
    assert plain(read_table(art / "same.json"))


def test_names_of_columns_are_not_given_to_records(art: Path) -> None:
    pd.DataFrame(ROWS, columns=["image", "label"]).to_parquet(art / "named.parquet")
    with pytest.raises(UserError, match="have names of their own"):
        read_table(art / "named.parquet", columns=["a", "b"])
