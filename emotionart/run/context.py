"""The context of a run, whatever it trains."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from omegaconf import DictConfig

from emotionart.data.artworks import Artworks
from emotionart.errors import UserError
from emotionart.files import write_json
from emotionart.run.devices.rank import Peer
from emotionart.run.folder import RunFolder
from emotionart.run.provenance import now, provenance
from emotionart.run.stored import read_provenance
from emotionart.run.tracking.logger import Logger
from emotionart.run.training.callbacks import Metrics

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class RunContext:
    """The context of a run in progress.

    Attributes:
        config: composed and checked configuration.
        choices: chosen option of each config group.
        folder: run folder.
        logger: logger of the run.
        threads: CPU threads, on which the last bits of results depend.
        resolved: the configuration as plain values.
        on_epoch: called with the metrics of each epoch; its exceptions end the run.
        started: start time, ISO 8601.
        peer: role of this process if it serves another device and writes nothing; None in the main process.
    """

    config: DictConfig
    choices: Mapping[str, str]
    folder: RunFolder
    logger: Logger
    threads: int
    resolved: Mapping[str, Any]
    on_epoch: Callable[[Metrics], None] = lambda row: None
    started: str = field(default_factory=now)
    peer: Peer | None = None

    def log_metrics(self, row: Metrics) -> None:
        """Passes the metrics of an epoch to the logger and to `on_epoch`."""
        self.logger.log(row)
        self.on_epoch(row)

    def record_data(self, artworks: Artworks, unlabelled: str | None = None) -> None:
        """Writes the run's artworks and provenance, `split.csv` and `provenance.json`, in the main process.

        Args:
            artworks: the run's artworks.
            unlabelled: digest of additional pictures without labels; None for none.

        Raises:
            UserError: if a resumed run had other data or another split.
        """
        if self.peer is not None:
            return
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
        self.logger.start()  # not earlier: a mistake in the data must not leave a W&B run
        self.folder.update({"wandb_id": self.logger.id})
