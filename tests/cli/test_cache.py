import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from emotionart.cli.main import main
from emotionart.data.pictures.pixels import open_pictures
from emotionart.data.pictures.store import FeatureStore
from emotionart.works.index import Entries, Index, stamps

ABOUT = {"name": "net", "source": "timm", "size": 64, "weights": "0123456789abcdef", "precision": "float32"}


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    for name in ("one", "two"):
        with FeatureStore(tmp_path / "features" / name, ABOUT, (50,)) as store:
            store.write([("a", "identity"), ("b", "flip")], np.arange(100, dtype=np.float32).reshape(2, 50))
    return tmp_path


def test_stores_are_listed(cache: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cache", "ls", "--cache", str(cache)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["one", "two"]
    assert "2 vectors or grids of 50" in lines[0]
    assert "timm at 64 px  weights 01234567  float32" in lines[0]


def test_a_store_of_a_survey_is_listed_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with FeatureStore(tmp_path / "features" / "grey-v2", {"kind": "grey"}, (3,)) as store:
        store.write([("a", "identity")], np.zeros((1, 3), dtype=np.float32))
    assert main(["cache", "ls", "--cache", str(tmp_path)]) == 0
    assert "1 vectors or grids of 3" in capsys.readouterr().out


def test_decoded_pictures_are_listed_and_cleared(cache: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Image.new("RGB", (9, 9)).save(cache / "a.png")
    open_pictures([str(cache / "a.png")], 8, cache, "squash")
    assert main(["cache", "ls", "--cache", str(cache)]) == 0
    *_, line = capsys.readouterr().out.splitlines()
    assert "1 decoded pictures at 8 px" in line
    assert main(["cache", "clear", line.split()[0], "--cache", str(cache)]) == 0
    assert list(cache.glob("pictures/*/")) == []
    assert len(list(cache.glob("features/*"))) == 2


def test_indexes_of_searches_are_listed_verified_and_cleared(cache: Path, capsys: pytest.CaptureFixture[str]) -> None:
    picture = cache / "a.png"
    picture.write_bytes(b"picture")
    os.utime(picture, (1_600_000_000, 1_600_000_000))
    seen = Entries(np.array(["0" * 32], dtype=object), np.ones((1, 50), np.float32), np.array([[0.25, 0.75]]))
    Index.open(cache / "works" / "net-12").add([str(picture)], stamps([str(picture)]), seen)
    asked = ["net-12", "--cache", str(cache)]
    assert main(["cache", "ls", *asked]) == 0
    assert "MB  1 pictures as a run sees them: 50 features" in capsys.readouterr().out
    assert main(["cache", "verify", *asked]) == 0
    file = cache / "works/net-12/works.npy"
    file.write_bytes(file.read_bytes().replace(np.float64(0.25).tobytes(), np.float64(0.5).tobytes()))
    assert main(["cache", "verify", *asked]) == 1
    assert "net-12  1 works, 1 damaged" in capsys.readouterr().out
    assert main(["cache", "clear", *asked]) == 0
    assert not file.exists()


def test_a_reader_that_goes_away_is_no_error(cache: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    code = (
        f"import sys; from emotionart.cli.main import main; sys.exit(main(['cache', 'ls', '--cache', {str(cache)!r}]))"
    )
    done = subprocess.run([sys.executable, "-c", code], stdout=writing, stderr=subprocess.PIPE, text=True)
    os.close(writing)
    assert (done.returncode, done.stderr) == (1, "")


def test_damage_is_found(cache: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cache", "verify", "--cache", str(cache)]) == 0
    file = cache / "features/two/data.mdb"
    data = bytearray(file.read_bytes())
    data[bytes(data).index(np.arange(50, dtype=np.float32).tobytes()) + 5] ^= 1
    file.write_bytes(data)
    assert main(["cache", "verify", "--cache", str(cache)]) == 1
    told = capsys.readouterr()
    assert "two  2 features, 1 damaged" in told.out
    assert "1 of these are damaged" in told.err
    assert "fix: emotionart cache clear two" in told.err


def test_damage_is_found_in_pictures_and_in_what_is_cut_off(cache: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Image.new("RGB", (9, 9)).save(cache / "a.png")
    open_pictures([str(cache / "a.png")], 8, cache, "squash")
    assert main(["cache", "verify", "--cache", str(cache)]) == 0
    assert "1 pictures, 0 damaged" in capsys.readouterr().out
    (pixels,) = cache.glob("pictures/*/pixels.npy")
    data = bytearray(pixels.read_bytes())
    data[-1] ^= 1
    pixels.write_bytes(data)
    cut = cache / "features/one/data.mdb"
    cut.write_bytes(cut.read_bytes()[:9000])
    (cache / "features/two/extractor.json").write_text('{"name": ')
    assert main(["cache", "verify", "--cache", str(cache)]) == 1
    told = capsys.readouterr()
    assert "1 pictures, 1 damaged" in told.out
    assert "one  damaged: This feature store is truncated." in told.out
    assert "two  damaged: This file is damaged" in told.out
    assert "3 of these are damaged" in told.err
    assert main(["cache", "ls", "--cache", str(cache)]) == 0
    assert capsys.readouterr().out.count("MB  damaged") == 2


def test_stores_are_cleared_by_name(cache: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cache", "clear", "one", "--cache", str(cache)]) == 0
    assert [path.name for path in (cache / "features").iterdir()] == ["two"]
    assert main(["cache", "clear", "tow", "--cache", str(cache)]) == 2
    assert "did you mean: two" in capsys.readouterr().err
