from pathlib import Path

import numpy as np
import pytest

from emotionart.app.cli import main
from emotionart.features.store import FeatureStore

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


def test_damage_is_found(cache: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cache", "verify", "--cache", str(cache)]) == 0
    file = cache / "features/two/data.mdb"
    data = bytearray(file.read_bytes())
    data[bytes(data).index(np.arange(50, dtype=np.float32).tobytes()) + 5] ^= 1
    file.write_bytes(data)
    assert main(["cache", "verify", "--cache", str(cache)]) == 1
    told = capsys.readouterr()
    assert "two  2 features, 1 damaged" in told.out
    assert "1 features are damaged" in told.err


def test_stores_are_cleared_by_name(cache: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cache", "clear", "one", "--cache", str(cache)]) == 0
    assert [path.name for path in (cache / "features").iterdir()] == ["two"]
    assert main(["cache", "clear", "tow", "--cache", str(cache)]) == 2
    assert "nearest: two" in capsys.readouterr().err
