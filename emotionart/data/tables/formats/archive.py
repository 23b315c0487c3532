"""Archives that are given where a table or a folder of pictures is meant."""

from __future__ import annotations

import lzma
import shlex
import tarfile
import zipfile
import zlib
from pathlib import Path

from emotionart.errors import UserError

_WORKBOOKS = ("xl/", "content.xml")
"""Beginnings of names in a ZIP file that is a workbook of Excel or LibreOffice."""
_GZIP = b"\x1f\x8b"


def unpack_command(path: Path) -> str | None:
    """The command that unpacks a ZIP, tar or gzip file next to it; None for any other file, also for a workbook.

    Raises:
        UserError: for an archive that is damaged or incomplete.
    """
    try:
        return _unpack_command(path)
    except (zipfile.BadZipFile, tarfile.TarError, lzma.LZMAError, zlib.error, EOFError):
        raise UserError(
            "This archive is damaged or incomplete.", where=str(path), fix="download or pack it again"
        ) from None


def _unpack_command(path: Path) -> str | None:
    file, folder = str(path), str(path.with_name(path.name.partition(".")[0] or "unpacked"))
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
        return None if any(name.startswith(_WORKBOOKS) for name in names) else shlex.join(["unzip", file, "-d", folder])
    if tarfile.is_tarfile(path):
        return f"{shlex.join(['mkdir', '-p', folder])} && {shlex.join(['tar', '-xf', file, '-C', folder])}"
    with path.open("rb") as opened:
        if opened.read(len(_GZIP)) != _GZIP:
            return None
    unpacked = path.with_suffix("") if path.suffix.casefold() == ".gz" else path.with_name(f"{path.name}.unpacked")
    return f"{shlex.join(['gunzip', '-c', file])} > {shlex.quote(str(unpacked))}"
