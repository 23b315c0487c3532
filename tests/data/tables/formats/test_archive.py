"""Archives where a table or a folder is meant."""

import gzip
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from emotionart.data.tables.formats.archive import unpack_command
from emotionart.data.tables.layouts.folder import read_folder
from emotionart.data.tables.layouts.reading import read_table
from emotionart.data.tables.table import ArtworkTable
from emotionart.errors import UserError
from tests.data.tables.cases import write_text


@pytest.fixture
def archives(tmp_path: Path) -> Path:
    """A folder with a table, packed in three ways."""
    inside = write_text(tmp_path, "image,label\na.png,joy\n")
    with zipfile.ZipFile(tmp_path / "art.zip", "w") as archive:
        archive.write(inside, inside.name)
    with tarfile.open(tmp_path / "old art.tar.gz", "w:gz") as archive:
        archive.add(inside, inside.name)
    (tmp_path / "new labels.csv.gz").write_bytes(gzip.compress(inside.read_bytes()))
    return tmp_path


@pytest.mark.parametrize("read", [read_table, read_folder])
@pytest.mark.parametrize(
    ("name", "unpacked"),
    [
        ("art.zip", "art/labels.csv"),
        ("old art.tar.gz", "old art/labels.csv"),
        ("new labels.csv.gz", "new labels.csv"),
    ],
)
def test_the_fix_unpacks_it(archives: Path, name: str, unpacked: str, read: Callable[[Path], ArtworkTable]) -> None:
    with pytest.raises(UserError, match=r"not a text table but an archive|a file, not a folder") as caught:
        read(archives / name)
    command = str(caught.value.fix)
    if name == "art.zip":  # not every machine has unzip
        command = command.replace("unzip", f"{sys.executable} -m zipfile -e").replace(" -d ", " ")
    subprocess.run(command, shell=True, check=True)
    assert (archives / unpacked).read_text() == (archives / "labels.csv").read_text()


def test_a_workbook_is_no_archive(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "art.xlsx", "w") as archive:
        archive.writestr("xl/workbook.xml", "")
    assert unpack_command(tmp_path / "art.xlsx") is None
    assert unpack_command(write_text(tmp_path, "image,label\n")) is None


@pytest.mark.parametrize("read", [read_table, read_folder])
@pytest.mark.parametrize(("name", "kept"), [("art.zip", slice(20, None)), ("new labels.csv.gz", slice(0, 15))])
def test_an_incomplete_archive_is_told(
    archives: Path, name: str, kept: slice, read: Callable[[Path], ArtworkTable]
) -> None:
    content = (archives / name).read_bytes()
    (archives / name).write_bytes(content[kept])
    with pytest.raises(UserError, match=r"archive is damaged or incomplete|not a text table|a file, not a folder"):
        read(archives / name)
