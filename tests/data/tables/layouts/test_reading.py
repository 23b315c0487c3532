"""Tables as users bring them: each case stands for a kind."""

import logging
import unicodedata
from pathlib import Path

import pandas as pd
import pytest

from emotionart.data.tables.layouts.reading import read_table
from emotionart.errors import UserError
from tests.data.tables.cases import COUNT, LABELS, NAMES, ROWS, label, picture, plain, write


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


@pytest.mark.parametrize(
    "others", [("is_portrait", "female"), ("floor", "room"), ("year", "n_annotators"), ("joy_std",)]
)
def test_numbers_that_count_no_votes_are_not_proposed_as_classes(art: Path, others: tuple[str, ...]) -> None:
    rows = [
        (name, *[str(int(label(n) == one)) for one in LABELS], *["1"] * len(others)) for n, name in enumerate(NAMES)
    ]
    with pytest.raises(UserError, match="no column 'label'") as caught:
        read_table(write(art / "flags.csv", ["image", *LABELS, *others], rows))
    assert str(caught.value.fix).startswith("'data.votes=[joy,sadness,calm]'")


def test_columns_of_raters_are_not_proposed_as_classes(art: Path) -> None:
    rows = [(name, "1", "2", "3") for name in NAMES]
    with pytest.raises(UserError, match="no column 'label'") as caught:
        read_table(write(art / "raters.csv", ["image", "rater1", "rater2", "annotator_3"], rows))
    assert caught.value.fix == "data.label=COLUMN"


def test_columns_of_annotators_are_told_where_none_or_one_is_the_label(
    art: Path, caplog: pytest.LogCaptureFixture
) -> None:
    rows = [(name, label(n), label(n + 1), label(n)) for n, name in enumerate(NAMES)]
    path = write(art / "annotators.csv", ["image", "annotator_1", "annotator_2", "annotator_3"], rows)
    with pytest.raises(
        UserError, match="one for each annotator: 'annotator_1', 'annotator_2', 'annotator_3'"
    ) as caught:
        read_table(path)
    assert str(caught.value.fix).endswith("docs/other-layouts.md), then data.rows=votes")
    read_table(path, label="annotator_2")
    assert "those of others are not used: 'annotator_1', 'annotator_3'" in caplog.text
    caplog.clear()
    others = [(name, label(n), f"{label(n)}, more finely {n % 6}") for n, name in enumerate(NAMES)]
    read_table(write(art / "plain.csv", ["image", "label", "label_2"], others))
    assert not caplog.records


def test_numbered_columns_of_numbers_may_be_votes(art: Path) -> None:
    rows = [(name, n % 2, 1 - n % 2) for n, name in enumerate(NAMES)]
    with pytest.raises(UserError) as caught:
        read_table(write(art / "numbered.csv", ["image", "label_1", "label_2"], rows))
    assert str(caught.value.fix).startswith("'data.votes=[label_1,label_2]'")


def test_flags_of_a_table_without_a_label_column_are_found(art: Path) -> None:
    rows = [(name, *[str(label(n) == one) for one in LABELS]) for n, name in enumerate(NAMES)]
    with pytest.raises(UserError, match="no column 'label'") as caught:
        read_table(write(art / "flags.csv", ["image", *LABELS], rows))
    assert caught.value.fix == "'data.votes=[joy,sadness,calm]'   if each of these columns counts the votes for a class"


@pytest.mark.parametrize("code", ["-1", "n/a"])
def test_the_fix_for_votes_with_a_code_for_nothing_drops_no_class(art: Path, code: str) -> None:
    rows = [(name, code if number % 3 else 1, 2, 0) for number, name in enumerate(NAMES)]
    with pytest.raises(UserError) as caught:
        read_table(write(art / "coded.csv", ["image", "joy", "calm", "fear"], rows))
    assert caught.value.fix.startswith(f"an empty cell in place of {code!r} in column 'joy'")
    assert "data.votes=[joy,calm,fear]" in caught.value.fix


