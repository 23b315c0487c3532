import csv
import socket
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from emotionart.data.persons.detection import find_persons
from emotionart.data.persons.detector import FLOOR, load_detector
from emotionart.errors import Failure, UserError
from tests.conftest import ROOT, SHARED
from tests.processes import environment

WEIGHTS = SHARED / "weights/yolov8n_coco.pt"
needs_weights = pytest.mark.skipif(not WEIGHTS.exists(), reason=f"{WEIGHTS} is not there")


def mixed() -> tuple[list[str], list[bool]]:
    folder = SHARED / "data/mixed"
    rows = list(csv.DictReader((folder / "labels.csv").open()))
    return [str(folder / row["image"]) for row in rows], [row["person"] == "yes" for row in rows]


@needs_weights
def test_persons_are_those_that_ultralytics_finds_picture_by_picture(tmp_path: Path) -> None:
    paths, person = mixed()
    found = find_persons(paths, load_detector(str(WEIGHTS), tmp_path), tmp_path / "cache", batch_size=4)
    from ultralytics import YOLO

    model = YOLO(str(WEIGHTS))
    for path, boxes, sure in zip(paths, found.boxes, person, strict=True):
        picture = cv2.imread(path)
        looks = {448: picture, 224: picture, 320: picture[: round(0.6 * len(picture))]}
        plain = [
            model.predict(look, imgsz=side, conf=FLOOR, classes=[0], verbose=False)[0] for side, look in looks.items()
        ]
        best = max((score for one in plain for score in one.boxes.conf.tolist()), default=0.0)
        assert (best >= 0.3) == sure
        if sure:  # ultralytics resizes by another filter
            assert boxes[0, 4] == pytest.approx(best, abs=0.1)
    np.testing.assert_array_equal(found.boxes[:, 0, 4] >= 0.3, person)


QUIET = """
import os, socket, sys
from pathlib import Path
import emotionart.data.persons.detector as persons
assert "ultralytics" not in sys.modules and "torch" not in sys.modules
from PIL import Image
opened = Image.open
def refuse(*given, **named):
    raise AssertionError(f"the network was asked: {given}")
socket.getaddrinfo = socket.socket.connect = refuse
import torch
saved, threads = torch.save, torch.get_num_threads()
persons.load_detector(sys.argv[1], Path(sys.argv[2])).detect([__import__("numpy").zeros((640, 640, 3), "uint8")] * 2)
from ultralytics.utils import SETTINGS, ONLINE, USER_CONFIG_DIR
from ultralytics.utils.events import Events
assert not ONLINE and not SETTINGS["sync"] and not Events().enabled
assert Path(sys.argv[2]) in USER_CONFIG_DIR.parents
assert Image.open is opened and torch.save is saved
assert not any(name in os.environ for name in ("OMP_NUM_THREADS", "YOLO_OFFLINE", "YOLO_AUTOINSTALL"))
assert torch.get_num_threads() == threads
"""


@needs_weights
def test_nothing_is_asked_of_the_network_and_nothing_of_the_process_changes(tmp_path: Path) -> None:
    import subprocess

    surroundings = {key: value for key, value in environment().items() if key != "OMP_NUM_THREADS"}
    done = subprocess.run(
        [sys.executable, "-c", QUIET, str(WEIGHTS), str(tmp_path / "settings")],
        capture_output=True, text=True, cwd=ROOT, env=surroundings, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert not (ROOT / "runs").exists()


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Files that are no person detectors, each in its own way."""
    folder = tmp_path_factory.mktemp("models")
    with pytest.raises(UserError):  # the first use of ultralytics is ours, so that it stays quiet
        load_detector("nothing.xyz", folder)
    (folder / "words.pt").write_text("these are only words")
    torch.save({"conv.weight": torch.zeros(3)}, folder / "tensors.pt")
    (folder / "weights.safetensors").write_bytes(b"")
    try:
        load_detector(str(folder / "words.pt"), folder)
    except UserError:
        from ultralytics import YOLO
    for kind in ("yolov8n-cls", "yolov8n"):
        YOLO(f"{kind}.yaml", verbose=False).save(str(folder / f"{kind}-new.pt"))
    return folder


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("words.pt", "These weights are not a YOLO model that can be read"),
        ("tensors.pt", "These weights are not a YOLO model that can be read"),
        ("weights.safetensors", "Weights of a YOLO detector end in .pt."),
        ("yolov8n-cls-new.pt", "These weights are not a detector but a model to classify."),
        ("yolov8n-new.pt", "These weights know no class 'person'"),
        ("words.pth", "There is no such file of weights."),
    ],
)
def test_weights_that_find_no_persons_are_told(name: str, message: str, models: Path) -> None:
    with pytest.raises(UserError, match=message) as caught:
        load_detector(str(models / name), models)
    assert f"--weights {models / name}" in str(caught.value)


def test_a_name_that_nobody_publishes_names_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="ultralytics publishes no weights of this name") as caught:
        load_detector("yolov8nn.pt", tmp_path)
    assert "yolov8n.pt" in caught.value.suggestions


def test_without_a_network_a_name_says_how_to_go_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*given: object, **named: object) -> None:
        raise OSError("no network")

    monkeypatch.setattr(socket, "create_connection", refuse)
    with pytest.raises(Failure, match="cannot be reached to download them") as caught:
        load_detector("yolov8n.pt", tmp_path)
    assert "--weights none" in str(caught.value)
