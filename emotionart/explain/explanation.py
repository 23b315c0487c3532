"""An explanation in memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emotionart.data.pictures.decode import decode, load_batch, read_file
from emotionart.data.pictures.fit import Fit
from emotionart.explain.class_models import ClassPictures
from emotionart.explain.faithfulness import Faithfulness
from emotionart.explain.images import ImageSet
from emotionart.figures import heatmaps
from emotionart.files import relative_names

SIDE = 224
"""Side in pixels at which artworks and maps are drawn."""

_STRONGEST = 6  # number of features that are listed for an artwork


@dataclass(frozen=True)
class Explanation:
    """Attribution maps or feature contributions of n artworks, and measurements of them.

    Attributes:
        method: attribution method, or "features".
        layer: layer of the maps; None for other methods.
        classes: names of the K classes.
        artworks: artworks to show.
        targets: (n, T) classes that were computed, including `pair`.
        fit: how pictures are made square, for the network and for display.
        maps: (n, T, h, w) signed maps, or None.
        contributions: (n, T, D) contributions of the features, or None.
        features: (D,) names of the features.
        numbers: plain values, where measured: `skill`, `reliability`, `classes`, `ablation`, `cues`, `precision`,
            `completeness_error`.
        faithfulness, class_model_visualisation: measurements, or None.
    """

    method: str
    layer: str | None
    classes: tuple[str, ...]
    artworks: ImageSet
    targets: NDArray[np.int64]
    fit: Fit
    maps: NDArray[np.float32] | None = None
    contributions: NDArray[np.float64] | None = None
    features: tuple[str, ...] = ()
    numbers: dict[str, Any] = field(default_factory=dict)
    faithfulness: Faithfulness | None = None
    class_model_visualisation: ClassPictures | None = None

    @cached_property
    def pair(self) -> NDArray[np.int64]:
        """The classes to show, (n, 2): the predicted one, and the true or next most probable one."""
        return self.artworks.target_classes()

    @cached_property
    def names(self) -> list[str]:
        """The artworks' names for display, (n,): their files, as ids may be digests."""
        return relative_names(self.artworks.image.tolist())

    @cached_property
    def images(self) -> NDArray[np.uint8]:
        """The artworks for display, (n, SIDE, SIDE, 3)."""
        return load_batch([read_file(Path(path)) for path in self.artworks.image], SIDE, self.fit)

    @cached_property
    def aspects(self) -> list[float]:
        """Width by height, (n,), at which to show the artworks, whose pixels the squash to a square has stretched.

        A crop and a padded picture are square.
        """
        if self.fit != "squash":
            return [1.0] * len(self.artworks)
        sizes = (decode(read_file(Path(path)), SIDE).size for path in self.artworks.image)
        return [width / height for width, height in sizes]

    @cached_property
    def overlays(self) -> NDArray[np.uint8]:
        """Each artwork under the maps of its two classes, (n, 2, SIDE, SIDE, 3), with one colour scale per artwork."""
        assert self.maps is not None
        scale = heatmaps.scales(self.maps)
        return np.stack(
            [
                np.stack([heatmaps.overlay(self.images[row], self._of(self.maps, row, k), scale[row]) for k in pair])
                for row, pair in enumerate(self.pair)
            ]
        )

    def strongest(self, row: int) -> list[tuple[str, list[float]]]:
        """The features that contribute most to an artwork's two classes, each with both contributions."""
        assert self.contributions is not None
        pair = np.stack([self._of(self.contributions, row, k) for k in self.pair[row]])
        order = np.argsort(-np.abs(pair).max(axis=0))[:_STRONGEST]
        return [(self.features[index], pair[:, index].tolist()) for index in order]

    def _of(self, values: NDArray[Any], row: int, k: int) -> NDArray[Any]:
        selected: NDArray[Any] = values[row, np.flatnonzero(self.targets[row] == k)[0]]
        return selected

    def class_images(self) -> NDArray[np.uint8]:
        """The class model visualisations for display, (K, size, size, 3)."""
        assert self.class_model_visualisation is not None
        return (255 * self.class_model_visualisation.pictures).round().astype(np.uint8)

    def captions(self, row: int) -> tuple[str, str]:
        """Captions of an artwork's two classes: predicted, true or next, each with its probability."""
        predicted, other = self.pair[row].tolist()
        label, share = self.artworks.label[row], self.artworks.probabilities[row]
        role = "true" if label == other else "next"
        first = "predicted and true" if label == predicted else "predicted"
        return (
            f"{first}: {self.classes[predicted]} {share[predicted]:.0%}",
            f"{role}: {self.classes[other]} {share[other]:.0%}",
        )

    def sentences(self) -> list[str]:
        """The findings: a warning if the network has no skill, else the reliability summary; then what was measured."""
        warning = self.numbers.get("skill", {}).get("warning")
        sentences = [warning] if warning else []
        if "reliability" in self.numbers and not warning:
            sentences.append(self.numbers["reliability"]["summary"])
        if "completeness_error" in self.numbers:
            error = self.numbers["completeness_error"]
            sentences.append(
                "These contributions sum to the difference between each logit and that of the mean artwork, to "
                f"{error:.1%}; they are not maps, and do not show where anything is."
            )
        if "cues" in self.numbers:
            sentences.append(self.numbers["cues"]["sentence"])
        if "precision" in self.numbers:
            sentences.append(self.numbers["precision"])
        return sentences
