"""What a run predicts of its artworks: `predictions.csv`, written and read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from emotionart.data.artworks import Artworks
from emotionart.errors import UserError
from emotionart.files import write_text

if TYPE_CHECKING:
    import pandas as pd

_TEXTS = ("id", "image", "part", "class", "predicted")


@dataclass(frozen=True)
class Predictions:
    """What a classifier predicts of n artworks.

    Attributes:
        id: (n,) of the artworks.
        image: (n,) paths of their pictures; "" in what earlier versions have written.
        part: (n,) the part of the split that each is in.
        label: (n,) the true class.
        predicted: (n,) the class of the highest probability.
        probabilities: (n, K).
        classes: names of the K classes.
    """

    id: NDArray[np.object_]
    image: NDArray[np.object_]
    part: NDArray[np.object_]
    label: NDArray[np.object_]
    predicted: NDArray[np.object_]
    probabilities: NDArray[np.float64]
    classes: tuple[str, ...]

    @classmethod
    def of(cls, artworks: Artworks, probabilities: Mapping[str, NDArray[np.float64]]) -> Predictions:
        """The predictions of some parts' artworks, given the probabilities (m, K) by part."""
        rows = np.concatenate([artworks.indices(part) for part in probabilities])
        every, names = np.concatenate(list(probabilities.values())), np.array(artworks.classes, dtype=object)
        label, predicted = names[artworks.label[rows]], names[every.argmax(axis=1)]
        return cls(
            artworks.id[rows],
            artworks.image[rows],
            artworks.part[rows],
            label,
            predicted,
            every,
            tuple(artworks.classes),
        )

    @classmethod
    def read(cls, file: Path) -> Predictions:
        """The predictions that a run has left.

        Raises:
            UserError: for a damaged file.
        """
        import pandas as pd

        try:
            frame = pd.read_csv(file, dtype=str, na_filter=False)
            if "image" not in frame:
                frame["image"] = ""
            columns = [name for name in frame.columns if name.startswith("p(")]
            id, image, part, label, predicted = (frame[name].to_numpy(dtype=object) for name in _TEXTS)
            probabilities = frame[columns].to_numpy().astype(np.float64)
        except (ValueError, KeyError) as error:
            raise UserError(f"This file is damaged: {' '.join(str(error).split())}.", where=str(file)) from None
        return cls(id, image, part, label, predicted, probabilities, tuple(name[2:-1] for name in columns))

    def of_part(self, part: str) -> Predictions:
        """Those of one part of the split."""
        return self.take(np.flatnonzero(self.part == part))

    def take(self, rows: NDArray[np.intp]) -> Predictions:
        """Those of some artworks, in this order."""
        return replace(
            self,
            id=self.id[rows],
            image=self.image[rows],
            part=self.part[rows],
            label=self.label[rows],
            predicted=self.predicted[rows],
            probabilities=self.probabilities[rows],
        )

    def write(self, file: Path) -> None:
        """Writes a row for each artwork, in one step."""
        frame = probability_cells(self.probabilities, self.classes)
        for place, cells in enumerate((self.id, self.image, self.part, self.label, self.predicted)):
            frame.insert(place, _TEXTS[place], cells)
        write_text(file, frame.to_csv(index=False, lineterminator="\n"))


def probability_columns(classes: Sequence[str]) -> list[str]:
    """Names of the columns that hold the probabilities of classes."""
    return [f"p({name})" for name in classes]


def probability_cells(probabilities: NDArray[np.float64], classes: Sequence[str]) -> pd.DataFrame:
    """A table of probabilities (n, K) in text, to six digits, a column a class."""
    import pandas as pd

    cells = [[f"{value:.6g}" for value in row] for row in probabilities]
    return pd.DataFrame(cells, columns=probability_columns(classes), dtype=object)
