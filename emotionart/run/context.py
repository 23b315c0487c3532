"""What a run is given, whatever it trains."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from omegaconf import DictConfig

from emotionart.data.artworks import Artworks
from emotionart.errors import UserError
from emotionart.files import write_json
from emotionart.run.callbacks import Metrics
from emotionart.run.devices.rank import Peer
from emotionart.run.folder import RunFolder
from emotionart.run.provenance import now, provenance
from emotionart.run.stored import read_provenance
from emotionart.run.tracking.logger import Logger

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class RunContext:
    """One run that has begun.

    Attributes:
        config: composed and checked.
        choices: which option of each config group was taken.
        folder: of the run.
        logger: told of what happens.
        threads: of the CPU, on which the last bits depend.
        resolved: the configuration as plain values.
        watch: called with the metrics of each epoch; what it raises ends the run.
        started: the time, ISO 8601.
        peer: the place of this process, where it is that of another device and leaves nothing; None in the run's own.
    """

    config: DictConfig
    choices: Mapping[str, str]
    folder: RunFolder
    logger: Logger
    threads: int
    resolved: Mapping[str, Any]
    watch: Callable[[Metrics], None] = lambda row: None
    started: str = field(default_factory=now)
    peer: Peer | None = None

    def log_metrics(self, row: Metrics) -> None:
        """Tells the logger, and whoever watches, of an epoch."""
        self.logger.log(row)
        self.watch(row)

    def record_data(self, artworks: Artworks, unlabelled: str | None = None) -> None:
        """Writes which artworks the run works on, and where it comes from: `split.csv` and `provenance.json`.

        Args:
            artworks: labelled ones.
            unlabelled: a name for the pictures without labels that it learns from, too; None for none.

        Raises:
            UserError: where a run that is resumed had other data, or divided them otherwise.
        """
        origin = {**provenance(artworks.digest(), self.threads), "started": self.started, "seconds": 0.0}
        if unlabelled:
            origin["unlabelled"] = unlabelled
        if self.folder.provenance.exists():
            earlier = read_provenance(self.folder.provenance)
            if earlier["data"] != origin["data"] or earlier.get("unlabelled") != unlabelled:
                raise UserError(
                    "The data, or their split, have changed since this run was started.",
                    where=str(self.folder.provenance),
                    fix="the data as they were, or a new run, without resume",
                )
            if earlier["code"] != origin["code"]:
                log.warning("This run was started with other code; its result may differ from that of either version.")
            origin |= {"started": earlier["started"], "seconds": earlier["seconds"]}
        artworks.write_split(self.folder.split)
        write_json(self.folder.provenance, origin)
        self.logger.start()  # not before: a mistake in the data leaves no run of W&B
        self.folder.update({"wandb_id": self.logger.id})
