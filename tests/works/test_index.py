import os
from pathlib import Path

import numpy as np
import pytest

from emotionart.errors import UserError
from emotionart.works.index import Entries, Index, join, stamps

LONG_AGO = 1_600_000_000


def drawn(count: int) -> Entries:
    generator = np.random.default_rng(count)
    id = np.array([f"{number:032x}" for number in range(count)], dtype=object)
    return Entries(id, generator.random((count, 3), dtype=np.float32), generator.random((count, 2)))


def write(path: Path, content: bytes = b"picture") -> str:
    path.write_bytes(content)
    os.utime(path, (LONG_AGO, LONG_AGO))
    return str(path)


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    (tmp_path / "pictures").mkdir()
    return [write(tmp_path / "pictures" / f"{number}.png") for number in range(4)]


@pytest.fixture
def index(files: list[str], tmp_path: Path) -> Index:
    """An index of the first three files."""
    Index.open(tmp_path / "index").add(files[:3], stamps(files[:3]), drawn(3))
    return Index.open(tmp_path / "index")


def test_what_was_added_is_found_and_read(index: Index, files: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    order = [files[2], files[3], files[0]]
    row = index.find(order, stamps(order))
    assert row.tolist() == [2, -1, 0]
    for rows in (np.array([2, 0]), np.arange(3)):
        for read, expected in zip(index.read(rows), drawn(3).take(rows), strict=True):
            assert np.array_equal(read, expected)
    monkeypatch.chdir(Path(files[0]).parent)
    assert index.find(["1.png"], stamps(["1.png"])).tolist() == [1], "a relative path is that of the same file"


def test_a_changed_file_is_unknown_even_with_its_length_and_time(index: Index, files: list[str]) -> None:
    write(Path(files[0]), b"another")  # as long, and with the same time of modification
    Path(files[1]).unlink()
    Path(files[2]).write_bytes(b"longer than before")
    assert index.find(files, stamps(files)).tolist() == [-1] * 4


def test_a_file_modified_moments_ago_is_read_again(files: list[str], tmp_path: Path) -> None:
    os.utime(files[1])
    index = Index.open(tmp_path / "index")
    index.add(files, stamps(files), drawn(4))
    assert Index.open(tmp_path / "index").find(files, stamps(files)).tolist() == [0, -1, 1, 2]


def test_files_of_several_searches_are_kept_until_they_are_gone(index: Index, files: list[str], tmp_path: Path) -> None:
    far = write(tmp_path / ("far" * 50))
    Path(files[1]).unlink()
    index.add([far], stamps([far]), drawn(1))
    index = Index.open(index.folder)
    assert [Path(os.fsdecode(path)).name for path in index.rows["path"]] == ["0.png", "2.png", "far" * 50]
    both = [files[2], far]
    expected = join([drawn(3).take(np.array([2])), drawn(1)])
    assert np.array_equal(index.read(index.find(both, stamps(both))).features, expected.features)
    assert len(index.damaged()) == 0


def test_damage_is_noticed(index: Index) -> None:
    file = index.folder / "works.npy"
    content = bytearray(file.read_bytes())
    place = bytes(content).index(drawn(3).features[1].tobytes())
    content[place] ^= 1
    file.write_bytes(content)
    assert Index.open(index.folder).damaged().tolist() == [1]
    for broken in (content[:-5], content[:20], b"", b"no array at all"):
        file.write_bytes(broken)
        with pytest.raises(UserError, match="damaged"):
            Index.open(index.folder)
    np.save(file, np.zeros(3))
    with pytest.raises(UserError, match="no index"):
        Index.open(index.folder)


def test_an_index_that_cannot_be_written_stays(unprivileged: Path, caplog: pytest.LogCaptureFixture) -> None:
    file = write(unprivileged / "a.png")
    (unprivileged / "works").mkdir(mode=0o500)
    Index.open(unprivileged / "works" / "one").add([file], stamps([file]), drawn(1))
    assert "cannot be written" in caplog.text


def test_a_file_that_may_not_be_read_has_no_stamp(unprivileged: Path) -> None:
    file = write(unprivileged / "a.png")
    assert (stamps([file]) != -1).all()
    Path(file).chmod(0)
    assert (stamps([file, f"{file}x"]) == -1).all()


def test_parts_without_pictures_have_no_number_of_features() -> None:
    none = join([])
    assert join([none, drawn(2), none]).features.shape == (2, 3)


def test_what_another_search_has_added_meanwhile_is_kept(files: list[str], tmp_path: Path) -> None:
    first, second = Index.open(tmp_path / "index"), Index.open(tmp_path / "index")
    first.add(files[:2], stamps(files[:2]), drawn(2))
    second.add(files[1:], stamps(files[1:]), drawn(3))
    index = Index.open(tmp_path / "index")
    assert index.find(files, stamps(files)).tolist() == [0, 1, 2, 3]
    assert np.array_equal(index.read(np.array([1])).features, drawn(3).features[:1]), "the later one's, once"