def test_names_without_ending_are_found_and_the_message_shows_how(art: Path) -> None:
    path = write(art / "ids.csv", ["id", "emotion"], [(name[4:-4], one) for name, one in ROWS])
    with pytest.raises(UserError) as caught:
        read_table(path)
    assert "data.image=id data.root=img data.extension=.jpg data.label=emotion" in str(caught.value)
    assert plain(read_table(path, image="id", label="emotion", root="img", extension=".jpg"))
    with pytest.raises(UserError) as caught:
        read_table(path, image="id", label="emotion")
    assert caught.value.fix == "data.root=img data.extension=.jpg"


def test_class_numbers_are_not_taken_for_names_of_pictures(tmp_path: Path) -> None:
    path = write(tmp_path / "fer.csv", ["emotion", "pixels"], [(n % 7, "12 " * 50) for n in range(COUNT)])
    for number in range(7):
        (tmp_path / f"{number}.jpg").write_bytes(b"picture")
    with pytest.raises(UserError) as caught:
        read_table(path, label="emotion")
    assert caught.value.fix == "data.image=pixels"


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


@pytest.mark.parametrize("spelt", ["{}", "{}.0", "0{}"])
def test_zeros_and_fractions_that_a_program_made_of_ids_are_understood(
    art: Path, spelt: str, caplog: pytest.LogCaptureFixture
) -> None:
    rows = [(spelt.format(number), label(number)) for number in range(COUNT)]
    with caplog.at_level(logging.INFO):
        assert plain(read_table(write(art / "ids.csv", ["image", "label"], rows), root="img", extension=".jpg"))
    assert "zeros before a number, and were found" in caplog.text


def test_text_in_utf_16_without_its_mark_and_in_utf_32_is_read(art: Path) -> None:
    text = "image\tlabel\n" + "".join(f"{name}\t{one}\n" for name, one in ROWS)
    for encoding in ("utf-16-le", "utf-16-be", "utf-32"):
        (art / "unicode.txt").write_bytes(text.encode(encoding))
        assert plain(read_table(art / "unicode.txt"))


def test_pictures_written_into_cells_are_told_in_a_line(art: Path) -> None:
    rows = [(f"/9j/{index:04d}" + "A" * 5000, one) for index, (_, one) in enumerate(ROWS)]
    with pytest.raises(UserError, match="hold no name of a picture: one has 5,008 characters") as caught:
        read_table(write(art / "base64.csv", ["image", "label"], rows))
    assert len(str(caught.value)) < 400


def test_a_column_without_a_name_is_the_index(art: Path) -> None:
    pd.DataFrame(ROWS, columns=["image", "label"]).set_index("image").rename_axis(None).to_csv(art / "nameless.csv")
    assert plain(read_table(art / "nameless.csv", image="index"))
    with pytest.raises(UserError) as caught:
        read_table(art / "nameless.csv")
    assert caught.value.fix == "data.image=index"


@pytest.mark.parametrize("before", ["sep=;\n", "# made by a program\n# second line\n", "sep=;\r\n"])
def test_lines_before_the_names_of_columns_are_no_rows(art: Path, before: str) -> None:
    table = before + "image;label\n" + "".join(f"{name};{one}\n" for name, one in ROWS)
    (art / "before.csv").write_text(table, newline="")
    assert plain(read_table(art / "before.csv"))
    (art / "before.csv").write_text(table.replace("img/059.jpg;", "img/away.jpg;"), newline="")
    with pytest.raises(UserError) as caught:
        read_table(art / "before.csv")
    assert f"row {61 + before.count(chr(10))}:" in caught.value.where


def test_a_title_above_the_names_of_columns_is_named(art: Path) -> None:
    (art / "title.csv").write_text("My study,,\nimage,label,artist\nimg/000.jpg,joy,Ann\n")
    with pytest.raises(UserError, match="The first line does not name the columns"):
        read_table(art / "title.csv")


