"""What follows a run's result: figures, W&B and explanations, of which none can take the result away."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from emotionart.run.folder import RunFolder
from emotionart.run.tracking.logger import Logger

log = logging.getLogger(__name__)

Result = dict[str, Any]


class Outcome(Protocol):
    """A trained and tested model, and all that is drawn, sent and said of it."""

    @property
    def result(self) -> Result:
        """What `result.json` holds."""

    def figures(self) -> Mapping[str, Callable[[Path], None]]:
        """What writes each figure, by the name of its file in `figures/`."""

    def send(self, logger: Logger, folder: RunFolder) -> None:
        """Gives the logger the result, and the figures that lie in the run's folder."""

    def write_page(self, folder: RunFolder) -> None:
        """Writes `report.html` from the result, and from what else lies in the run's folder."""

    def lines(self, folder: Path) -> Sequence[str]:
        """Lines for a person."""


def carry_out(steps: Mapping[str, Callable[[], object]], folder: RunFolder) -> list[str]:
    """Carries out what follows a result, and returns the names of what could not be done.

    A step that fails is a warning. `run.json` says what is missing at any time, so that it can be made later.

    Args:
        steps: by name.
        folder: of the run.
    """
    missing = list(steps)
    folder.update({"missing": missing})
    for name, step in steps.items():
        try:
            step()
        except Exception as error:
            reason = str(error).partition("\n")[0] or type(error).__name__
            log.warning("%s is missing: %s. To make it later: emotionart figures %s", name, reason, folder.path)
        else:
            missing.remove(name)
            folder.update({"missing": missing})
    return missing
