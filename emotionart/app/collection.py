"""Pictures that are browsed by emotion and labelled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from emotionart.classifier.predictor import Predictor
from emotionart.data.pictures.decode import PictureError

_BATCH = 64


@dataclass(frozen=True)
class Collection:
    """Pictures, and what a classifier says of them.

    Attributes:
        paths: of the files.
        predictor: None where there is no classifier.
    """

    paths: Sequence[Path]
    predictor: Predictor | None

    @cached_property
    def probabilities(self) -> NDArray[np.float64]:
        """(n, K) by the classifier, computed once; those of a picture that cannot be read are not a number."""
        assert self.predictor is not None
        found = np.full((len(self.paths), len(self.predictor.classes)), np.nan)
        for start in range(0, len(self.paths), _BATCH):
            rows = range(start, min(start + _BATCH, len(self.paths)))
            try:
                found[rows] = self.predictor.predict([self.paths[row] for row in rows])
            except PictureError:
                for row in rows:
                    found[row] = self._one(self.paths[row], self.predictor)
        return found

    @staticmethod
    def _one(path: Path, predictor: Predictor) -> NDArray[np.float64]:
        try:
            row: NDArray[np.float64] = predictor.predict([path])[0]
        except PictureError:
            return np.full(len(predictor.classes), np.nan)
        return row

    def of_class(self, name: str, most: int) -> list[tuple[Path, float]]:
        """The pictures whose likeliest class it is, the surest first, with its probability."""
        assert self.predictor is not None
        place = self.predictor.classes.index(name)
        known = np.flatnonzero(~np.isnan(self.probabilities[:, 0]))
        members = known[self.probabilities[known].argmax(axis=1) == place]
        order = members[np.argsort(-self.probabilities[members, place], kind="stable")][:most]
        return [(self.paths[row], float(self.probabilities[row, place])) for row in order]

    def by_entropy(self) -> list[Path]:
        """The pictures, those first of which the classifier is least sure."""
        with np.errstate(divide="ignore", invalid="ignore"):
            terms = np.where(self.probabilities > 0, -self.probabilities * np.log(self.probabilities), 0)
        return [self.paths[row] for row in np.argsort(-terms.sum(axis=1), kind="stable")]
