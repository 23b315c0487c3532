"""Reading of a folder with one folder of pictures per class."""

from __future__ import annotations

import logging
import os
import re
import shlex
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path

import numpy as np

from emotionart.data.pictures.decode import is_there
from emotionart.data.pictures.endings import has_picture_ending
from emotionart.data.tables.cells import nearest_files, read_cells, read_header
from emotionart.data.tables.formats.archive import unpack_command
from emotionart.data.tables.layouts.class_folders import find_classes
from emotionart.data.tables.layouts.imagefolder import metadata_tables
from emotionart.data.tables.layouts.missing_columns import image_column
from emotionart.data.tables.layouts.side_files import (
    picture_kind,
    warn_of_copied_folders,
    warn_of_joint_folders,
    warn_of_side_files,
    warn_of_unread,
)
from emotionart.data.tables.splits.given import ANEW
from emotionart.data.tables.table import ArtworkTable
from emotionart.data.tables.votes import fold, log_spellings
from emotionart.data.tables.wording import some
from emotionart.errors import UserError, raise_together
from emotionart.files import with_name
from emotionart.quoting import override

log = logging.getLogger(__name__)

GALLERY = "gallery.json"
"""File that marks a built-in gallery, whose paintings are in `images/`, beside masks and a contact sheet."""


LABELLED = re.compile(r"(?P<emotion>[a-z]+)_\d+\.jpe?g", re.IGNORECASE)
"""Name of a picture that begins with its label, as in ArtPhoto."""

_DEVICES = {
    *("img", "imag", "image", "dsc", "dscn", "dscf", "dcim", "pic", "pict", "picture", "photo", "foto", "scan", "pxl"),
    *("cimg", "mvimg", "gopr", "dji", "sam", "screenshot", "page", "file", "untitled", "whatsapp", "signal"),
}
"""Beginnings of names that cameras, scanners and programs give, as in IMG_1.jpg."""

_TABLES = (".csv", ".tsv", ".parquet", ".jsonl")
_USUAL = ("labels.csv", "metadata.csv", "metadata.jsonl", "labels.tsv", "labels.parquet")
"""Endings, and usual names, of tables of labels."""

_TRIED = 20  # rows whose picture is looked for

_LITTER = {"__macosx", "@eadir", "#recycle", "$recycle.bin", "system volume information", "lost+found"}
"""Folders made by archives and servers, which may hold copies of pictures."""


def pictures_in(folder: Path) -> list[Path]:
    """The files with picture endings in a folder and its subfolders, sorted; names starting with a dot are left out.

    Links to folders are followed, except to a parent folder. Of a built-in gallery, only paintings count.

    Raises:
        UserError: naming every folder that cannot be read.
    """
    return list(map(Path, picture_files(folder)))


def picture_files(folder: Path) -> list[str]:
    """As `pictures_in`, but strings, which are several times as fast to make."""
    refused: list[OSError] = []
    files = [file.removeprefix(f".{os.sep}") for file in _files(str(folder), frozenset(), refused)]
    raise_together(
        UserError(f"This folder cannot be read ({error.strerror}).", where=str(error.filename)) for error in refused
    )
    images = [file for file in files if has_picture_ending(file)]
    if len(images) < len(files):
        rest = [Path(file) for file in files if not has_picture_ending(file)]
        others = Counter(file.suffix or file.name for file in rest)
        named = some([f"{ending} {count}" for ending, count in others.most_common()])
        log.info("%d files in %s are not pictures and are left out: %s", len(rest), folder, named)
        warn_of_unread(rest, folder)
    return images


def read_folder(path: Path, split: str | Mapping[str, str] | None = None) -> ArtworkTable:
    """Reads a folder with one folder of pictures per class; pictures outside of those folders are unlabelled.

    Args:
        path: path of the folder.
        split: None treats folders called train and test (and validation) as parts of a split that contain class
            folders; "anew" does so too, but makes a new split; "none" treats every folder as a class; otherwise lists
            as for `find_lists`, or a folder of class folders for each part.

    Raises:
        UserError: if the folder is missing or holds no picture, or its folders are not classes.
    """
    if path.is_file():
        raise UserError("This is a file, not a folder of pictures.", where=str(path), fix=unpack_command(path))
    if not path.is_dir():
        raise UserError("There is no such folder.", where=str(path), suggestions=nearest_files(path))
    root = path.resolve()
    images = pictures_in(root)
    if not images:
        raise no_picture(path)
    beside = table_beside(path)
    relative = [item.relative_to(root).parts for item in images]
    if metadata_tables(root) and all(len(names) < 3 for names in relative):
        raise UserError("The folders of this split hold tables of labels, and no folders of classes.",
                        where=str(path), fix=beside)  # fmt: skip
    if beside is not None:
        log.warning("a table lies beside the pictures and is not read; to use it: %s", beside)
    inner, given_split = find_classes(relative, split, root)
    classes = [fold(names[0]) if len(names) > 1 else "" for names in inner]
    log_spellings(names[0] for names in inner if len(names) > 1)
    warn_of_side_files(relative, root)
    warn_of_copied_folders(classes)
    warn_of_joint_folders(classes)
    labels = tuple(sorted(set(classes) - {""}))
    votes = np.array([[name == label for label in labels] for name in classes], dtype=np.float32)
    return ArtworkTable(
        image=np.array([str(item) for item in images], dtype=object),
        labels=labels,
        votes=votes.reshape(len(images), len(labels)),
        group=np.full(len(images), "", dtype=object),
        tags=(frozenset(),) * len(images),
        split=None if split == ANEW else given_split,
    )