@pytest.mark.parametrize(
    ("row", "fix", "words"),
    [
        ("img/{0:03d}.jpg,{1}", "'data.columns=[image,label]'", {"columns": ["image", "label"]}),
        ("{0},img/{0:03d}.jpg,{1}", "'data.columns=[column1,image,label]'", {"columns": ["n", "image", "label"]}),
        ("{1},img/{0:03d}.jpg", "'data.columns=[label,image]'", {"columns": ["label", "image"]}),
        (
            "{0:03d},{1}",
            "'data.columns=[image,label]' data.root=img data.extension=.jpg",
            {"columns": ["image", "label"], "root": "img", "extension": ".jpg"},
        ),
    ],
)
def test_a_table_without_names_of_columns_says_how_to_name_them(art: Path, row: str, fix: str, words: dict) -> None:
    lines = [row.format(number, label(number)) for number in range(COUNT)]
    (art / "bare.csv").write_text("\n".join(lines))
    with pytest.raises(UserError, match="The first line looks like data") as caught:
        read_table(art / "bare.csv")
    assert caught.value.fix == fix
    assert plain(read_table(art / "bare.csv", **words))


def test_columns_that_do_not_fit_the_lines_are_told(art: Path, caplog: pytest.LogCaptureFixture) -> None:
    (art / "three.csv").write_text("\n".join(f"{name},{one},x" for name, one in ROWS))
    with pytest.raises(UserError, match="60 of 60 lines do not have 2 fields") as caught:
        read_table(art / "three.csv", columns=["image", "label"])
    assert caught.value.fix == "'data.columns=[image,label,column3]'"
    path = write(art / "named.csv", ["image", "label"], ROWS)
    with caplog.at_level(logging.INFO):
        assert plain(read_table(path, columns=["image", "label"]))
    assert "line 1 repeats the names of the columns" in caplog.text


def test_a_quote_that_does_not_close_is_named(art: Path) -> None:
    lines = [f"{name},{one},{chr(34) if index == 5 else ''}6 foot" for index, (name, one) in enumerate(ROWS)]
    (art / "quote.csv").write_text("\n".join(["image,label,size", *lines]))
    with pytest.raises(UserError, match="A quote opens here and does not close") as caught:
        read_table(art / "quote.csv")
    assert "row 7:" in caught.value.where
    rows = [(name, one, "two\nlines, with a comma") for name, one in ROWS]
    assert plain(read_table(write(art / "lines.csv", ["image", "label", "note"], rows)))
    rows = [(name, "two\nlines, with a comma") for name in NAMES]
    read_table(write(art / "captions.csv", ["image", "label"], rows), several_labels="one")
    (art / "ends.csv").write_text("\n".join(["image,label,,", *(f"{name},{one},," for name, one in ROWS)]))
    assert plain(read_table(art / "ends.csv"))
    (art / "nothing.csv").write_text("sep=;")
    with pytest.raises(UserError, match="This table is empty"):
        read_table(art / "nothing.csv")


def test_the_fix_for_a_column_with_a_space_can_be_pasted(art: Path) -> None:
    path = write(art / "spaces.csv", ["image path", "emotion label"], ROWS)
    with pytest.raises(UserError) as caught:
        read_table(path)
    assert """fix: 'data.image="image path"'""" in str(caught.value)
    assert """fix: 'data.label="emotion label"'""" in str(caught.value)


def test_commas_in_a_tsv_are_commas(art: Path) -> None:
    assert plain(read_table(write(art / "comma.tsv", ["image", "label"], ROWS)))


def test_titles_come_from_their_only_column_or_the_one_that_is_named(art: Path) -> None:
    def titles(header: list[str], **layout: str) -> set[str]:
        rows = [(*row, *(f"{name} of {number}" for name in header)) for number, row in enumerate(ROWS)]
        table = read_table(write(art / "titles.csv", ["image", "label", *header], rows), **layout)
        assert table.title is not None
        assert plain(table)
        return {title.partition(" ")[0] for title in table.title}

    assert titles(["Name_of_work", "year"]) == {"Name_of_work"}
    assert titles(["title", "Title"]) == {""}, "it could be either"
    assert titles(["title", "Title"], title="Title") == {"Title"}
    assert titles([]) == {""}
    with pytest.raises(UserError, match="no column 'titel'"):
        titles(["title"], title="titel")
