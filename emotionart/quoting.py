"""Quoting of overrides for Hydra and the shell."""

from __future__ import annotations

import re
import shlex


def quote(value: str) -> str:
    """A quoted value that Hydra reads back as exactly this text."""
    escaped = re.sub(r'(\\*)("|$)', lambda found: found[1] * 2 + found[2].replace('"', '\\"'), value)
    return f'"{escaped}"'


def override(key: str, *values: str) -> str:
    """An override to paste into a shell, with one value or a list of values."""
    quoted = [value if re.fullmatch(r"[\w./*-]+", value) else quote(value) for value in values]
    return shlex.quote(f"{key}={quoted[0]}" if len(quoted) == 1 else f"{key}=[{','.join(quoted)}]")
