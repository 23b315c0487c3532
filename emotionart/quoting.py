"""Overrides as they are typed: quoted where Hydra or a shell would read something else."""

from __future__ import annotations

import re
import shlex


def quote(value: str) -> str:
    """A value that Hydra reads as this text, whatever is in it."""
    escaped = re.sub(r'(\\*)("|$)', lambda found: found[1] * 2 + found[2].replace('"', '\\"'), value)
    return f'"{escaped}"'


def override(key: str, *values: str) -> str:
    """An override to be pasted into a shell: of one value, or of a list of them."""
    quoted = [value if re.fullmatch(r"[\w./*-]+", value) else quote(value) for value in values]
    return shlex.quote(f"{key}={quoted[0]}" if len(quoted) == 1 else f"{key}=[{','.join(quoted)}]")
