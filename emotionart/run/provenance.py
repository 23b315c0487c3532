"""The provenance of a result: code, data, packages, machine, times."""

from __future__ import annotations

import hashlib
import platform
import subprocess
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Any

import torch

from emotionart.cores import available_cores

PROJECT = Path(__file__).parents[2]
"""The folder that contains the package: the repository, or site-packages."""


def _git(*arguments: str) -> str | None:
    if not (PROJECT / ".git").exists():
        return None  # an installed package may be inside another repository
    try:
        answer = subprocess.run(["git", *arguments], cwd=PROJECT, capture_output=True, text=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return answer.stdout.strip() if answer.returncode == 0 else None


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor()


@cache
def code_digest() -> str:
    """A digest of the package's source, which identifies the code even without a commit."""
    digest = hashlib.blake2b(digest_size=8)
    for file in sorted(PROJECT.glob("emotionart/**/*.py")):
        digest.update(file.relative_to(PROJECT).as_posix().encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()


@cache
def _packages() -> dict[str, str]:
    return dict(sorted(_name_and_version(item) for item in distributions()))


def _name_and_version(item: Distribution) -> tuple[str, str]:
    """Name and version as in `item.metadata`, which parses all metadata: half a second for 250 packages."""
    metadata = item.read_text("METADATA") or item.read_text("PKG-INFO") or item.read_text("") or ""
    header = metadata.partition("\n\n")[0]
    fields = dict(line.split(": ", 1) for line in header.splitlines() if line.startswith(("Name: ", "Version: ")))
    return fields.get("Name", ""), fields.get("Version", "")


def now() -> str:
    """The time in UTC, ISO 8601, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def provenance(data_digest: str, threads: int) -> dict[str, Any]:
    """The information needed to reproduce a result.

    Args:
        data_digest: digest of the data and their split.
        threads: CPU threads, on which the last bits depend.
    """
    return {
        "commit": _git("rev-parse", "HEAD"),
        "diff": _git("diff", "HEAD"),
        "code": code_digest(),
        "data": data_digest,
        "packages": _packages(),
        "machine": {
            "python": platform.python_version(),
            "system": platform.platform(),
            "processor": _processor(),
            "cores": available_cores(),  # those of the machine that this process may use
            "gpu": torch.cuda.get_device_name() if torch.cuda.is_available() else None,
        },
        "threads": threads,
    }
