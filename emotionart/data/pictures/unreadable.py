"""Reading many pictures of which some cannot be read, and the messages that name these."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from emotionart.data.pictures.decode import PictureError
from emotionart.errors import UserError

T = TypeVar("T")


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
    return UserError(f"{len(unreadable)} pictures cannot be read, and are left out:\n{_listing(unreadable)}")


def none_readable(unreadable: Mapping[str, str]) -> UserError:
    """The message where no other picture is left; `unreadable` is path -> reason."""
    return UserError("None of these pictures can be read.", where=_listing(unreadable).lstrip())


def _listing(unreadable: Mapping[str, str]) -> str:
    return "\n".join(f"    {path} ({reason})" for path, reason in unreadable.items())
