import hashlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from emotionart.data.gallery.emotion import NAMES
from emotionart.data.gallery.gallery import GallerySettings, read_gallery, write_gallery
from emotionart.data.gallery.painter import paint

FIRST = ["e6fddd03b73521b7", "ad8ae7841e79eb86", "54a5c78b929319b4"]
"""Digests of the first paintings: the same on every machine."""


def digest(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=8).hexdigest()


def files(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): digest(path.read_bytes()) for path in folder.rglob("*") if path.is_file()}


def test_the_first_paintings_have_these_pixels_everywhere() -> None:
    assert [digest(paint(0, number, 64, 1.0, 1.0).picture.tobytes()) for number in range(3)] == FIRST


def test_the_same_settings_give_the_same_bytes_whatever_the_workers_and_the_process(tmp_path: Path) -> None:
    settings = GallerySettings(count=110, size=32)
    write_gallery(tmp_path / "one", settings, workers=1)
    write_gallery(tmp_path / "two", settings, workers=2)
    program = (
        "import sys; from pathlib import Path; from emotionart.data.gallery.gallery import *\n"
        "if __name__ == '__main__': write_gallery(Path(sys.argv[1]), GallerySettings(count=110, size=32), workers=1)"
    )
    subprocess.run([sys.executable, "-c", program, str(tmp_path / "three")], check=True)
    assert files(tmp_path / "one") == files(tmp_path / "two") == files(tmp_path / "three")
    assert len(files(tmp_path / "one")) == 2 * 110 + 3


def test_a_painting_does_not_depend_on_how_many_there_are(tmp_path: Path) -> None:
    for count in (5, 9):
        write_gallery(tmp_path / str(count), GallerySettings(count=count, size=32), workers=1)
    few, many = files(tmp_path / "5"), files(tmp_path / "9")
    assert all(many[name] == few[name] for name in few if name.startswith(("images", "masks")))


def test_a_gallery_that_is_there_is_left_alone(tmp_path: Path) -> None:
    write_gallery(tmp_path / "art", GallerySettings(count=3, size=32), workers=1)
    before = files(tmp_path / "art")
    write_gallery(tmp_path / "art", GallerySettings(count=4, size=32), workers=1)
    assert files(tmp_path / "art") == before


def test_a_killed_painter_leaves_nothing_that_is_taken_for_whole(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from emotionart.data.gallery.gallery import *\n"
        "write_gallery(Path(sys.argv[1]), GallerySettings(count=100_000, size=32), workers=1)"
    )
    process = subprocess.Popen([sys.executable, "-c", program, str(tmp_path / "art")])
    while not list(tmp_path.glob(".art.partial/images/000020.png")):
        assert process.poll() is None
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert not (tmp_path / "art").exists()
    write_gallery(tmp_path / "art", GallerySettings(count=3, size=32), workers=1)
    assert len(files(tmp_path / "art")) == 2 * 3 + 3


def test_the_table_knows_votes_artists_tags_and_probabilities(tmp_path: Path) -> None:
    write_gallery(tmp_path / "art", GallerySettings(count=40, size=32), workers=1)
    table = read_gallery(tmp_path / "art")
    assert table.labels == NAMES
    assert (table.votes.sum(axis=1) == 5).all()
    assert len(set(table.group)) == 5
    assert {"portrait", "landscape", "still life"} == set().union(*table.tags) & {"portrait", "landscape", "still life"}
    assert table.vote_probability is not None
    emotions = [paint(0, number, 32, 1.0, 1.0).emotion for number in range(40)]
    assert (table.vote_probability.argmax(axis=1) == emotions).all()


def test_local_cues_change_the_picture_inside_their_mask_only() -> None:
    for number in range(12):
        told, silent = (paint(0, number, 96, 1.0, local) for local in (1.0, 0.0))
        changed = (np.asarray(told.picture) != np.asarray(silent.picture)).any(axis=2)
        inside = (np.asarray(told.mask) > 0) | (np.asarray(silent.mask) > 0)
        assert changed[~inside].mean() < 0.004, number
        assert 0.02 < inside.mean() < 0.2


@pytest.mark.parametrize(("global_cues", "local_cues", "tells"), [(1.0, 0.0, True), (0.0, 1.0, False)])
def test_only_global_cues_show_in_the_mean_colour(global_cues: float, local_cues: float, tells: bool) -> None:
    paintings = [paint(5, number, 32, global_cues, local_cues) for number in range(600)]
    pixels = np.stack([np.asarray(painting.picture) for painting in paintings]).reshape(600, -1, 3)
    features = pixels.mean(axis=1)
    emotion = np.array([painting.emotion for painting in paintings])
    majority = np.bincount(emotion).max() / 600
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=500))
    accuracy = cross_val_score(model, features, emotion, cv=4).mean()
    error = np.sqrt(majority * (1 - majority) / 600)
    assert (accuracy > majority + 5 * error) if tells else (accuracy < majority + 2 * error)


def test_a_script_without_a_guard_is_told_and_does_not_wait_for_itself(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    settings = "GallerySettings(count=110, size=32)"
    script.write_text(
        "from pathlib import Path\n"
        "from emotionart.data.gallery.gallery import GallerySettings, write_gallery\n"
        f"write_gallery(Path({str(tmp_path / 'gallery')!r}), {settings}, workers=2)\n"
    )
    told = subprocess.run([sys.executable, script], capture_output=True, text=True, timeout=120)
    assert told.returncode == 1
    assert 'fix: if __name__ == "__main__":' in told.stderr
    assert not (tmp_path / "gallery").exists()
    script.write_text(script.read_text().replace("write_gallery(P", 'if __name__ == "__main__":\n    write_gallery(P'))
    assert subprocess.run([sys.executable, script], timeout=120).returncode == 0
    assert (tmp_path / "gallery/labels.csv").exists()
