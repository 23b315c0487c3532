"""The usual names of the parts of a split."""

from __future__ import annotations

import re
from collections.abc import Sequence

SPELLINGS = {
    "train": ("train", "training", "trainset"),
    "validation": ("val", "valid", "validation", "dev", "development", "publictest"),
    "test": ("test", "testing", "testset", "privatetest"),
}
"""Usual names of the parts of a split; FER2013 calls two of them public and private test."""

_PARTS = {spelling: part for part, spellings in SPELLINGS.items() for spelling in spellings}
_FILLERS = {"set", "split", "part", "data", "dataset", "images", "image", "imgs", "img", "pictures", "folder", "of"}


def part_of(name: str) -> str | None:
    """The part denoted by a usual name, such as "Train", "val_images" or "1_test"; None for other names."""
    words = re.findall(r"[^\W\d_]+", name.casefold())
    spelt = ("".join(words), "".join(word for word in words if word not in _FILLERS))
    return next((_PARTS[one] for one in spelt if one in _PARTS), None)


def folders_of_parts(paths: Sequence[str]) -> list[str] | None:
    """The folder in each path that names its part, all at one depth; None if no depth has folders of two parts alone.

    Args:
        paths: (n,) paths of pictures, such as "train/joy/1.jpg".
    """
    folders = [path.replace("\\", "/").removeprefix("./").split("/")[:-1] for path in paths]
    for names in zip(*folders, strict=False):
        parts = {part_of(name) for name in set(names)}
        if None not in parts and len(parts) > 1:
            return list(names)
    return None
