"""A run's predictions for its artworks: reads and writes `predictions.csv`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from emotionart.data.artworks import Artworks
from emotionart.files import damaged, write_text

if TYPE_CHECKING:
    import pandas as pd

_TEXTS = ("id", "image", "part", "class", "predicted")


@dataclass(frozen=True)
class Predictions:
    """A classifier's predictions for n artworks.

    Attributes:
        id: (n,) artwork ids.
        image: (n,) paths of the pictures.
        part: (n,) part of the split.
        label: (n,) true classes.
        predicted: (n,) classes with the highest probability.
        probabilities: (n, K) predicted probabilities.
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
        """The predictions for the artworks of some parts, from the probabilities (m, K) by part."""
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
        """Reads the predictions of a run.

        Raises:
            UserError: for a damaged file.
        """
        import pandas as pd

        try:
            frame = pd.read_csv(file, dtype=str, na_filter=False)
            columns = [name for name in frame.columns if name.startswith("p(")]
            id, image, part, label, predicted = (frame[name].to_numpy(dtype=object) for name in _TEXTS)
            probabilities = frame[columns].to_numpy().astype(np.float64)
        except (ValueError, KeyError) as error:
            raise damaged(file, error) from None
        return cls(id, image, part, label, predicted, probabilities, tuple(name[2:-1] for name in columns))

    @property
    def truth(self) -> NDArray[np.int64]:
        """(n,) indices of the true classes, 0 to K - 1."""
        return np.array([self.classes.index(name) for name in self.label], dtype=np.int64)

    def of_part(self, part: str) -> Predictions:
        """The predictions for one part of the split."""
        return self.take(np.flatnonzero(self.part == part))

    def take(self, rows: NDArray[np.intp]) -> Predictions:
        """The predictions at some positions (m,), in this order."""
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
        """Writes one row per artwork, atomically."""
        frame = probability_cells(self.probabilities, self.classes)
        for index, cells in enumerate((self.id, self.image, self.part, self.label, self.predicted)):
            frame.insert(index, _TEXTS[index], cells)
        write_text(file, frame.to_csv(index=False, lineterminator="\n"))


def probability_columns(classes: Sequence[str]) -> list[str]:
    """Names of the columns that hold the probabilities of classes."""
    return [f"p({name})" for name in classes]


def probability_cells(probabilities: NDArray[np.float64], classes: Sequence[str]) -> pd.DataFrame:
    """A table of probabilities (n, K) as text, to six significant digits, with one column per class."""
    import pandas as pd

    cells = [[f"{value:.6g}" for value in row] for row in probabilities]
    return pd.DataFrame(cells, columns=probability_columns(classes), dtype=object)
