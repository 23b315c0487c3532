"""Measures the units of a run's layer on its validation and test works."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from emotionart.attribution.selection import balanced
from emotionart.attribution.unit_layer import UnitLayer
from emotionart.classifier.evaluation.baselines import read_features
from emotionart.data.artworks import Artworks
from emotionart.explain.units.activations import Activations, See, Works, look
from emotionart.explain.units.concept_report import score_on_test
from emotionart.explain.units.concepts import Concept, ConceptScore
from emotionart.explain.units.detections import Detection, detections
from emotionart.explain.units.dissection import Activity, Detector, Peaks, dissect, planted_objects
from emotionart.explain.units.losses import affordable, losses
from emotionart.explain.units.pictures import UnitPicture, unit_pictures
from emotionart.explain.units.stored import stored_means
from emotionart.inputs.representation import Representation
from emotionart.inputs.vector import VectorRepresentation

_TOP = 6  # works that are shown of a unit
_PARTS = ("validation", "test")


@dataclass(frozen=True)
class Units:
    """What was measured of a layer's U units.

    Attributes:
        shown: (T,) units without which the probability of some class changes most, the most needed one first.
        answers: to the test works, with places where they are shown.
        top: (T, 6) or fewer test works that each of the shown units answers to most.
        pictures: of the shown units; empty if none were asked for.
        detections: of marks, the clearest first.
        objects: detectors of planted objects, the best first; empty for pictures that are not the gallery's.
        works: number of works on which `losses` were measured.
        losses: (U, K) by which the probability of each true class falls without a unit.
        scores: of concepts.
    """

    shown: NDArray[np.intp]
    answers: Activations
    top: NDArray[np.intp]
    pictures: Sequence[UnitPicture]
    detections: Sequence[Detection]
    objects: Sequence[Detector]
    works: int
    losses: NDArray[np.float64]
    scores: Sequence[ConceptScore]


def measure(
    layer: UnitLayer,
    artworks: Artworks,
    representation: Representation,
    concepts: Sequence[Concept],
    cache: Path,
    count: int,
    steps: int,
) -> Units:
    """Everything that the page and the tables tell of a layer's units.

    Each work is looked at once at most, for all that is measured on it. If the store holds the units' means, only the
    works that need places are looked at: those of objects, of losses, and those that are shown.

    Args:
        layer: the layer.
        artworks: of the run.
        representation: of the run.
        concepts: to score.
        cache: of the run.
        count: units to show.
        steps: of the units' pictures; 0 for none.
    """
    scores = score_on_test(layer, concepts, artworks) if concepts else []
    rows = {part: artworks.indices(part) for part in _PARTS}
    works = {part: Works(artworks.pixels, artworks.row[rows[part]]) for part in _PARTS}
    stored = {part: stored_means(layer, representation, artworks, rows[part], cache) for part in _PARTS}
    if any(means is None for means in stored.values()):
        stored = dict.fromkeys(_PARTS)  # both in one precision, since thresholds go from one to the other
    answers = {part: Activations(len(works[part]), stored[part]) for part in _PARTS}
    planted = {part: planted_objects(artworks, rows[part]) for part in _PARTS}

    see: list[See] = [answers["validation"].see]
    peaks = activity = None
    if planted["validation"] is not None and planted["test"] is not None:
        peaks = Peaks(planted["validation"])
        see.append(peaks.see)
    if stored["validation"] is None or peaks is not None:
        look(layer, works["validation"], np.arange(len(works["validation"])), "validation works", see)

    see = [answers["test"].see]
    if peaks is not None and planted["test"] is not None:
        activity = Activity(planted["test"], peaks.threshold)
        see.append(activity.see)
    label = artworks.label[rows["test"]]
    sample = balanced(label, np.arange(len(label)))[: affordable(layer, works["test"].tensor(np.array([0])))]
    lost = losses(layer, works["test"], sample, label[sample], len(artworks.classes), see)
    if stored["test"] is None or activity is not None:
        look(layer, works["test"], np.flatnonzero(~answers["test"].seen), "test works", see)

    shown = np.argsort(-np.abs(lost).max(axis=1), kind="stable")[:count]
    top = np.array([answers["test"].strongest(unit, _TOP) for unit in shown])
    unseen = np.setdiff1d(top, np.flatnonzero(answers["test"].seen))
    look(layer, works["test"], unseen, "the works that are shown", [answers["test"].see])
    first = works["test"].tensor(top[:, 0])
    return Units(
        shown=shown,
        answers=answers["test"],
        top=top,
        pictures=unit_pictures(layer, shown, first, answers["test"].mean, steps) if steps else [],
        detections=detections(
            {part: answers[part].mean for part in _PARTS},
            _marks(artworks, rows, cache),
            np.unique(artworks.unit[rows["test"]], return_inverse=True)[1],
        ),
        objects=[] if peaks is None or activity is None else dissect(peaks, activity),
        works=len(sample),
        losses=lost,
        scores=scores,
    )


def _marks(
    artworks: Artworks, rows: Mapping[str, NDArray[np.intp]], cache: Path
) -> dict[str, dict[str, NDArray[np.bool_]]]:
    """Each tag, and each hand-engineered feature above its median on validation, by part."""
    tags = {part: [artworks.tags[row] for row in rows[part]] for part in _PARTS}
    marks = {
        f"tag {tag}": {part: np.array([tag in work for work in tags[part]], dtype=bool) for part in _PARTS}
        for tag in sorted(frozenset().union(*tags["test"]))
    }
    features = VectorRepresentation(["cvfc13"], "stsim", "map", "ciede76", None)
    with features.prepare(artworks, ["identity"], None, cache) as inputs:
        values = read_features(artworks, inputs.evaluation)
    middle = np.median(values["validation"], axis=0)
    for place, name in enumerate(features.names):
        measured = f"distance to {name}" if name.startswith("palette_") else name
        marks[f"high {measured}"] = {part: values[part][:, place] > middle[place] for part in _PARTS}
    return marks
