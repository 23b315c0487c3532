"""Quoting of overrides for Hydra and the shell, and of columns in expressions."""

from __future__ import annotations

import re
import shlex
import unicodedata
from collections.abc import Iterable
from keyword import iskeyword


def quote(value: str) -> str:
    """A quoted value that Hydra reads back as exactly this text."""
    escaped = re.sub(r'(\\*)("|$)', lambda match: match[1] * 2 + match[2].replace('"', '\\"'), value)
    return f'"{escaped}"'


def unquote(value: str) -> str:
    """The text that Hydra reads in a value without interpolations: unescaped if it is quoted, else unchanged."""
    match = re.fullmatch(r"""(['"])(.*)\1""", value, re.DOTALL)
    if match is None:
        return value
    mark, inner = match.groups()
    return re.sub(rf"((?:\\\\)*)(\\{mark}|$)", lambda each: each[1][::2] + each[2].removeprefix("\\"), inner)


def quote_if_needed(value: str) -> str:
    """A value that Hydra reads back as exactly this text, quoted if it would not do so otherwise."""
    return value if re.fullmatch(r"[\w./*-]+", value, re.ASCII) and not _is_scalar(value) else quote(value)


def _is_scalar(value: str) -> bool:
    """Whether Hydra reads a text without quotes as a number, true, false or null."""
    try:
        float(value)
    except ValueError:
        return value.casefold() in ("true", "false", "null")
    return True


def override(key: str, value: str) -> str:
    """An override to paste into a shell."""
    return shlex.quote(f"{key}={quote_if_needed(value)}")


def override_list(key: str, values: Iterable[str]) -> str:
    """An override with a list of values, to paste into a shell."""
    return shlex.quote(f"{key}=[{','.join(map(quote_if_needed, values))}]")


def quoted_column(name: str) -> str | None:
    """A column's name in an expression of `data.where`; None if it cannot be written in one."""
    if re.search(r"[`\t\n\r]", name) or reaches_out(name):
        return None
    return name if name.isidentifier() and not iskeyword(name) else f"`{name}`"


def reaches_out(expression: str) -> bool:
    """Whether an expression of `data.where` may use more than columns: variables (@), or attributes such as __class__.

    Python takes letters and underscores of other widths for the usual ones.
    """
    return re.search(r"@|(?<!\w)__", unicodedata.normalize("NFKC", expression)) is not None
