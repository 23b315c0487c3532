"""Reading many pictures of which some cannot be read, and the messages that name these."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import TypeVar

from emotionart.data.pictures.decode import PictureError
from emotionart.errors import UserError

log = logging.getLogger(__name__)

T = TypeVar("T")

_NAMED = 50  # unreadable pictures that a message names; the rest are counted


def use_readable(paths: Sequence[str], use: Callable[[Path], T]) -> tuple[dict[str, T], dict[str, str]]:
    """What a function makes of each picture file, one after another, by path; and why it raised `PictureError`."""
    found, unreadable = {}, {}
    for path in paths:
        try:
            found[path] = use(Path(path))
        except PictureError as error:
            unreadable[path] = error.reason
    return found, unreadable


def left_out(unreadable: Mapping[str, str]) -> UserError:
    """The message once all other pictures are done; `unreadable` is path -> reason."""
    return UserError(f"{len(unreadable)} pictures cannot be read, and are left out:\n{listing(unreadable)}")


def tell_unreadable(unreadable: Mapping[str, str], readable: int, on_bad: str, fix: str | None = None) -> None:
    """Names unreadable pictures in a warning.

    Args:
        unreadable: path -> reason.
        readable: number of other pictures.
        on_bad: "error" or "skip".
        fix: what leaves them out, if nothing is made of the others otherwise; None if it is made anyway.

    Raises:
        UserError: instead, if `on_bad` is "error", or no other picture is left.
    """
    if not unreadable:
        return
    fails = on_bad == "error" or not readable
    kept = ", and are left out" if readable and not (fails and fix) else ""
    message = f"{len(unreadable)} of {readable + len(unreadable)} pictures cannot be read{kept}:\n{listing(unreadable)}"
    if fails:
        raise UserError(message, fix=fix if readable else None)
    log.warning(message)


def none_readable(unreadable: Mapping[str, str]) -> UserError:
    """The message where no other picture is left; `unreadable` is path -> reason."""
    return UserError("None of these pictures can be read.", where=listing(unreadable).lstrip())


def listing(unreadable: Mapping[str, str]) -> str:
    """A line for each unreadable picture with its reason; beyond `_NAMED`, only their number."""
    lines = [f"    {path} ({reason})" for path, reason in islice(unreadable.items(), _NAMED)]
    rest = [f"    and {len(unreadable) - _NAMED} more"] if len(unreadable) > _NAMED else []
    return "\n".join([*lines, *rest])
