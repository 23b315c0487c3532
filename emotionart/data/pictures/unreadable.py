"""Applies a function to many picture files, some of them unreadable; the messages that name the unreadable ones."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from emotionart.data.pictures.decode import PictureError, read_file
from emotionart.errors import UserError
from emotionart.files import atomic_write

log = logging.getLogger(__name__)

T = TypeVar("T")

_NAMED = 50  # unreadable pictures on the screen, if a file names all


def use_readable(paths: Sequence[str], use: Callable[[Path], T]) -> tuple[dict[str, T], dict[str, str]]:
    """The results of a function for the readable picture files, and why each other is unreadable, by path."""
    results, unreadable = {}, {}
    for path in paths:
        try:
            results[path] = use(Path(path))
        except PictureError as error:
            unreadable[path] = error.reason
    return results, unreadable


def use_all(paths: Sequence[Path], use: Callable[[bytes], T], where: str) -> list[T]:
    """The results of a function of the bytes of each picture file, one file after another.

    Args:
        paths: paths of the files.
        use: function of a file's bytes, which may raise `PictureError`.
        where: where these pictures were named, for the message.

    Raises:
        UserError: if any of them cannot be read.
    """
    results, bad = use_readable(list(map(str, paths)), lambda path: use(read_file(path)))
    if bad:
        raise UserError(f"{len(bad)} of {len(paths)} pictures cannot be used:\n{shortened(bad)}", where=where)
    return list(results.values())


def left_out(unreadable: Mapping[str, str], out: Path | None) -> UserError:
    """The error to raise once all other pictures are done; arguments as for `listing`."""
    one = len(unreadable) == 1
    what = "1 picture cannot be read, and is" if one else f"{len(unreadable)} pictures cannot be read, and are"
    return UserError(f"{what} left out:\n{listing(unreadable, out)}")


def warn_of_unreadable(
    unreadable: Mapping[str, str], readable: int, on_bad: str, out: Path | None, fix: str | None = None
) -> None:
    """Names unreadable pictures in a warning.

    Args:
        unreadable: path -> reason.
        readable: number of other pictures.
        on_bad: "error" or "skip".
        out: output file or folder of the others; None if they are printed.
        fix: option that leaves unreadable pictures out, if otherwise there is no output; None if there is one anyway.

    Raises:
        UserError: instead, if `on_bad` is "error".
    """
    if not unreadable:
        return
    fails = on_bad == "error"
    kept = ", and are left out" if readable and not (fails and fix) else ""
    named = listing(unreadable, out)
    message = f"{len(unreadable)} of {readable + len(unreadable)} pictures cannot be read{kept}:\n{named}"
    if fails:
        raise UserError(message, fix=fix if readable else None)
    log.warning(message)


def none_readable(unreadable: Mapping[str, str]) -> UserError:
    """The error if no picture can be read; `unreadable` is path -> reason."""
    return UserError("None of these pictures can be read.", where=listing(unreadable, None).lstrip())


def listing(unreadable: Mapping[str, str], out: Path | None) -> str:
    """A line for each unreadable picture with its reason; of many, only of the first, and `OUT.unreadable.txt` has all.

    Args:
        unreadable: path -> reason.
        out: the output file or folder, beside which all are listed; None if there is none, and all are on the screen.
    """
    lines = _lines(unreadable)
    if out is None or len(lines) <= _NAMED:
        return "\n".join(lines)
    file = out.with_name(f"{out.name}.unreadable.txt")
    with atomic_write(file) as partial:
        text = "".join(f"{path}\t{reason}\n" for path, reason in unreadable.items())
        partial.write_text(text, encoding="utf-8", errors="surrogateescape")
    return "\n".join([*lines[:_NAMED], f"    and {len(lines) - _NAMED} more: {file} lists all"])


def shortened(unreadable: Mapping[str, str]) -> str:
    """A line for each of the first unreadable pictures, and the number of the others."""
    rest = [f"    and {len(unreadable) - _NAMED} more"] if len(unreadable) > _NAMED else []
    return "\n".join([*_lines(unreadable)[:_NAMED], *rest])


def _lines(unreadable: Mapping[str, str]) -> list[str]:
    return [f"    {_printable(path)} ({reason})" for path, reason in unreadable.items()]


def _printable(path: str) -> str:
    """A path with escapes for the bytes of its name that are no UTF-8."""
    return path.encode(errors="backslashreplace").decode()
