"""The CPU cores that a process may use."""

from __future__ import annotations

import os


def available_cores() -> int:
    """The number of cores on which this process may run; a cluster's job or `taskset` has fewer than the machine."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1  # macOS and Windows
