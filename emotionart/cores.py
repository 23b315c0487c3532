"""The CPU cores that a process may use, and its threads."""

from __future__ import annotations

import os
import re


def available_cores() -> int:
    """The number of cores on which this process may run; a cluster's job or `taskset` has fewer than the machine."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1  # macOS and Windows


def usual_threads(cores: int) -> int:
    """The number of CPU threads on so many cores: as many, or OMP_NUM_THREADS if that is less."""
    limit = re.match(r"\s*(\d+)", os.environ.get("OMP_NUM_THREADS", ""))  # of nested levels ("4,2"), the first
    return max(1, min(cores, int(limit[1]))) if limit and int(limit[1]) else max(1, cores)
