"""Figures, W&B and explanations after a run's result, whose failure does not affect the result."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from emotionart.errors import first_line
from emotionart.run.folder import RunFolder
from emotionart.run.tracking.logger import Logger

log = logging.getLogger(__name__)

Result = dict[str, Any]


class Outcome(Protocol):
    """A trained and tested model with its figures, log entries, summary and page."""

    @property
    def result(self) -> Result:
        """The contents of `result.json`."""

    def figures(self) -> Mapping[str, Callable[[Path], None]]:
        """Functions that write the figures, by file name in `figures/`."""

    def send(self, logger: Logger, folder: RunFolder) -> None:
        """Logs the result and the figures in the run folder."""

    def write_page(self, folder: RunFolder) -> None:
        """Writes `report.html` from the result and the other files in the run folder."""

    def lines(self) -> Sequence[str]:
        """The summary of the run, line by line."""

    def headlines(self) -> Sequence[str]:
        """The lines of the summary that the console shows; the others are in the log and on the page."""


def run_steps(steps: Mapping[str, Callable[[], object]], folder: RunFolder) -> list[str]:
    """Runs the steps after a result and returns the names of those that failed.

    A failure is logged as a warning. `run.json` lists the missing steps at any time, so that they can be made up later.

    Args:
        steps: steps by name.
        folder: run folder.
    """
    missing = list(steps)
    folder.update({"missing": missing})
    for name, step in steps.items():
        try:
            step()
        except Exception as error:
            log.warning("%s is missing: %s. To make it later: %s", name, first_line(error), folder.figures_command)
        else:
            missing.remove(name)
            folder.update({"missing": missing})
    return missing
