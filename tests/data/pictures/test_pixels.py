import hashlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from emotionart.data.pictures.decode import load_resized
from emotionart.data.pictures.pixels import open_pictures, require_readable
from emotionart.errors import UserError

OPEN = (
    "import sys; from pathlib import Path; from emotionart.data.pictures.pixels import open_pictures\n"
    "paths = sorted(map(str, Path(sys.argv[1]).glob('*.png')))\n"
)


def paint(folder: Path, count: int, side: int = 20) -> list[str]:
    generator = np.random.default_rng(0)
    folder.mkdir(exist_ok=True)
    for number in range(count):
        picture = generator.integers(0, 256, (side, side, 3), dtype=np.uint8)
        Image.fromarray(picture).save(folder / f"{number:04d}.png")
    return sorted(map(str, folder.glob("*.png")))


def test_pictures_are_decoded_with_ids_that_are_their_bytes(tmp_path: Path) -> None:
    paths = paint(tmp_path / "art", 5)
    small, large = (open_pictures(paths, size, tmp_path / "cache", "squash") for size in (8, 16))
    for row, path in enumerate(paths):
        data = Path(path).read_bytes()
        assert small.id[row] == large.id[row] == hashlib.blake2b(data, digest_size=16).hexdigest()
        assert (small.pixels[row] == load_resized(data, 8)).all()
    assert (small.phash == large.phash).all()
    assert large.pixels.shape == (5, 16, 16, 3)


def test_the_second_opening_decodes_nothing(tmp_path: Path) -> None:
    paths = paint(tmp_path / "art", 3)
    first = open_pictures(paths, 8, tmp_path / "cache", "squash")
    (folder,) = [path for path in (tmp_path / "cache" / "pictures").iterdir() if path.is_dir()]
    before = (folder / "pixels.npy").stat().st_mtime_ns
    second = open_pictures(paths, 8, tmp_path / "cache", "squash")
    assert (folder / "pixels.npy").stat().st_mtime_ns == before
    assert (first.pixels == second.pixels).all()


def test_a_changed_file_is_decoded_again(tmp_path: Path) -> None:
    paths = paint(tmp_path / "art", 3)
    first = open_pictures(paths, 8, tmp_path / "cache", "squash")
    data = Path(paths[1]).read_bytes()
    Path(paths[1]).write_bytes(Path(paths[0]).read_bytes()[: len(data)].ljust(len(data), b"\0"))
    second = open_pictures(paths, 8, tmp_path / "cache", "squash")
    assert second.id[1] not in (first.id[1], "")


def test_unreadable_pictures_are_all_named_or_left_out(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    paths = paint(tmp_path / "art", 3)
    Path(paths[0]).write_text("words")
    paths += [str(tmp_path / f"missing {number}.png") for number in range(60)]
    pictures = open_pictures(paths, 8, tmp_path / "cache", "squash")
    with pytest.raises(UserError, match="61 of 63 pictures cannot be used") as caught:
        require_readable(paths, pictures, "error")
    text = str(caught.value)
    assert f"{paths[0]} (not a picture but a text file)" in text
    assert "and 11 more" in text
    assert "data.on_bad=skip" in text
    assert require_readable(paths, pictures, "skip").tolist() == [False, True, True] + [False] * 60
    assert "61 of 63 pictures cannot be used and are left out" in caplog.text


def test_a_hash_does_not_depend_on_the_size(tmp_path: Path) -> None:
    rough = np.random.default_rng(0).integers(0, 256, (40, 40, 3), dtype=np.uint8)
    Image.fromarray(rough).resize((2400, 2400), Image.Resampling.BICUBIC).save(tmp_path / "large.jpg")
    opened = [
        open_pictures([str(tmp_path / "large.jpg")], size, tmp_path / "cache", "squash") for size in (64, 300, 700)
    ]
    assert len({int(pictures.phash[0]) for pictures in opened}) == 1


def test_a_file_that_may_be_read_now_is_read(unprivileged: Path) -> None:
    paths = paint(unprivileged / "art", 2)
    Path(paths[0]).chmod(0)
    assert open_pictures(paths, 8, unprivileged / "cache", "squash").reason[0] == "cannot be read (Permission denied)"
    Path(paths[0]).chmod(0o644)
    assert open_pictures(paths, 8, unprivileged / "cache", "squash").reason[0] == ""


def test_a_killed_process_leaves_nothing_that_is_taken_for_whole(tmp_path: Path) -> None:
    paths = paint(tmp_path / "art", 400, side=150)
    program = OPEN + "open_pictures(paths, 96, Path(sys.argv[2]), 'squash', workers=1)"
    process = subprocess.Popen([sys.executable, "-c", program, str(tmp_path / "art"), str(tmp_path / "cache")])
    while not list((tmp_path / "cache").glob("pictures/*.partial/pixels.npy")):
        assert process.poll() is None
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert not [path for path in (tmp_path / "cache/pictures").iterdir() if path.is_dir() and path.suffix != ".partial"]
    pictures = open_pictures(paths, 96, tmp_path / "cache", "squash")
    assert (pictures.reason == "").all()
    assert not list((tmp_path / "cache/pictures").glob("*.partial"))


def test_two_processes_at_once_both_succeed(tmp_path: Path) -> None:
    paint(tmp_path / "art", 60, side=60)
    program = OPEN + "print(int(open_pictures(paths, 32, Path(sys.argv[2]), 'squash').pixels.sum()))"
    command = [sys.executable, "-c", program, str(tmp_path / "art"), str(tmp_path / "cache")]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    first, second = (process.communicate()[0] for process in processes)
    assert [process.returncode for process in processes] == [0, 0]
    assert first == second


def test_a_full_disk_is_told_and_nothing_broken_is_left(tmp_path: Path) -> None:
    paint(tmp_path / "art", 20)
    program = (
        OPEN + "import resource; from emotionart.errors import Failure\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))\n"
        "try: open_pictures(paths, 64, Path(sys.argv[2]), 'squash')\n"
        "except Failure as error: print(error)\n"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "art"), str(tmp_path / "cache")]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "The disk is full: 20 decoded pictures take 0 MB." in told
    assert "cache=FOLDER" in told
    assert [path.suffix for path in (tmp_path / "cache/pictures").iterdir()] == [".lock"]


@pytest.mark.parametrize("name", ["index.npz", "pixels.npy"])
@pytest.mark.parametrize("size", [None, 0, 100, -1])
def test_pictures_that_are_cut_off_or_gone_are_decoded_again(
    name: str, size: int | None, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    paths = paint(tmp_path / "art", 3)
    first = np.array(open_pictures(paths, 8, tmp_path / "cache", "squash").pixels)
    (file,) = (tmp_path / "cache" / "pictures").glob(f"*/{name}")
    if size is None:
        file.unlink()
    else:
        os.truncate(file, size if size >= 0 else file.stat().st_size - 1)
    assert (open_pictures(paths, 8, tmp_path / "cache", "squash").pixels == first).all()
    assert "decoded again" in caplog.text


def test_a_complete_cache_that_may_only_be_read_is_read(unprivileged: Path) -> None:
    paths = paint(unprivileged / "art", 3)
    first = np.array(open_pictures(paths, 8, unprivileged / "cache", "squash").pixels)
    folders = [unprivileged / "cache", *(unprivileged / "cache").rglob("*")]
    for path in folders:
        path.chmod(0o555 if path.is_dir() else 0o444)
    try:
        assert (open_pictures(paths, 8, unprivileged / "cache", "squash").pixels == first).all()
    finally:
        for path in folders:
            path.chmod(0o755)
