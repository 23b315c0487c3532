"""The encoding of text tables."""

from __future__ import annotations

import codecs
import logging
import re
import shlex
from pathlib import Path

from emotionart.data.tables.formats.archive import unpack_command
from emotionart.data.tables.wording import some
from emotionart.errors import UserError

log = logging.getLogger(__name__)

HEAD = 4096
"""Bytes that are inspected to distinguish text from other files."""

_LONGEST = 30  # letters of a word that is shown
_LINE_MARK = re.compile("(^|[\r\n])\ufeff+")
_MULTIBYTE = {"big5", "cp932", "cp949", "euc_jp", "euc_kr", "gb18030", "gb2312", "gbk", "shift_jis"}


def decode_text(path: Path, quiet: bool = False) -> str:
    """The text of a file in UTF-8, UTF-16 (which spreadsheets call "Unicode text"), UTF-32 or Windows-1252.

    Byte order marks at the beginnings of lines, as in files joined from several, are left out.

    Args:
        path: path of the file.
        quiet: whether the warning of Windows-1252 is left to another call.

    Raises:
        UserError: for a binary file, or text in an encoding that is none of these.
    """
    return _LINE_MARK.sub(r"\1", _decode(path, quiet))


def _decode(path: Path, quiet: bool) -> str:
    raw = path.read_bytes()
    if raw.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return raw.decode("utf-32", errors="replace")
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return raw.decode("utf-16", errors="replace")
    head = raw[:HEAD]
    for index, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):  # no byte order mark, but every other byte is zero
        if head and 2 * head[index::2].count(0) > len(head[index::2]) and not head[1 - index :: 2].count(0):
            return raw.decode(encoding, errors="replace")
    raw = raw.rstrip(b"\x1a")  # the end of a file, as old programs write it
    if b"\0" in head:
        raise _no_text(path, raw)
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        if (joined := _decode_lines(raw)) is not None:
            text, others = joined
            if not quiet:
                log.warning("%s: these lines are not UTF-8, but Windows-1252 as it seems: %s", path,
                            some([str(number) for number in others]))  # fmt: skip
            return text
        text = _decode_windows(raw, path)
    if quiet:
        return text
    words = list(dict.fromkeys(word for word in re.findall(r"[^\s,;|\"]+", text) if not word.isascii()))
    log.warning(
        "%s is not UTF-8; it is read as Windows-1252: %s. If this is not what is meant: %s",
        path, some([word[:_LONGEST] for word in words], 3), _recode("ENCODING", path),
    )  # fmt: skip
    return text


def _no_text(path: Path, raw: bytes) -> UserError:
    unpack = unpack_command(path)
    kind = "an archive" if unpack else "an Excel or LibreOffice workbook" if raw.startswith(b"PK") else "a binary file"
    return UserError(f"This is not a text table but {kind}.", where=str(path), fix=unpack or "save it as CSV, in UTF-8")


def _decode_lines(raw: bytes) -> tuple[str, list[int]] | None:
    """The text of a file joined from files in UTF-8 and Windows-1252, and the numbers of the lines in the latter.

    None if most lines with letters beyond ASCII are not UTF-8, or one of these is not Windows-1252 either.
    """
    lines: list[str] = []
    others: list[int] = []
    beyond = 0
    for number, line in enumerate(raw.split(b"\n"), 1):
        beyond += not line.isascii()
        try:
            lines.append(line.decode())
        except UnicodeDecodeError:
            others.append(number)
            try:
                lines.append(line.decode("cp1252"))
            except UnicodeDecodeError:
                return None
    return ("\n".join(lines), others) if 2 * len(others) < beyond else None


def _decode_windows(raw: bytes, path: Path) -> str:
    try:
        return raw.decode("cp1252")
    except UnicodeDecodeError:
        from charset_normalizer import from_bytes

        guess = from_bytes(raw).best()
        # Its guesses among encodings for Latin letters are poor, and iconv does not know all of their names.
        multibyte = guess is not None and guess.encoding in _MULTIBYTE
        likely = f", but probably {guess.encoding}" if guess and multibyte else ""
        raise UserError(
            f"This text is neither UTF-8 nor Windows-1252{likely}.",
            where=str(path),
            fix=_recode(guess.encoding if guess and multibyte else "ENCODING", path),
        ) from None


def _recode(encoding: str, path: Path) -> str:
    """The command that writes a UTF-8 copy of a file beside it."""
    copy = path.with_name(f"{path.stem}-utf8{path.suffix}")
    return f"{shlex.join(['iconv', '-f', encoding, '-t', 'UTF-8', str(path)])} > {shlex.quote(str(copy))}"
