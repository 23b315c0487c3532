"""Measures the units of a run's layer on its validation and test works."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from emotionart.attribution.unit_layer import UnitLayer
from emotionart.classifier.evaluation.baselines import read_features
from emotionart.data.artworks import Artworks
from emotionart.explain.selection import balanced
from emotionart.explain.units.ablation import ablation_losses, affordable_works
from emotionart.explain.units.activations import Activations, BatchCallback, Works, run_layer
from emotionart.explain.units.concept_report import score_on_test
from emotionart.explain.units.concepts import Concept, ConceptScore
from emotionart.explain.units.detections import Detection, detections
from emotionart.explain.units.dissection import Activity, Detector, Peaks, dissect, object_masks
from emotionart.explain.units.pictures import UnitPicture, unit_pictures
from emotionart.explain.units.stored import stored_means
from emotionart.inputs.representation import Representation
from emotionart.inputs.vector import VectorRepresentation

_TOP = 6  # works to show for a unit
_PARTS = ("validation", "test")


@dataclass(frozen=True)
class Units:
    """Measurements of the U units of a layer.

    Attributes:
        selected: (T,) units to show, by decreasing change of a class's probability when they are ablated.
        activations: activations on the test works; peaks are known at least for the works in `top`.
        top: (T, 6), or fewer columns: test works with the highest mean activation of each selected unit.
        pictures: pictures that maximise the selected units; empty for none.
        detections: the units as detectors of tags and features, the most significant first.
        objects: detectors of the gallery's objects, the best first; empty for other pictures.
        works: number of works that units were ablated on.
        losses: (U, K) fall of each class's mean probability when a unit is ablated.
        scores: scores of concepts.
    """

    selected: NDArray[np.intp]
    activations: Activations
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
    """Measures the units of a layer: ablation, detection of tags, features and objects, concepts.

    The layer is evaluated at most once on each work, for all measurements. If its means are stored, it is evaluated
    only on works whose peaks are needed: those with objects, those of the ablation, and those to show.

    Args:
        layer: layer of the units.
        artworks: artworks of the run.
        representation: representation of the run.
        concepts: concepts to score.
        cache: cache folder of the run.
        count: number of units to show.
        steps: optimisation steps of the units' pictures; 0 for none.
    """
    scores = score_on_test(layer, concepts, artworks) if concepts else []
    rows = {part: artworks.indices(part) for part in _PARTS}
    works = {part: Works(artworks.pixels, artworks.row[rows[part]]) for part in _PARTS}
    stored = {part: stored_means(layer, representation, artworks, rows[part], cache) for part in _PARTS}
    if any(means is None for means in stored.values()):
        stored = dict.fromkeys(_PARTS)  # both in one precision, since thresholds from validation are used on the test
    activations = {part: Activations(len(works[part]), stored[part]) for part in _PARTS}
    objects = {part: object_masks(artworks, rows[part]) for part in _PARTS}

    callbacks: list[BatchCallback] = [activations["validation"].update]
    peaks = activity = None
    if objects["validation"] is not None and objects["test"] is not None:
        peaks = Peaks(objects["validation"])
        callbacks.append(peaks.update)
    if stored["validation"] is None or peaks is not None:
        every = np.arange(len(works["validation"]))
        run_layer(layer, works["validation"], every, "validation works", callbacks)

    callbacks = [activations["test"].update]
    if peaks is not None and objects["test"] is not None:
        activity = Activity(objects["test"], peaks.threshold)
        callbacks.append(activity.update)
    label = artworks.label[rows["test"]]
    most = affordable_works(layer, works["test"].tensor(np.array([0])))
    sample = balanced(label, np.arange(len(label)))[:most]
    losses = ablation_losses(layer, works["test"], sample, label[sample], len(artworks.classes), callbacks)
    if stored["test"] is None or activity is not None:
        run_layer(layer, works["test"], np.flatnonzero(~activations["test"].seen), "test works", callbacks)

    selected = np.argsort(-np.abs(losses).max(axis=1), kind="stable")[:count]
    top = np.array([activations["test"].top_works(unit, _TOP) for unit in selected])
    unseen = np.setdiff1d(top, np.flatnonzero(activations["test"].seen))
    run_layer(layer, works["test"], unseen, "works to show", [activations["test"].update])
    first = works["test"].tensor(top[:, 0])
    return Units(
        selected=selected,
        activations=activations["test"],
        top=top,
        pictures=unit_pictures(layer, selected, first, activations["test"].mean, steps) if steps else [],
        detections=detections(
            {part: activations[part].mean for part in _PARTS},
            _marks(artworks, rows, cache),
            artworks.clusters(rows["test"]),
        ),
        objects=[] if peaks is None or activity is None else dissect(peaks, activity),
        works=len(sample),
        losses=losses,
        scores=scores,
    )


def _marks(
    artworks: Artworks, rows: Mapping[str, NDArray[np.intp]], cache: Path
) -> dict[str, dict[str, NDArray[np.bool_]]]:
    """Attribute -> split -> (n,) whether works have it: each tag, and each feature above its median on validation."""
    tags = {part: [artworks.tags[row] for row in rows[part]] for part in _PARTS}
    marks = {
        f"tag {tag}": {part: np.array([tag in work for work in tags[part]], dtype=bool) for part in _PARTS}
        for tag in sorted(frozenset().union(*tags["test"]))
    }
    features = VectorRepresentation(["cvfc13"], "stsim", "map", "ciede76", None)
    with features.prepare(artworks, ["identity"], None, cache) as inputs:
        values = read_features(artworks, inputs.evaluation)
    middle = np.median(values["validation"], axis=0)
    for index, name in enumerate(features.names):
        measured = f"distance to {name}" if name.startswith("palette_") else name
        marks[f"high {measured}"] = {part: values[part][:, index] > middle[index] for part in _PARTS}
    return marks
