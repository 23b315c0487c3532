"""Odd picture files: every kind that a user's folder holds, made here, with what should become of each."""

from __future__ import annotations

import io
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageCms, TiffImagePlugin

HEIGHT, WIDTH = 24, 32


@dataclass(frozen=True)
class Odd:
    """A file, and either the picture that it should give or a part of the reason why it gives none.

    Attributes:
        path: of the file.
        expected: (h, w, 3) in 0..255, or None.
        reason: part of the reason, or "".
        tolerance: largest mean absolute deviation, in grey levels.
    """

    path: Path
    expected: np.ndarray | None = None
    reason: str = ""
    tolerance: float = 0.5


def scene() -> np.ndarray:
    """A smooth coloured picture, so that lossy formats change it little."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    channels = [255 * x / (WIDTH - 1), 255 * y / (HEIGHT - 1), 128 + 90 * np.sin(x / 7)]
    return np.stack(channels, axis=2).round().astype(np.uint8)


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    """The bytes of a picture file."""
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def png_of_size(width: int, height: int) -> bytes:
    """A PNG whose header claims this size, with hardly any data."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def without(rgb: np.ndarray, key: np.ndarray) -> np.ndarray:
    """The picture with white wherever it has the colour `key`."""
    return np.where((rgb == key).all(axis=2, keepdims=True), 255, rgb)


