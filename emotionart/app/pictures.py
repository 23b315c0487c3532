"""Pictures that are browsed and labelled, as the runs see them."""

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
    """Pictures in files.

    Attributes:
        paths: of the files.
        runs: that look at them.
        cache: folder of the stored features.
    """

    paths: Sequence[Path]
    runs: Runs
    cache: Path
    _seen: dict[str, Collection] = field(default_factory=dict, init=False, repr=False)
    _lock: Lock = field(default_factory=Lock, init=False, repr=False)

    def seen_by(self, run: str) -> Collection:
        """What a run makes of them, computed once; those that cannot be read are left out.

        Raises:
            UserError: for no such run, or where none of them can be read.
        """
        predictor = self.runs.predictor(run)
        with self._lock:  # two requests at once would open the store twice
            if run not in self._seen:
                self._seen[run] = read_collection(predictor, list(map(str, self.paths)), self.cache)
            return self._seen[run]

    def example(self) -> bytes:
        """The file of any one of them.

        Raises:
            PictureError: if it cannot be read.
        """
        return read_file(random.choice(self.paths))


def likeliest(works: Collection, name: str) -> Hits:
    """The works whose likeliest class it is, the surest first."""
    hits = by_class(works, name, len(works.image))
    own = works.probabilities[hits.row].argmax(axis=1) == works.classes.index(name)
    return Hits(hits.row[own], hits.score[own])
