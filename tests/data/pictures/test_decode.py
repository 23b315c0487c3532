import io
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

from emotionart.data.pictures.decode import PictureError, load_batch, load_picture, load_resized
from tests.conftest import SHARED
from tests.data.pictures.corpus import Odd, encoded, make_corpus, png_of_size, scene


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> list[Odd]:
    return make_corpus(tmp_path_factory.mktemp("corpus"))


def test_the_corpus_is_large_enough(corpus: list[Odd]) -> None:
    assert len(corpus) >= 55
    assert sum(odd.expected is None for odd in corpus) >= 15


def test_every_odd_picture_is_loaded_right_or_named_with_its_reason(corpus: list[Odd]) -> None:
    wrong = {}
    for odd in corpus:
        try:
            picture = load_picture(odd.path)
        except PictureError as error:
            if odd.expected is not None or odd.reason not in error.reason:
                wrong[odd.path.name] = error.reason
            continue
        if odd.expected is None or picture.shape != odd.expected.shape or picture.dtype != np.uint8:
            wrong[odd.path.name] = f"loaded as {picture.shape} {picture.dtype}"
        elif np.abs(picture.astype(float) - odd.expected).mean() > odd.tolerance:
            wrong[odd.path.name] = f"off by {np.abs(picture.astype(float) - odd.expected).mean():.2f}"
    assert wrong == {}


def test_odd_pictures_in_many_threads_give_no_warnings_and_silence_no_others(corpus: list[Odd]) -> None:
    program = (
        "import sys, warnings\n"
        "from concurrent.futures import ThreadPoolExecutor; from pathlib import Path\n"
        "from emotionart.data.pictures.decode import load_picture\n"
        "sys.setswitchinterval(1e-6)\n"
        "for _ in range(2):\n"
        "    warnings.simplefilter('error')\n"
        "    with ThreadPoolExecutor(8) as pool: list(pool.map(load_picture, map(Path, sys.argv[1:])))\n"
        "warnings.warn('of somebody else')\n"
    )
    odd = [str(odd.path) for odd in corpus if odd.expected is not None]
    told = subprocess.run([sys.executable, "-c", program, *odd], check=False, capture_output=True, text=True).stderr
    assert told.splitlines()[-1] == "UserWarning: of somebody else"


def swapped_profile() -> bytes:
    """sRGB with red and green exchanged."""
    plain = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return plain.replace(b"rXYZ", b"----").replace(b"gXYZ", b"rXYZ").replace(b"----", b"gXYZ")


@pytest.mark.parametrize("mode", ["RGB", "P"])
def test_a_colour_profile_is_converted_to_srgb(mode: str) -> None:
    image = Image.fromarray(scene())
    image = image.quantize(64) if mode == "P" else image
    profile = ImageCms.ImageCmsProfile(io.BytesIO(swapped_profile()))
    srgb = ImageCms.createProfile("sRGB")
    expected = np.asarray(ImageCms.profileToProfile(image.convert("RGB"), profile, srgb, outputMode="RGB")).astype(int)
    found = load_picture(encoded(image, "PNG", icc_profile=swapped_profile()))
    assert np.abs(found - expected).mean() < 1
    assert np.abs(found - np.asarray(image.convert("RGB")).astype(int)).mean() > 20


def test_a_bomb_costs_no_memory(tmp_path: Path) -> None:
    (tmp_path / "bomb.png").write_bytes(png_of_size(50_000, 50_000))
    program = (
        "import resource, sys; from pathlib import Path\n"
        "from emotionart.data.pictures.decode import PictureError, load_picture\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "try: load_picture(Path(sys.argv[1]))\n"
        "except PictureError as error: print(error.reason)\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)\n"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "bomb.png")]
    reason, kilobytes = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    assert reason == "too large: 50000 x 50000 pixels"
    assert int(kilobytes) < 20_000


@pytest.mark.parametrize("size", [7, 64, 224])
def test_resizing_is_antialiased_and_keeps_the_mean(size: int) -> None:
    fine = np.random.default_rng(0).integers(0, 256, (1500, 1100, 3), dtype=np.uint8)
    small = load_resized(encoded(Image.fromarray(fine), "PNG"), size)
    assert small.shape == (size, size, 3)
    assert abs(small.mean() - fine.mean()) < 1
    assert small.std() < fine.std() / 3


def test_a_large_jpeg_that_is_decoded_small_differs_little() -> None:
    y, x = np.mgrid[0:1600, 0:2000]
    rgb = np.stack([128 + 100 * np.sin(x / 23), 128 + 100 * np.cos(y / 31), (x + y) / 15], axis=2).astype(np.uint8)
    data = encoded(Image.fromarray(rgb), "JPEG", quality=92)
    exact = np.asarray(Image.fromarray(load_picture(data)).resize((64, 64), Image.Resampling.BICUBIC)).astype(int)
    assert np.abs(load_resized(data, 64) - exact).mean() < 2


@pytest.mark.skipif(not (SHARED / "data").exists(), reason="the shared portraits are not beside the checkout")
def test_real_portraits_are_read_as_pillow_reads_them() -> None:
    for path in sorted((SHARED / "data/portraits/images").iterdir())[:40]:
        with Image.open(path) as image:
            expected = image.convert("RGB")
        assert (load_picture(path) == np.asarray(expected)).all()
        resized = np.asarray(expected.resize((64, 64), Image.Resampling.BICUBIC, reducing_gap=3.0))
        assert (load_resized(path.read_bytes(), 64) == resized).all()


def test_nothing_but_pictures_is_decoded(tmp_path: Path) -> None:
    """Pillow would start Ghostscript for an EPS, whatever its name."""
    file = tmp_path / "portrait.jpg"
    Image.fromarray(scene()).save(file, "EPS")
    with pytest.raises(PictureError, match="a PostScript document"):
        load_picture(file)
    for kind in ("PDF", "SGI", "MSP", "SPIDER"):
        # Saved to a path, a SPIDER would claim its ending for all that is saved later.
        file.write_bytes(encoded(Image.fromarray(scene()).convert("1" if kind == "MSP" else "L"), kind))
        with pytest.raises(PictureError):
            load_picture(file)


def test_devices_and_pipes_are_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    (tmp_path / "zero.jpg").symlink_to("/dev/zero")
    for name in ("pipe.jpg", "zero.jpg"):
        with pytest.raises(PictureError, match="no regular file"):
            load_picture(tmp_path / name)


def test_a_name_that_no_table_can_hold_is_refused(tmp_path: Path) -> None:
    """Old archives have names in Latin-1."""
    file = tmp_path / os.fsdecode("é.png".encode("latin-1"))
    Image.fromarray(scene()).save(file)
    with pytest.raises(PictureError, match="a name that is no UTF-8"):
        load_picture(file)


def test_a_file_of_many_gigabytes_is_refused_unread(tmp_path: Path) -> None:
    with (tmp_path / "huge.png").open("wb") as file:
        file.truncate(3_000_000_000)
    with pytest.raises(PictureError, match=r"too large: a file of 3\.0 GB"):
        load_picture(tmp_path / "huge.png")


def test_a_batch_is_decoded_as_each_of_its_pictures_is(tmp_path: Path) -> None:
    files = []
    for number, side in enumerate((40, 70, 90)):
        pixels = np.random.default_rng(number).integers(0, 256, (side, 60, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(tmp_path / "one.png")
        files.append((tmp_path / "one.png").read_bytes())
    assert np.array_equal(load_batch(files, 32, "crop"), [load_resized(file, 32, "crop") for file in files])
    with pytest.raises(PictureError):
        load_batch([files[0], b"no picture"], 32, "crop")
