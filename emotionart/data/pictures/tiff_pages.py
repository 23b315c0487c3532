"""What tags of TIFF files say: pages that are reduced versions of others, and negatives."""

from __future__ import annotations

import itertools

from PIL import Image, TiffImagePlugin

_PHOTOMETRIC = 262  # TIFF's tag that is 0 if 0 is white
_SUBFILE_TYPE = 254  # TIFF's tag whose lowest bit marks a reduced version of another page


def seek_full_size(image: Image.Image) -> bool:
    """Goes to the first page that is no reduced version of another, which files of scanners may begin with.

    Returns:
        False if there is none, as in raw files of cameras, where the picture itself is not a page. True for files other
        than TIFF.
    """
    while _is_reduced(image):
        try:
            image.seek(image.tell() + 1)
        except EOFError:
            return False
    return True


def count_pages(image: Image.Image) -> int:
    """The number of pages that are no reduced versions of others, up to a damaged one; 1 for files other than TIFF."""
    if not isinstance(image, TiffImagePlugin.TiffImageFile):
        return 1
    count = 0
    for page in itertools.count():
        try:
            image.seek(page)
        except Exception:  # EOFError after the last page; Pillow raises many others for damaged ones
            break
        count += not _is_reduced(image)
    return count


def is_negative(image: Image.Image) -> bool:
    """Whether 0 is white in a 16-bit TIFF, which Pillow takes for black; it turns those of 8 bits itself."""
    if not isinstance(image, TiffImagePlugin.TiffImageFile) or not image.mode.startswith("I;16"):
        return False
    return bool(image.tag_v2.get(_PHOTOMETRIC) == 0)


def _is_reduced(image: Image.Image) -> bool:
    return isinstance(image, TiffImagePlugin.TiffImageFile) and bool(image.tag_v2.get(_SUBFILE_TYPE, 0) & 1)
