"""What processes read, wherever pictures lie; none of it needs Ray."""

import tarfile
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from emotionart.cli.main import main
from emotionart.errors import UserError
from emotionart.predict.parallel.reading import PART, read_contents
from emotionart.predict.parallel.sources import find_sources
from emotionart.predict.pictures import resolve_pictures


@pytest.fixture
def art(tmp_path: Path) -> Path:
    """A folder with two files that are named as pictures, in a folder that is served and packed."""
    folder = tmp_path / "art"
    (folder / "deep").mkdir(parents=True)
    (folder / "a.png").write_bytes(b"first")
    (folder / "deep/b.png").write_bytes(b"second")
    (folder / "notes.txt").write_text("no picture")
    (folder / ".hidden.png").write_bytes(b"no picture")
    return folder


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """Where a server of this machine has the folder."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(SimpleHTTPRequestHandler, directory=str(tmp_path)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def contents(*named: str, column: str = "image") -> dict[str, bytes | str]:
    """The bytes of each picture, or the reason why there are none."""
    tables = [table for reader in find_sources(named, column).readers() for table in reader()]
    assert all(len(table) <= PART for table in tables)
    rows = [row for table in tables for row in read_contents(table).to_pylist()]
    found = {row["image"]: row["reason"] or row["content"] for row in rows}
    assert len(found) == len(rows)
    return found


def test_files_and_addresses_are_read(art: Path, address: str) -> None:
    assert contents(str(art)) == {f"{art}/a.png": b"first", f"{art}/deep/b.png": b"second"}
    assert contents(f"file://{art}") == {f"file://{art}/a.png": b"first", f"file://{art}/deep/b.png": b"second"}
    assert contents(f"file://{art}/*.png", f"file://{art}/a.png") == {f"file://{art}/a.png": b"first"}
    far = {f"{address}/art/a.png": b"first", f"{address}/art/deep/b.png": b"second"}
    assert contents(f"{address}/art/a.png", f"{address}/art/deep/b.png") == far
    listed = list(find_sources([f"{address}/art/a.png"], "image").readers()[0]())
    (art / "a.png").unlink()
    assert read_contents(listed[0])["reason"].to_pylist() == ["not there"]


def test_shards_are_read_here_and_at_addresses(art: Path, address: str) -> None:
    for name, mode in (("0.tar", "w"), ("1.tar.gz", "w:gz")):
        with tarfile.open(art.parent / name, mode) as shard:
            shard.add(art, ".")
    expected = {"/./a.png": b"first", "/./deep/b.png": b"second"}
    for shard in (f"{art.parent}/0.tar", f"{address}/1.tar.gz"):
        assert contents(shard) == {shard + name: content for name, content in expected.items()}
    assert len(contents(f"{art.parent}/*.tar", f"{art.parent}/*.tar.gz")) == 4


def test_tables_are_read_and_their_pictures_named(art: Path) -> None:
    table = art.parent / "0.parquet"
    kept = [{"bytes": b"first", "path": "a.png"}, {"bytes": None, "path": "b.png"}]
    twice = [{"bytes": b"x", "path": "c.png"}, {"bytes": b"y", "path": "c.png"}, {"bytes": b"z", "path": None}]
    pq.write_table(pa.Table.from_pylist([{"image": value} for value in kept + twice]), table)
    expected = {"0": b"first", "1": "no bytes", "2": b"x", "3": b"y", "4": b"z"}
    assert contents(str(table)) == {f"{table}/{name}": value for name, value in expected.items()}
    pq.write_table(pa.Table.from_pylist([{"image": value} for value in kept]), table)
    assert contents(str(table)) == {f"{table}/a.png": b"first", f"{table}/b.png": "no bytes"}
    many = [b"%d" % number for number in range(PART + 1)]
    pq.write_table(pa.table({"picture": many}), table)
    assert list(contents(f"file://{table}", column="picture").values()) == many
    pq.write_table(pa.table({"image": ["art/a.png"]}), table)
    assert contents(str(table)) == {f"{art}/a.png": b"first"}


def test_tables_of_one_pattern_or_folder_may_differ(art: Path) -> None:
    folder = art.parent / "tables.parquet"
    folder.mkdir()
    pq.write_table(pa.table({"image": ["../art/a.png"]}), folder / "0.parquet")
    pq.write_table(pa.table({"image": [b"x"]}), folder / "1.parquet")
    expected = {f"{folder}/../art/a.png": b"first", f"{folder}/1.parquet/0": b"x"}
    assert contents(f"{folder}/*.parquet") == expected
    assert contents(f"{folder}/") == contents(str(folder)) == expected
    (folder / "0.parquet").unlink()
    assert contents(f"file://{folder}") == {f"file://{folder}/1.parquet/0": b"x"}


def test_a_file_counts_once_however_it_is_named(art: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with tarfile.open(art.parent / "0.tar", "w") as shard:
        shard.add(art / "a.png", "a.png")
    monkeypatch.chdir(art.parent)
    assert contents("0.tar", "./0.tar", f"{art.parent}/0.tar") == {"0.tar/a.png": b"first"}
    assert contents("art/a.png", "./art/a.png", f"{art}/a.png") == {"art/a.png": b"first"}


def test_addresses_may_have_signs_of_patterns(art: Path, address: str) -> None:
    (art / "c[1].png").write_bytes(b"third")
    for named in (f"file://{art}/c[1].png", f"{address}/art/a.png?X-Amz-Signature=0"):
        assert list(contents(named)) == [named]


def test_links_in_a_shard_are_reported(art: Path) -> None:
    shard = art.parent / "0.tar"
    (art / "c.png").hardlink_to(art / "a.png")
    (art / "d.png").symlink_to(art / "a.png")
    with tarfile.open(shard, "w") as archive:
        for name in ("a.png", "c.png", "d.png"):
            archive.add(art / name, name)
    link = "a link, not a file"
    assert contents(str(shard)) == {f"{shard}/a.png": b"first", f"{shard}/c.png": link, f"{shard}/d.png": link}


def test_what_cannot_be_read_is_told(art: Path) -> None:
    broken, table = art.parent / "0.tar", art.parent / "0.parquet"
    broken.write_bytes(b"no archive" * 100)
    pq.write_table(pa.table({"pictures": [b"x"]}), table)
    for named, told in (
        (str(broken), "This shard cannot be read"),
        (f"{art}/none.tar", "There is no such file"),
        (f"{art}/*.tar", "There is no such file"),
        (f"file://{art}/none", "There is no picture at this address"),
        ("nothing://bucket", "This address cannot be opened: Protocol not known"),
        (f"file://{table}", "This table has no column 'image' that holds pictures; it has pictures"),
        (str(table), "This table has no column 'image'"),
    ):
        with pytest.raises(UserError, match=told):
            contents(named)
    with tarfile.open(broken, "w") as shard:
        shard.add(art / "a.png", "a.png")
        shard.add(art / "a.png", "a.png")
    with pytest.raises(UserError, match=r"two pictures named a\.png"):
        contents(str(broken))


@pytest.mark.parametrize(
    ("given", "installed", "told"),
    [
        (["s3://bucket"], True, "--engine ray --out FOLDER"),
        (["0.TAR"], True, "--engine ray --out FOLDER"),
        (["art", "--workers", "2"], True, "Without Ray there are no workers"),
        (["art", "--engine", "ray", "--out", "made"], False, "pip install 'emotionart[ray]'"),
        (["art", "--engine", "ray"], True, "--out FOLDER"),
        (["art", "--engine", "ray", "--out", "made.csv"], True, "--out made"),
        (["art", "--engine", "ray", "--out", "art"], True, "exists already"),
        (["art", "--engine", "ray", "--out", "made", "--workers", "0"], True, "There must be a worker"),
    ],
)
def test_what_an_engine_cannot_do_is_told(
    art: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    given: list[str], installed: bool, told: str,
) -> None:  # fmt: skip
    monkeypatch.setattr("emotionart.cli.arguments.find_spec", lambda _: installed or None)
    monkeypatch.chdir(art.parent)
    Path("run").mkdir()
    Path("run/config.yaml").touch()
    for command in (["predict", "run"], ["features"]):
        assert main([*command, *given]) == 2
        assert told in capsys.readouterr().err


def test_without_ray_a_table_that_holds_pictures_is_told(art: Path) -> None:
    table = art.parent / "0.parquet"
    pq.write_table(pa.Table.from_pylist([{"image": {"bytes": b"x", "path": "a.png"}}]), table)
    empty = art.parent / "empty.csv"
    empty.write_text("image,label\n,joy\n")
    with pytest.raises(UserError, match="Column 'image' of this table is empty") as told:
        resolve_pictures([str(empty)], "image")
    assert told.value.fix == "--image COLUMN"
    for named, wrong in (
        (str(table), "holds pictures, not their names"),
        (f"{art.parent}/*.parquet", "No picture matches"),
    ):
        with pytest.raises(UserError, match=wrong) as told:
            resolve_pictures([named], "image")
        assert "--engine ray" in str(told.value)


def test_a_linked_table_names_the_pictures_beside_the_table_itself(art: Path, tmp_path: Path) -> None:
    (art / "list.csv").write_text("image\na.png\n")
    link = tmp_path / "elsewhere" / "list.csv"
    link.parent.mkdir()
    link.symlink_to(art / "list.csv")
    assert resolve_pictures([str(link)], "image") == [str(art.resolve() / "a.png")]