def make_corpus(folder: Path) -> list[Odd]:
    """Writes the corpus; more than forty files."""
    rgb = scene()
    image = Image.fromarray(rgb)
    grey = np.asarray(image.convert("L"))
    grey3 = np.repeat(grey[..., None], 3, axis=2)
    alpha = np.linspace(0, 255, WIDTH).astype(np.uint8)[None].repeat(HEIGHT, axis=0)
    share = alpha[..., None] / 255
    over_white = rgb * share + 255 * (1 - share)
    grey_over_white = grey3 * share + 255 * (1 - share)
    jpeg, png = encoded(image, "JPEG", quality=95), encoded(image, "PNG")
    found: list[Odd] = []

    def good(name: str, data: bytes, expected: np.ndarray = rgb, tolerance: float = 0.5) -> None:
        (folder / name).write_bytes(data)
        found.append(Odd(folder / name, expected, tolerance=tolerance))

    def bad(name: str, data: bytes, reason: str) -> None:
        (folder / name).write_bytes(data)
        found.append(Odd(folder / name, reason=reason))

    good("plain.png", png)
    good("plain.jpg", jpeg, tolerance=2)
    good("progressive.jpg", encoded(image, "JPEG", quality=95, progressive=True), tolerance=2)
    good("misnamed.jpg", png)
    good("no ending", png)
    good("Übung mit Leerzeichen.png", png)
    good("plain.bmp", encoded(image, "BMP"))
    good("lossless.webp", encoded(image, "WEBP", lossless=True))
    good("plain.ppm", encoded(image, "PPM"))
    good("plain.tif", encoded(image, "TIFF"))
    good("packed.tif", encoded(image, "TIFF", compression="tiff_lzw"))
    good("grey.png", encoded(image.convert("L"), "PNG"), grey3)
    good("grey.jpg", encoded(image.convert("L"), "JPEG", quality=95), grey3, tolerance=2)
    good("bits.png", encoded(image.convert("1"), "PNG"), np.asarray(image.convert("1").convert("RGB")))
    palette = image.quantize(16)
    good("palette.png", encoded(palette, "PNG"), np.asarray(palette.convert("RGB")))
    good("palette.gif", encoded(palette, "GIF"), np.asarray(palette.convert("RGB")))
    holed = np.where((np.asarray(palette) == 0)[..., None], 255, np.asarray(palette.convert("RGB")))
    good("holed.png", encoded(palette, "PNG", transparency=0), holed)
    good("alpha.png", encoded(Image.merge("RGBA", [*image.split(), Image.fromarray(alpha)]), "PNG"), over_white, 1)
    la = Image.merge("LA", [image.convert("L"), Image.fromarray(alpha)])
    good("grey alpha.png", encoded(la, "PNG"), grey_over_white, 1)
    frames = [image, Image.new("RGB", image.size, "red")]
    lossless = {"save_all": True, "append_images": frames[1:], "lossless": True}
    good("animated.webp", encoded(frames[0], "WEBP", **lossless))
    animated = encoded(palette, "GIF", save_all=True, append_images=[Image.new("P", image.size)])
    good("animated.gif", animated, np.asarray(palette.convert("RGB")), 1)
    good("pages.tif", encoded(frames[0], "TIFF", save_all=True, append_images=frames[1:]))
    good("sixteen grey.png", cv2.imencode(".png", grey.astype(np.uint16) * 257)[1].tobytes(), grey3)
    good("sixteen grey.tif", cv2.imencode(".tif", grey.astype(np.uint16) * 257)[1].tobytes(), grey3)
    good("sixteen colour.png", cv2.imencode(".png", rgb[..., ::-1].astype(np.uint16) * 257)[1].tobytes(), rgb, 1)
    good("twelve bits.tif", cv2.imencode(".tif", np.rint(grey * (4095 / 255)).astype(np.uint16))[1].tobytes(), grey3)
    negative = encoded(Image.fromarray(65535 - grey.astype(np.uint16) * 257), "TIFF")
    zero_is_white = (struct.pack("<HHII", 262, 3, 1, photometric) for photometric in (1, 0))
    good("negative.tif", negative.replace(*zero_is_white), grey3)
    empty = Image.merge("RGBA", [*image.split(), Image.new("L", image.size)])
    good("no alpha.png", encoded(empty, "PNG"))
    good("no alpha.tga", encoded(empty, "TGA"))
    bright = np.where(grey == 255, 3.5, grey / 255).astype(np.float32)
    good("highlights.tif", encoded(Image.fromarray(bright), "TIFF"), grey3, 1)
    reduced = TiffImagePlugin.ImageFileDirectory_v2()
    reduced[254] = 1
    small = image.resize((WIDTH // 4, HEIGHT // 4))
    whole = Image.fromarray(rgb)
    whole.encoderinfo = {"tiffinfo": {254: 0}}
    pages = {"save_all": True, "append_images": [whole], "tiffinfo": reduced}
    good("thumbnail first.tif", encoded(small, "TIFF", **pages))
    good("float.tif", encoded(Image.fromarray((grey / 255).astype(np.float32)), "TIFF"), grey3, 1)
    good("float to 255.tif", encoded(Image.fromarray(grey.astype(np.float32)), "TIFF"), grey3, 1)
    good("holed colour.png", encoded(image, "PNG", transparency=tuple(rgb[3, 4].tolist())), without(rgb, rgb[3, 4]))
    good("broken exif.png", encoded(image, "PNG", exif=b"Exif\0\0II*\0\xff\xff\xff\x7f"))
    cmyk = image.convert("CMYK")
    good("print.tif", encoded(cmyk, "TIFF"), np.asarray(cmyk.convert("RGB")))
    good("print.jpg", encoded(cmyk, "JPEG", quality=95), np.asarray(cmyk.convert("RGB")), tolerance=3)
    for turn in range(1, 9):
        exif = Image.Exif()
        exif[0x0112] = turn
        stored = {1: rgb, 2: rgb[:, ::-1], 3: rgb[::-1, ::-1], 4: rgb[::-1], 5: rgb.transpose(1, 0, 2),
                  6: np.rot90(rgb, 1), 7: rgb.transpose(1, 0, 2)[::-1, ::-1], 8: np.rot90(rgb, -1)}[turn]  # fmt: skip
        good(f"turned {turn}.png", encoded(Image.fromarray(np.ascontiguousarray(stored)), "PNG", exif=exif))
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    good("srgb.png", encoded(image, "PNG", icc_profile=profile), tolerance=1)
    good("broken profile.png", encoded(image, "PNG", icc_profile=b"no profile"))
    good("one pixel.png", encoded(Image.new("RGB", (1, 1), "red"), "PNG"), np.array([[[255, 0, 0]]]))
    good("a line.png", encoded(Image.new("RGB", (3000, 1), "blue"), "PNG"), np.full((1, 3000, 3), (0, 0, 255)))

    bad("empty.jpg", b"", "an empty file")
    bad("text.jpg", b"these are only words\n", "not a picture but a text file")
    bad("page.jpg", b"<!DOCTYPE html><html>404</html>", "an HTML page")
    bad("drawing.png", b'<svg xmlns="http://www.w3.org/2000/svg"/>', "an SVG drawing")
    bad("paper.jpg", b"%PDF-1.7\n", "a PDF document")
    bad("archive.jpg", b"PK\x03\x04\0\0", "a ZIP archive")
    bad("layers.psd", b"8BPS\0\1" + bytes(40), "a Photoshop file")
    bad("camera.dng", encoded(small, "TIFF", tiffinfo=reduced), "a raw file of a camera")
    floats = struct.pack("<2sHIH", b"II", 42, 8, 1) + struct.pack("<HHII", 258, 3, 1, 32) + bytes(4)
    bad("colour floats.tif", floats, "a TIFF that is damaged, or of a kind that is not supported")
    bad("line ends.png", encoded(image, "PNG").replace(b"\r\n", b"\n"), "took it for text")
    bad("as text.jpg", encoded(image, "JPEG").decode("latin-1").encode(), "took it for text")
    bad("apple.heif", b"\0\0\0\x18ftypmsf1\0\0\0\0", "HEIC")
    bad("signed drawing.svg", "\ufeff<!-- by Ann --><svg/>".encode(), "an SVG drawing")
    bad("pointer.jpg", b"version https://git-lfs.github.com/spec/v1\n", "Git LFS pointer")
    bad("phone.heic", b"\0\0\0\x18ftypheic\0\0\0\0", "HEIC")
    bad("noise.jpg", bytes(range(256)), "not a picture, or of an unknown kind")
    large = np.random.default_rng(0).integers(0, 256, (200, 200, 3), dtype=np.uint8)
    whole_jpeg, whole_png = (encoded(Image.fromarray(large), kind) for kind in ("JPEG", "PNG"))
    bad("cut.jpg", whole_jpeg[: len(whole_jpeg) // 2], "truncated")
    bad("cut.png", whole_png[: len(whole_png) // 2], "truncated")
    middle = len(whole_png) // 2
    bad("damaged.png", whole_png[:middle] + b"\xff" * 64 + whole_png[middle + 64 :], "damaged")
    bad("bomb.png", png_of_size(50_000, 50_000), "too large: 50000 x 50000 pixels")
    (folder / "folder.jpg").mkdir()
    found.append(Odd(folder / "folder.jpg", reason="a folder"))
    (folder / "link.jpg").symlink_to(folder / "nowhere.jpg")
    found.append(Odd(folder / "link.jpg", reason="a broken link"))
    found.append(Odd(folder / "missing.jpg", reason="not there"))
    return found
