"""The outcome of a sweep: its table in files, on standard output, and in W&B."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from emotionart.compare.comparison import read_comparison, write_report, write_table
from emotionart.compare.formats import as_text
from emotionart.compare.tracking.summary import log_summary
from emotionart.terminal import terminal_width, write_rows


def write_outcome(folder: Path, name: str, logger: Mapping[str, Any] | None) -> None:
    """Compares the runs of a sweep: files in its folder, the table on standard output, and W&B's summary run.

    Args:
        folder: folder of the sweep.
        name: name of the sweep.
        logger: logger configuration of the runs; None for no summary run.
    """
    comparison = read_comparison(folder)
    write_table(comparison)
    write_report(comparison)
    if logger is not None:
        log_summary(comparison, name, logger)
    table = as_text(comparison.table, terminal_width(), f"emotionart table {shlex.quote(str(folder))} --wide")
    sys.stdout.write(f"\n{table}\n")
    write_rows(f"{folder}/table.csv  .md  .tex  .png   {folder}/report.html")