def no_picture(folder: Path) -> UserError:
    """The error for a folder without a file that has the ending of a picture, which some may be nevertheless."""
    refused: list[OSError] = []
    for file in islice(_files(str(folder.resolve()), frozenset(), refused), _TRIED):
        kind = picture_kind(Path(file))
        if kind is not None:
            what = f"No file in this folder has the ending of a picture, but {Path(file).name} is one ({kind})."
            fix = f"endings such as .{kind.casefold()} for the names of the files"
            return UserError(what, where=str(folder), fix=fix)
    return UserError("There is no picture in this folder.", where=str(folder))


def table_beside(folder: Path) -> str | None:
    """The overrides that read the table or tables of labels in a folder of pictures; None without one.

    It has a usual name, or is the only one with a column that is usual for names of pictures.
    """
    table = next((folder / name for name in _USUAL if (folder / name).is_file()), None)
    if table is None and metadata_tables(folder):
        table = folder
    if table is None:
        tables = [item for item in _tables_in(folder) if image_column(read_header(item))]
        table = tables[0] if len(tables) == 1 else None
    return None if table is None else _overrides(table, image_column(read_header(table)))


def table_above(folder: Path) -> str | None:
    """The overrides that read a table next to a folder of pictures, if one of its first rows names one of them."""
    folder = with_name(folder)
    above = folder.parent
    if not os.access(above, os.R_OK):
        return None
    for table in sorted(_tables_in(above), key=lambda item: item.name not in _USUAL):
        column = image_column(read_header(table))
        try:
            names = [] if column is None else read_cells(table)[column].head(_TRIED).to_list()
        except UserError:  # no table that could be used
            continue
        if any(is_there(folder / name) for name in names if name):
            return f"{_overrides(table, column)} {override('data.root', str(folder))}"
        if any(is_there(above / name) and folder in (above / name).parents for name in names if name):
            return _overrides(table, column)
    return None


def _tables_in(folder: Path) -> list[Path]:
    return [item for item in sorted(folder.iterdir()) if item.suffix.casefold() in _TABLES and item.is_file()]


def _overrides(table: Path, column: str | None) -> str:
    """The overrides that read a table whose pictures are in this column; None for the usual one."""
    image = "" if column in (None, "image") else f" {override('data.image', str(column))}"
    return f"data=table {override('data.path', str(table))}{image}"


def import_by_names(folder: Path) -> str | None:
    """The command that makes a table of a folder whose pictures' names begin with labels; None for other names.

    Names by cameras and scanners, and labels that are all of a single picture, are no labels.
    """
    names = [item.name for item in folder.iterdir() if has_picture_ending(item)]
    matches = [LABELLED.fullmatch(name) for name in names]
    labels = Counter(match["emotion"].casefold() for match in matches if match)
    if not all(matches) or len(labels) < 2 or max(labels.values()) < 2 or _DEVICES & set(labels):
        return None
    return shlex.join(["emotionart", "data", "import", "artphoto", str(folder), "--out", "labels.csv"])


def _files(folder: str, above: frozenset[str], refused: list[OSError]) -> Iterator[str]:
    """Yields the files below a folder in order, following links except to `above`; unreadable ones go to `refused`."""
    real = os.path.realpath(folder)
    if real in above:
        return
    try:
        with os.scandir(folder) as scan:
            entries = sorted(scan, key=lambda entry: entry.name)
    except OSError as error:
        refused.append(error)
        return
    painted = any(entry.name == GALLERY for entry in entries)
    for entry in entries:
        if entry.name.startswith(".") or (painted and entry.name != "images"):
            continue
        item = Path(entry.path) if entry.is_symlink() else entry  # an entry raises errors for circular links
        if item.is_dir() and entry.name.casefold() in _LITTER:
            log.info("%s is no folder of pictures and is left out", entry.path)
        elif item.is_dir():
            yield from _files(entry.path, above | {real}, refused)
        elif item.is_file():
            yield entry.path
        elif entry.is_symlink() and has_picture_ending(entry.name):
            log.warning("%s is a link that leads nowhere, and is left out", entry.path)
