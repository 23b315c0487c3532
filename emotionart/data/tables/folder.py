"""A folder of pictures, with a folder for each class, as an artwork table."""

from __future__ import annotations

import logging
import os
from pathlib import Path

import numpy as np

from emotionart.data.tables.cells import nearest_files
from emotionart.data.tables.table import ArtworkTable
from emotionart.data.tables.votes import fold
from emotionart.errors import UserError, raise_together

log = logging.getLogger(__name__)

PICTURE_ENDINGS = frozenset(
    {".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif", ".tif", ".tiff", ".ppm", ".pgm", ".jfif", ".avif", ".heic"}
)


def pictures_in(folder: Path) -> list[Path]:
    """The files of a folder and its subfolders that end as pictures do, sorted; what starts with a dot is left out.

    Raises:
        UserError: naming every folder in it that cannot be read.
    """
    refused: list[OSError] = []
    walked = os.walk(folder, onerror=refused.append)
    files = [Path(home) / name for home, _, names in walked for name in names if (Path(home) / name).is_file()]
    raise_together(
        UserError(f"This folder cannot be read ({error.strerror}).", where=str(error.filename)) for error in refused
    )
    visible = [item for item in files if not any(part.startswith(".") for part in item.relative_to(folder).parts)]
    images = sorted(item for item in visible if item.suffix.casefold() in PICTURE_ENDINGS)
    if len(images) < len(visible):
        log.info("%d files in %s are no pictures and are left out", len(visible) - len(images), folder)
    return images


def read_folder(path: Path) -> ArtworkTable:
    """Reads a folder with a folder of pictures for each class; pictures beside those folders are unlabelled.

    Raises:
        UserError: if the folder is missing or holds no picture.
    """
    if not path.is_dir():
        raise UserError("There is no such folder.", where=str(path), suggestions=nearest_files(path))
    root = path.resolve()
    images = pictures_in(root)
    if not images:
        raise UserError("There is no picture in this folder.", where=str(path))
    parts = [item.relative_to(root).parts for item in images]
    classes = [fold(part[0]) if len(part) > 1 else "" for part in parts]
    labels = tuple(sorted(set(classes) - {""}))
    votes = np.array([[name == label for label in labels] for name in classes], dtype=np.float32)
    return ArtworkTable(
        image=np.array([str(item) for item in images], dtype=object),
        labels=labels,
        votes=votes.reshape(len(images), len(labels)),
        group=np.full(len(images), "", dtype=object),
        tags=(frozenset(),) * len(images),
    )
