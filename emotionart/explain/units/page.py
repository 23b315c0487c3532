"""The page of a layer's units, and their summary on the console."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from emotionart.classifier.evaluation.tested import TestedClassifier
from emotionart.data.artworks import caption
from emotionart.data.pictures.decode import load_resized, read_file
from emotionart.explain.units.activations import patch
from emotionart.explain.units.concept_report import by_concept, section, sentence
from emotionart.explain.units.detections import Detection
from emotionart.explain.units.dissection import DETECTS
from emotionart.explain.units.measure import Units
from emotionart.figures.page import embedded_picture, render, signed
from emotionart.statistics.estimate import LEVEL

_SIDE = 112  # side of a picture on the page, in pixels
_MOST_DETECTIONS = 4  # maximum number of detections that are listed for a unit


def unit_page(run: str, layer: str, warning: str | None, tested: TestedClassifier, units: Units, steps: int) -> str:
    """The HTML page of the units to show.

    Args:
        run: name of the run.
        layer: name of the layer.
        warning: warning that the run is not above chance; None if it is.
        tested: the run's classifier and data.
        units: measurements of the units.
        steps: optimisation steps of the units' pictures.
    """
    return render(
        "units.html",
        run=run,
        layer=layer,
        warning=warning,
        total=len(units.losses),
        works=units.works,
        steps=steps,
        cards=[_card(index, tested, units) for index in range(len(units.selected))],
        objects=units.objects,
        least=DETECTS,
        concepts=section(units.scores),
    )


def sentences(warning: str | None, layer: str, units: Units) -> Iterator[str]:
    """Yields the summary line by line: a warning if there is one, then counts, the clearest findings and concepts."""
    if warning:
        yield warning
    clear = [one for one in units.detections if one.p_value < LEVEL]
    detecting = len({one.unit for one in clear})
    yield f"{len(units.losses)} units of the layer {layer}, {detecting} of which detect something"
    if units.objects:
        best = units.objects[0]
        yield (
            f"{sum(one.detects for one in units.objects)} of {len(units.objects)} planted objects have a detector; "
            f"best: unit {best.unit}, {best.object}, IoU {best.iou:.3f} ({best.chance:.3f} by chance)"
        )
    for one in clear[:_MOST_DETECTIONS]:
        yield f"unit {one.unit}: {_detection_line(one)}"
    for each in by_concept(units.scores).values():
        yield sentence(each)


def _card(index: int, tested: TestedClassifier, units: Units) -> dict[str, Any]:
    """The page's variables for the unit at a position in `units.selected`."""
    artworks, activations, unit, works = tested.artworks, units.activations, int(units.selected[index]), []
    test, fit = artworks.indices("test"), tested.predictor.representation.fit
    for work in units.top[index]:
        row = test[work]
        path = Path(str(artworks.image[row]))
        picture = load_resized(read_file(path), _SIDE, fit)
        part = patch(picture, activations.peak[work, unit].tolist(), activations.side)
        name = caption(path.name, artworks.group[row], artworks.title[row])
        works.append({"name": name, "picture": embedded_picture(picture), "patch": embedded_picture(part)})
    synthetic = None
    if units.pictures:
        synthetic = {"picture": embedded_picture(units.pictures[index].pixels), "gain": units.pictures[index].gain}
    significant = [one for one in units.detections if one.unit == unit and one.p_value < LEVEL][:_MOST_DETECTIONS]
    return {
        "unit": unit,
        "synthetic": synthetic,
        "works": works,
        "detections": [_detection_line(one) for one in significant],
        "losses": [
            (name, signed(100 * value)) for name, value in zip(artworks.classes, -units.losses[unit], strict=True)
        ],
    }


def _detection_line(one: Detection) -> str:
    if one.auroc < 0.5:
        return f"without {one.mark}: AUROC {1 - one.auroc:.2f} ({1 - one.high:.2f} to {1 - one.low:.2f})"
    return (
        f"{one.mark}: AUROC {one.auroc:.2f} ({one.low:.2f} to {one.high:.2f}), "
        f"precision {one.precision:.0%}, recall {one.recall:.0%}"
    )
