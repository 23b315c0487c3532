import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from emotionart.cli.main import main


def test_any_pictures_are_predicted_as_the_run_predicted_them(
    tiny_run: Callable[..., tuple[Path, dict]],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder, result = tiny_run()
    images = [row["image"] for row in csv.DictReader((folder / "split.csv").open())][:3]
    ids = [row["id"] for row in csv.DictReader((folder / "split.csv").open())][:3]
    own = {row["id"]: row for row in csv.DictReader((folder / "predictions.csv").open())}
    assert main(["predict", str(folder), *images, "--out", f"{tmp_path}/new/found.csv"]) == 0
    found = list(csv.DictReader((tmp_path / "new/found.csv").open()))
    assert [row["image"] for row in found] == images
    for row, id in zip(found, ids, strict=True):
        shares = {name: float(row[f"p({name})"]) for name in result["classes"]}
        assert shares == pytest.approx({name: float(own[id][f"p({name})"]) for name in shares}, abs=2e-6)
        assert row["class"] == max(shares, key=shares.__getitem__)
    capsys.readouterr()
    assert main(["predict", str(folder), images[0]]) == 0
    assert capsys.readouterr().out.split()[:2] == [found[0]["class"], images[0]]
    assert main(["predict", str(folder), images[0], "--out", f"{tmp_path}/new/found.csv"]) == 2
    (tmp_path / "bad.png").write_bytes(b"no picture")
    assert main(["predict", str(folder), images[0], f"{tmp_path}/bad.png"]) == 2
    assert f"{tmp_path}/bad.png (" in capsys.readouterr().err
    odd = tmp_path / "=1+1.png"
    odd.write_bytes(Path(images[0]).read_bytes())
    (tmp_path / "worse.png").write_bytes(b"")
    monkeypatch.chdir(tmp_path)
    for name, given in (("kept.csv", []), ("plain.csv", ["--no-spreadsheet"])):
        assert main(["predict", str(folder), "bad.png", odd.name, images[1], "worse.png", "--out", name, *given]) == 2
        told = capsys.readouterr().err
        assert "2 of 4 pictures" in told
        assert "    bad.png (" in told
        assert "    worse.png (an empty file)" in told
        kept = [row["image"] for row in csv.DictReader((tmp_path / name).open())]
        assert kept == [odd.name if given else f"'{odd.name}", images[1]]
    (folder / "result.json").unlink()
    assert main(["predict", str(folder), images[0]]) == 0
    assert "This run has not finished" in capsys.readouterr().err
    assert main(["predict", str(tmp_path), images[0]]) == 2
    assert "There is no run in this folder" in capsys.readouterr().err
