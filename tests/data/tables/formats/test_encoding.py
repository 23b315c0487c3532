"""Text in any encoding, malformed lines, and what is no text."""

import logging
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emotionart.data.tables.cells import read_cells
from emotionart.data.tables.formats.encoding import decode_text
from emotionart.data.tables.layouts.reading import read_table
from emotionart.errors import UserError
from tests.data.tables.cases import few_pictures, write_text


@pytest.fixture
def art(tmp_path: Path) -> Path:
    return few_pictures(tmp_path)


def test_text_in_another_encoding_is_shown_as_it_is_read(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    file = tmp_path / "labels.csv"
    file.write_bytes("image,label\na.png,радость\n".encode("cp1251"))
    assert "ðàäîñòü" in decode_text(file)
    assert "is read as Windows-1252: ðàäîñòü" in caplog.text
    assert "iconv -f ENCODING -t UTF-8" in caplog.text
    file.write_bytes("image,label,note\na.png,joy,it\u2019s \u00a35\n".encode("cp1252"))
    assert decode_text(file)
    assert "it is read as Windows-1252: it\u2019s, \u00a35." in caplog.text


def test_text_in_an_encoding_that_is_surely_another_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "labels.csv"
    file.write_bytes(("画像,感情\n" + "絵画一.png,喜び\n絵画二.png,悲しみ\n絵画三.png,怒り\n" * 3).encode("cp932"))
    with pytest.raises(UserError, match="neither UTF-8 nor Windows-1252, but probably cp932") as mistake:
        decode_text(file)
    assert mistake.value.fix == f"iconv -f cp932 -t UTF-8 {file} > {tmp_path}/labels-utf8.csv"
    file.write_bytes("image,label\na.png,caf\u00e9\nb.png,Ango\u00ea \u0153uvre\n".encode("mac_roman") + b"\x81\n")
    with pytest.raises(UserError, match=r"neither UTF-8 nor Windows-1252\.") as mistake:
        decode_text(file)
    assert "iconv -f ENCODING" in str(mistake.value.fix), "names of encodings for Latin letters are mere guesses"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_the_encoding_is_found(art: Path, encoding: str, caplog: pytest.LogCaptureFixture) -> None:
    table = read_table(write_text(art, "image,label\na.png,fröhlich\n", encoding=encoding))
    assert table.labels == ("fröhlich",)
    assert caplog.text.count("Windows-1252") == (encoding == "cp1252")


@pytest.mark.parametrize(
    ("text", "told", "fix"),
    [
        ("\n<!DOCTYPE html><html><body>Sign in</body></html>", "a page of the web", "download the table itself"),
        ("version https://git-lfs.github.com/spec/v1\noid sha256:ab\nsize 12\n", "git's pointer", "git lfs pull"),
    ],
)
def test_a_download_that_is_not_the_table_is_told(art: Path, text: str, told: str, fix: str) -> None:
    with pytest.raises(UserError, match=told) as caught:
        read_table(write_text(art, text))
    assert caught.value.fix.startswith(fix)


def test_malformed_lines_are_named_and_the_rest_is_read(art: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        table = read_table(write_text(art, "image,label\na.png,joy\n,,,,\nb.png,fear\n,,,\n"))
    assert table.labels == ("fear", "joy")
    assert "2 malformed lines are left out (not 2 fields): 3, 5" in caplog.text


@pytest.mark.parametrize(
    ("content", "kind"),
    [(b"PK\x03\x04\x14\0", "an Excel or LibreOffice workbook"), (b"\x89PNG\r\n\x1a\n\0\0\0", "a binary file")],
)
def test_a_file_that_is_no_text_is_told(art: Path, content: bytes, kind: str) -> None:
    (art / "labels.csv").write_bytes(content)
    with pytest.raises(UserError, match=f"This is not a text table but {kind}") as caught:
        read_table(art / "labels.csv")
    assert "save it as CSV" in str(caught.value)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(content=st.binary(max_size=200))
def test_any_bytes_are_a_table_or_a_mistake_that_is_told(art: Path, content: bytes) -> None:
    (art / "t.csv").write_bytes(content)
    try:
        frame = read_cells(art / "t.csv")
    except UserError as error:
        assert str(art) in str(error)
    else:
        assert all(isinstance(cell, str) for cell in frame.to_numpy().ravel())


def test_lines_in_another_encoding_than_most_are_told_and_spoil_no_others(
    art: Path, caplog: pytest.LogCaptureFixture
) -> None:
    lines = ["image,label", "a.png,gaîté", "b.png,dégoût", "c.png,gaîté"]
    (art / "joined.csv").write_bytes(b"\n".join(line.encode("cp1252" if "c.p" in line else "utf-8") for line in lines))
    assert read_table(art / "joined.csv").labels == ("dégoût", "gaîté")
    assert "these lines are not UTF-8, but Windows-1252 as it seems: 4" in caplog.text
