"""Quoting of overrides for Hydra and the shell."""

from __future__ import annotations

import re
import shlex


def quote(value: str) -> str:
    """A quoted value that Hydra reads back as exactly this text."""
    escaped = re.sub(r'(\\*)("|$)', lambda found: found[1] * 2 + found[2].replace('"', '\\"'), value)
    return f'"{escaped}"'


def unquoted(value: str) -> str:
    """The text that Hydra reads in a value without interpolations: unescaped if it is quoted, else unchanged."""
    found = re.fullmatch(r"""(['"])(.*)\1""", value, re.DOTALL)
    if found is None:
        return value
    mark, inner = found.groups()
    return re.sub(rf"((?:\\\\)*)(\\{mark}|$)", lambda each: each[1][::2] + each[2].removeprefix("\\"), inner)


def quoted(value: str) -> str:
    """A value that Hydra reads back as exactly this text, quoted if it would not do so otherwise."""
    return value if re.fullmatch(r"[\w./*-]+", value, re.ASCII) and not _is_scalar(value) else quote(value)


def _is_scalar(value: str) -> bool:
    """Whether Hydra reads a text without quotes as a number, true, false or null."""
    try:
        float(value)
    except ValueError:
        return value.casefold() in ("true", "false", "null")
    return True


def override(key: str, *values: str) -> str:
    """An override to paste into a shell, with one value or a list of values."""
    listed = [quoted(value) for value in values]
    return shlex.quote(f"{key}={listed[0]}" if len(listed) == 1 else f"{key}=[{','.join(listed)}]")
