"""Pictures that are browsed by emotion and labelled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from emotionart.classifier.ensemble import Ensemble
from emotionart.classifier.predictor import Predictor
from emotionart.predict.prediction import stream_predictions
from emotionart.statistics.uncertainty import entropy


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
        unknown = (np.nan,) * len(self.predictor.classes)
        batches = stream_predictions(Ensemble((self.predictor,)), list(map(str, self.paths)), thumbnails=False)
        rows = [prediction.probabilities or unknown for batch in batches for prediction in batch]
        return np.array(rows, dtype=np.float64).reshape(len(self.paths), len(unknown))

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
        return [self.paths[row] for row in np.argsort(-entropy(self.probabilities), kind="stable")]
