"""Kinds of files that are not read as pictures, by their first bytes."""

from __future__ import annotations

_STARTS = (
    (b"<!doctype html", "not a picture but an HTML page"),
    (b"<html", "not a picture but an HTML page"),
    (b"<svg", "not a picture but an SVG drawing"),
    (b"<?xml", "not a picture but an XML or SVG file"),
    (b"%pdf", "not a picture but a PDF document"),
    (b"%!ps", "not a picture but a PostScript document"),
    (b"pk\x03\x04", "not a picture but a ZIP archive or office document"),
    (b"rar!", "not a picture but an archive"),
    (b"\x1f\x8b", "not a picture but an archive"),
    (b"version https://git-lfs", "not a picture but a Git LFS pointer; `git lfs pull` fetches the picture"),
    (b"8bps", "a Photoshop file, which is not supported; export it as JPEG or PNG"),
    (b"gimp xcf", "a GIMP file, which is not supported; export it as JPEG or PNG"),
    (b"\xff\x0a", "a JPEG XL picture, which is not supported; convert it to JPEG or PNG"),
    (b"\0\0\0\x0cjxl ", "a JPEG XL picture, which is not supported; convert it to JPEG or PNG"),
    (b"\x76\x2f\x31\x01", "an OpenEXR picture, which is not supported; convert it to JPEG or PNG"),
    (b"#?radiance", "an HDR picture, which is not supported; convert it to JPEG or PNG"),
    (b"at&tform", "not a picture but a DjVu document"),
    *(
        (mark, "a TIFF that is damaged, or of a kind that is not supported; convert it to 8 bits for each of 3 colours")
        for mark in (b"ii*\0", b"mm\0*", b"ii+\0", b"mm\0+")
    ),
    *(
        (mark, "damaged by a program that took it for text; copy it again")
        for mark in (b"\x89png\n", b"\x89png\r\r\n", b"\xc2\x89png", b"\xc3\xbf\xc3\x98", b"\xef\xbf\xbd")
    ),
)
_HEIC = (b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1")
_HEAD = 512


def kind_of(source: bytes) -> str:
    """What a file is that no decoder knows, as a reason why it cannot be read."""
    start = source[:_HEAD].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    for mark, kind in _STARTS:
        if start.startswith(mark):
            return kind
    if start.startswith(b"<") and b"<svg" in start:
        return "not a picture but an SVG drawing"
    if source[4:8] == b"ftyp":
        if source[8:12] in _HEIC:
            return "a HEIC picture, which is not supported; convert it to JPEG or PNG"
        if source[8:12] == b"crx ":
            return "a raw file of a camera; export it as JPEG or PNG"
        return "not a picture but a video, or a picture of an unknown kind"
    if b"\0" not in source[:_HEAD]:
        return "not a picture but a text file"
    return "not a picture, or of an unknown kind"
