"""The pictures to browse and label, with the runs' predictions."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

from emotionart.app.runs import Runs
from emotionart.data.pictures.decode import read_file
from emotionart.works.collection import Collection, read_collection
from emotionart.works.search import Hits, by_class


@dataclass(frozen=True)
class Pictures:
    """Picture files and the runs that classify them.

    Attributes:
        paths: picture files.
        runs: runs that classify them.
        cache: folder of stored features.
    """

    paths: Sequence[Path]
    runs: Runs
    cache: Path
    _seen: dict[str, Collection] = field(default_factory=dict, init=False, repr=False)
    _lock: Lock = field(default_factory=Lock, init=False, repr=False)

    def collection_of(self, run: str) -> Collection:
        """The pictures with a run's features and probabilities, computed once; unreadable ones are left out.

        Raises:
            UserError: if there is no such run, or no picture can be read.
        """
        predictor = self.runs.predictor(run)
        with self._lock:  # two requests at once would open the store twice
            if run not in self._seen:
                self._seen[run] = read_collection(predictor, list(map(str, self.paths)), self.cache)
            return self._seen[run]

    def example(self) -> bytes:
        """The bytes of a random picture file.

        Raises:
            PictureError: if it cannot be read.
        """
        return read_file(random.choice(self.paths))


def likeliest(works: Collection, name: str) -> Hits:
    """The works whose most probable class is `name`, the most probable first."""
    hits = by_class(works, name, len(works.image))
    own = works.probabilities[hits.row].argmax(axis=1) == works.classes.index(name)
    return Hits(hits.row[own], hits.score[own])
