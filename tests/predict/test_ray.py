"""`--engine ray` on a local Ray with two workers: the loop's numbers, also where the driver is killed."""

import shutil
import signal
import tarfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from emotionart.cli.main import main
from tests.processes import Command

pytest.importorskip("ray", reason="the extra ray is not installed")
pytestmark = pytest.mark.slow

RAY = ("--engine", "ray", "--workers", "2")
PARTS = 4


@pytest.fixture(scope="module")
def art(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of so many pictures that they are worked on in parts, one of which is none."""
    folder = tmp_path_factory.mktemp("ray") / "art"
    folder.mkdir()
    generator = np.random.default_rng(0)
    for number in range(1, PARTS * 450):
        picture = generator.integers(0, 256, (16, 16, 3), dtype=np.uint8)
        Image.fromarray(picture).save(folder / f"{number:04}.png")
    (folder / "0000.png").write_bytes(b"no picture")
    return folder


@pytest.fixture(scope="module")
def by_loop(art: Path, done_run: tuple[Path, dict]) -> pd.DataFrame:
    out = art.parent / "loop.parquet"
    assert main(["predict", str(done_run[0]), str(art), "--on-bad", "skip", "--out", str(out)]) == 0
    return pd.read_parquet(out)


def as_files(art: Path) -> list[str]:
    return [str(art)]


def as_shards(art: Path) -> list[str]:
    files = sorted(art.iterdir())
    for part in range(PARTS):
        with tarfile.open(art.parent / f"{part}.tar", "w") as shard:
            for file in files[part::PARTS]:
                shard.add(file, file.name)
    return [f"{art.parent}/*.tar"]


def as_tables(art: Path) -> list[str]:
    files = sorted(art.iterdir())
    for part in range(PARTS):
        rows = [{"image": {"bytes": file.read_bytes(), "path": file.name}} for file in files[part::PARTS]]
        pq.write_table(pa.Table.from_pylist(rows), art.parent / f"{part}.parquet")
    return [f"{art.parent}/[0-9].parquet"]


def committed(out: Path) -> int:
    names = [file.name for file in out.parent.glob(f"{out.name}.part/done.*/*.parquet")]
    return sum(not name.endswith(".pending.parquet") for name in names)


@pytest.mark.parametrize("source", [as_files, as_shards, as_tables])
def test_a_killed_job_goes_on_and_ends_with_the_numbers_of_the_loop(
    source: Callable[[Path], list[str]], art: Path, by_loop: pd.DataFrame, done_run: tuple[Path, dict], tmp_path: Path
) -> None:
    out = tmp_path / "found"
    asked = ["predict", str(done_run[0]), *source(art), *RAY, "--out", str(out), "--on-bad", "skip"]
    command = Command("main", *asked)
    command.wait_for(lambda: committed(out) > 0)
    command.signal(signal.SIGKILL)
    command.finish()
    assert not out.exists()
    again = Command("main", *asked).finish()
    assert again.returncode == 0, again.stderr
    assert again.stdout == f"{PARTS * 450 - 1:,} pictures: {out}\n"
    told = again.stderr.splitlines()
    assert told[0].endswith("pictures were done before.")
    assert f"1 of {PARTS * 450} pictures cannot be read" in told[-2]
    assert "0000.png (not a picture but a text file)" in told[-1]
    assert len(told) == 3 or all("pictures so far" in line for line in told[1:-2])
    found = pd.read_parquet(out)
    found["image"] = [f"{art}/{Path(name).name}" for name in found["image"]]
    found = found.sort_values("image", ignore_index=True)
    assert found["image"].tolist() == by_loop["image"].tolist()
    numbers = by_loop.select_dtypes("number").columns
    np.testing.assert_allclose(found[numbers], by_loop[numbers], rtol=0, atol=1e-6)
    pd.testing.assert_frame_equal(found.drop(columns=numbers), by_loop.drop(columns=numbers))
    assert [path.name for path in tmp_path.iterdir()] == ["found"]


def test_features_are_those_of_the_loop_and_unreadable_pictures_are_refused_at_the_end(
    art: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    few = tmp_path / "few"
    few.mkdir()
    for name in ("0000.png", "0001.png", "0002.png"):
        shutil.copy(art / name, few)
    assert main(["features", str(few), "--on-bad", "skip", "--out", f"{tmp_path}/loop.parquet"]) == 0
    out = tmp_path / "found"
    asked = ["features", f"file://{few}", *RAY, "--out", str(out)]
    capfd.readouterr()
    assert main(asked) == 2
    told = capfd.readouterr().err
    assert "1 of 3 pictures cannot be read" in told
    assert "0000.png (not a picture" in told
    assert not out.exists()
    assert main([*asked, "--set", "tamura"]) == 2
    assert "unfinished job of other pictures, runs or options" in capfd.readouterr().err
    assert main([*asked, "--on-bad", "skip"]) == 0
    assert "2 pictures were done before" in capfd.readouterr().err
    found, by_loop = pd.read_parquet(out), pd.read_parquet(tmp_path / "loop.parquet")
    found["image"] = found["image"].str.removeprefix("file://")
    pd.testing.assert_frame_equal(found.sort_values("image", ignore_index=True), by_loop)
