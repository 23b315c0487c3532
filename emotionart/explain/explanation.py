"""An explanation, before it is written anywhere."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emotionart.data.pictures.decode import load_batch, read_file
from emotionart.data.pictures.fit import Fit
from emotionart.explain.class_models import ClassPictures
from emotionart.explain.faithfulness import Faithfulness
from emotionart.explain.images import ImageSet
from emotionart.figures import heatmaps

SIDE = 224
"""Pixels at which artworks and maps are drawn."""


@dataclass(frozen=True)
class Explanation:
    """Maps or contributions of some artworks, and the numbers beside them.

    Attributes:
        method: of the maps, or "features".
        layer: at which maps were taken.
        classes: names of the K classes.
        shown: the artworks.
        pair: (n, 2) the classes that are shown of each: the predicted one, and the true or the next probable one.
        targets: (n, T) the classes that were computed, `pair` among them.
        fit: how the network's pictures became squares, which those that are shown do, too.
        maps: (n, T, h, w) signed, or None.
        contributions: (n, T, D) of features, or None.
        features: their names, (D,).
        numbers: plain values: `skill`, `trust`, `classes`, `ablation`, `cues`, `completeness_error`, where measured.
        faithfulness, class_model_visualisation: as they were measured, or None.
    """

    method: str
    layer: str | None
    classes: tuple[str, ...]
    shown: ImageSet
    pair: NDArray[np.int64]
    targets: NDArray[np.int64]
    fit: Fit
    maps: NDArray[np.float32] | None = None
    contributions: NDArray[np.float64] | None = None
    features: tuple[str, ...] = ()
    numbers: dict[str, Any] = field(default_factory=dict)
    faithfulness: Faithfulness | None = None
    class_model_visualisation: ClassPictures | None = None

    @cached_property
    def images(self) -> NDArray[np.uint8]:
        """The artworks as they are shown, (n, SIDE, SIDE, 3)."""
        return load_batch([read_file(Path(path)) for path in self.shown.image], SIDE, self.fit)

    @cached_property
    def overlays(self) -> NDArray[np.uint8]:
        """The maps of the two classes of each artwork on it, (n, 2, SIDE, SIDE, 3), one scale for all maps of one."""
        assert self.maps is not None
        scale = heatmaps.scales(self.maps)
        return np.stack(
            [
                np.stack([heatmaps.overlay(self.images[row], self._of(self.maps, row, k), scale[row]) for k in pair])
                for row, pair in enumerate(self.pair)
            ]
        )

    def strongest(self, row: int, most: int = 6) -> list[tuple[str, list[float]]]:
        """The features that move an artwork's two classes most, each with its contribution to both."""
        assert self.contributions is not None
        pair = np.stack([self._of(self.contributions, row, k) for k in self.pair[row]])
        order = np.argsort(-np.abs(pair).max(axis=0))[:most]
        return [(self.features[place], pair[:, place].tolist()) for place in order]

    def _of(self, values: NDArray[Any], row: int, k: int) -> NDArray[Any]:
        found: NDArray[Any] = values[row, np.flatnonzero(self.targets[row] == k)[0]]
        return found

    def class_images(self) -> NDArray[np.uint8]:
        """The class pictures as they are shown, (K, size, size, 3)."""
        assert self.class_model_visualisation is not None
        return (255 * self.class_model_visualisation.pictures).round().astype(np.uint8)

    def captions(self, row: int) -> tuple[str, str]:
        """What the two classes of an artwork are to it, each with its probability."""
        predicted, other = self.pair[row].tolist()
        label, share = self.shown.label[row], self.shown.probabilities[row]
        role = "true" if label == other else "next"
        first = "predicted and true" if label == predicted else "predicted"
        return (
            f"{first}: {self.classes[predicted]} {share[predicted]:.0%}",
            f"{role}: {self.classes[other]} {share[other]:.0%}",
        )

    def sentences(self) -> list[str]:
        """A warning of a network without skill, else the reliability summary; then which cues count, where measured."""
        warning = self.numbers.get("skill", {}).get("warning")
        found = [warning] if warning else []
        if "trust" in self.numbers and not warning:
            found.append(self.numbers["trust"]["verdict"])
        if "completeness_error" in self.numbers:
            error = self.numbers["completeness_error"]
            found.append(
                f"These contributions add up to how far each logit is from that of the mean artwork, to {error:.1%}; "
                "they are not maps, and say nothing of places."
            )
        if "cues" in self.numbers:
            found.append(self.numbers["cues"]["sentence"])
        return found
