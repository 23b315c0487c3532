import csv
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from emotionart import load_run
from emotionart.cli.main import main
from emotionart.export import export

Run = tuple[Path, dict]

ELSEWHERE = """
import json, sys
import numpy, onnxruntime
session = onnxruntime.InferenceSession(sys.argv[1])
answers = [session.run(None, {"pictures": pictures})[0].tolist() for pictures in numpy.load(sys.argv[2]).values()]
about = session.get_modelmeta().custom_metadata_map
assert not [name for name in sys.modules if name.split(".")[0] in ("emotionart", "torch", "PIL", "cv2")]
print(json.dumps({"answers": answers, "classes": json.loads(about["classes"])}))
"""
"""What somebody does who has the file alone."""


def pictures(tmp_path: Path) -> dict[str, np.ndarray]:
    """Pictures (n, h, w, 3) of several sizes, by name; each is also a file."""
    generator = np.random.default_rng(1)
    found = {}
    for name, (count, height, width) in {"one": (1, 40, 90), "two": (2, 111, 333), "small": (1, 9, 9)}.items():
        coarse = generator.integers(0, 256, (count, 4, 5, 3), dtype=np.uint8)
        found[name] = np.stack([np.array(Image.fromarray(one).resize((width, height))) for one in coarse])
        for index, picture in enumerate(found[name]):
            Image.fromarray(picture).save(tmp_path / f"{name}{index}.png")
    return found


def expected(folder: Path, tmp_path: Path, shown: dict[str, np.ndarray]) -> list[np.ndarray]:
    predictor = load_run(folder)
    return [
        predictor.predict([tmp_path / f"{name}{index}.png" for index in range(len(batch))])
        for name, batch in shown.items()
    ]


def test_an_onnx_file_says_what_the_run_says_where_nothing_of_this_project_is(
    done_run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, result = done_run
    file = tmp_path / "model.onnx"
    assert main(["export", str(folder), "--to", "onnx", "--out", str(file)]) == 0
    assert "checked on 8 pictures" in capsys.readouterr().out
    shown = pictures(tmp_path)
    np.savez(tmp_path / "pictures.npz", **shown)
    told = subprocess.run(
        [sys.executable, "-I", "-c", ELSEWHERE, str(file), str(tmp_path / "pictures.npz")],
        capture_output=True, text=True, check=True, cwd=tmp_path,
    ).stdout  # fmt: skip
    found = json.loads(told)
    assert found["classes"] == result["classes"]
    for answer, own in zip(found["answers"], expected(folder, tmp_path, shown), strict=True):
        np.testing.assert_allclose(answer, own, atol=1e-5)


def test_a_frozen_backbone_is_put_back_before_its_head(tiny_run: Callable[..., Run], tmp_path: Path) -> None:
    backbone = ["name=squeezenet1_0", "weights=random", "size=64", "precision=float32"]
    options = [f"model.backbone.{option}" for option in backbone]
    folder, result = tiny_run("model=transfer", *options, "trainer.max_epochs=1", pixels=False)
    file = tmp_path / "model.pt2"
    assert main(["export", str(folder), "--to", "torch", "--out", str(file)]) == 0
    about = {"about.json": ""}
    network = torch.export.load(file, extra_files=about).module()
    assert json.loads(json.loads(about["about.json"])["classes"]) == result["classes"]
    shown = pictures(tmp_path)
    for batch, own in zip(shown.values(), expected(folder, tmp_path, shown), strict=True):
        np.testing.assert_allclose(network(torch.from_numpy(batch)).numpy(), own, atol=1e-5)


def test_what_is_cropped_is_not_exported(
    tiny_run: Callable[..., Run], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, _ = tiny_run("data.fit=crop", "trainer.max_epochs=1")
    assert main(["export", str(folder), "--to", "torch", "--out", f"{tmp_path}/model.pt2"]) == 2
    assert "data.fit=crop" in capsys.readouterr().err


def test_hand_made_features_are_not_exported(
    tiny_run: Callable[..., Run], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, _ = tiny_run("model=cv_fc", "trainer.max_epochs=1", pixels=False)
    assert main(["export", str(folder), "--to", "torch", "--out", f"{tmp_path}/model.pt2"]) == 2
    assert "13 hand-made features (cvfc13)" in capsys.readouterr().err
    assert not (tmp_path / "model.pt2").exists()


def test_an_export_is_checked_on_pictures_that_are_there_or_not_kept(
    done_run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(done_run[0], folder)
    rows = list(csv.DictReader((folder / "split.csv").open()))
    with (folder / "split.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows({**row, "image": f"/gone/{row['image']}"} for row in rows)
    order = ["export", str(folder), "--to", "torch", "--out", f"{tmp_path}/model.pt2"]
    assert main(order) == 2
    assert "none of this run's test split is where it was" in capsys.readouterr().err
    pictures(tmp_path)
    monkeypatch.setattr(export, "TOLERANCE", -1.0)
    assert main([*order, "--images", f"{tmp_path}/one0.png"]) == 1
    assert "more than -1; nothing was kept" in capsys.readouterr().err
    assert not list(tmp_path.glob("*model.pt2*"))
    monkeypatch.undo()
    assert main([*order, "--images", f"{tmp_path}/one0.png", f"{tmp_path}/two0.png"]) == 0
    assert main(order) == 2  # nothing is written over
