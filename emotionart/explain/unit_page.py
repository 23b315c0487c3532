"""`emotionart units`: tables and a page of what a run's units answer to."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from emotionart.attribution.network import PictureNetwork
from emotionart.attribution.selection import balanced
from emotionart.classifier.evaluation.baselines import read_features
from emotionart.classifier.evaluation.tested import TestedClassifier, load_tested
from emotionart.classifier.zero_shot import ZeroShotClassifier
from emotionart.data.artworks import Artworks, caption
from emotionart.data.pictures.decode import load_resized, read_file
from emotionart.data.tables.cells import spreadsheet_cell
from emotionart.errors import UserError
from emotionart.explain.concept_report import (
    as_rows,
    as_table,
    by_concept,
    read_concepts,
    score_on_test,
    section,
    sentence,
)
from emotionart.explain.concepts import Concept, ConceptScore
from emotionart.explain.dissection import DETECTS, Detector, dissect, planted_objects
from emotionart.explain.model import picture_network
from emotionart.explain.units import Activations, Detection, activations, detections, losses, patch, strongest
from emotionart.figures.page import embedded_picture, render
from emotionart.files import atomic_write, ensure_absent, read_yaml, write_text
from emotionart.inputs.vector import VectorRepresentation
from emotionart.run.folder import RunFolder
from emotionart.statistics.estimate import LEVEL

log = logging.getLogger(__name__)

PAGE, TABLE, LOSSES, OBJECTS = "units.html", "detections.csv", "losses.csv", "objects.csv"
CONCEPTS = "concepts.csv"
_TOP = 6  # works that are shown of a unit
_SIDE = 112  # of a picture on the page, in pixels
_LOSS_WORKS = 128  # on which it is measured what classes lose
_TOLD = 4  # detections that are told of a unit
_PARTS = ("validation", "test")


def write_units(run: Path, out: Path, count: int, spreadsheet: bool, trust: bool, folders: Sequence[Path] = ()) -> Path:
    """Writes `detections.csv`, `losses.csv` and `units.html` into a new folder, and returns the page's path.

    On the built-in gallery, `objects.csv` as well; with concepts, `concepts.csv`.

    Args:
        run: folder of a classifier's run.
        out: to be made.
        count: units that the page shows: those that some class loses most without.
        spreadsheet: whether tags that a spreadsheet takes for formulas get an apostrophe.
        trust: as for `load_run`.
        folders: of concepts' examples.

    Raises:
        UserError: for a network without places, a run whose data have changed, or a folder that does not do.
    """
    ensure_absent(out)
    if not RunFolder(run).result.exists():
        raise UserError("This run has no result, so there is nothing to examine.", where=str(run))
    tested = load_tested(RunFolder(run), trust)
    network = _require_units(tested, run)
    concepts = read_concepts(folders, tested.artworks.pixels.shape[1], tested.predictor.representation.fit)
    units = _measure(tested.artworks, network, concepts, Path(read_yaml(RunFolder(run).config, "cache")["cache"]))
    with atomic_write(out) as partial:
        partial.mkdir()
        _write_tables(partial, units, tested.artworks.classes, spreadsheet)
        write_text(partial / PAGE, _page(run.name, tested, units, count))
    for line in _sentences(units):
        log.info("%s", line)
    return out / PAGE


def _require_units(tested: TestedClassifier, run: Path) -> PictureNetwork:
    """The run's network on pictures.

    Raises:
        UserError: for a network whose units have no places.
    """
    if isinstance(tested.predictor.classifier, ZeroShotClassifier):
        raise UserError(
            "An image-text network gives one embedding of the whole picture, so that no unit has a place.",
            where=str(run),
            fix="a run that has trained on pictures, such as model=transfer",
        )
    network = picture_network(tested.predictor)
    if network is None:
        raise UserError(
            "This run's network takes named features; it has no units to describe.",
            where=str(run),
            fix="a run on pictures, such as model=shallow_arch1 or model=transfer",
        )
    return network


@dataclass(frozen=True)
class _Units:
    """What was measured of a network's U units.

    Attributes:
        answers: to the test works.
        detections: of marks, the clearest first.
        objects: detectors of planted objects, the best first; empty for pictures that are not the gallery's.
        works: number of works on which `losses` were measured.
        losses: (U, K) by which the probability of each true class falls without a unit.
        scores: of concepts.
    """

    answers: Activations
    detections: Sequence[Detection]
    objects: Sequence[Detector]
    works: int
    losses: NDArray[np.float64]
    scores: Sequence[ConceptScore]


def _measure(artworks: Artworks, network: PictureNetwork, concepts: Sequence[Concept], cache: Path) -> _Units:
    scores = score_on_test(network, concepts, artworks) if concepts else []
    rows = {part: artworks.indices(part) for part in _PARTS}
    answers = {
        part: activations(network, artworks.pixels[artworks.row[rows[part]]], f"{part} works") for part in _PARTS
    }
    found = detections(
        {part: one.mean for part, one in answers.items()},
        _marks(artworks, rows, cache),
        np.unique(artworks.unit[rows["test"]], return_inverse=True)[1],
    )
    planted = {part: works for part in _PARTS if (works := planted_objects(artworks, rows[part]))}
    objects = dissect(network, planted) if len(planted) == len(_PARTS) else []
    sample = balanced(artworks.label, rows["test"])[:_LOSS_WORKS]
    lost = losses(network, artworks.pixels[artworks.row[sample]], artworks.label[sample], len(artworks.classes))
    return _Units(answers["test"], found, objects, len(sample), lost, scores)


def _write_tables(folder: Path, units: _Units, classes: Sequence[str], spreadsheet: bool) -> None:
    _write(as_rows(units.detections, Detection), folder / TABLE)  # a mark begins with a word of ours
    shown = spreadsheet_cell if spreadsheet else str
    frame = pd.DataFrame(units.losses, columns=[shown(name) for name in classes])
    frame.insert(0, "unit", np.arange(len(frame)))
    _write(frame, folder / LOSSES)
    if units.objects:
        _write(as_rows(units.objects, Detector), folder / OBJECTS)
    if units.scores:
        _write(as_table(units.scores, spreadsheet), folder / CONCEPTS)


def _page(name: str, tested: TestedClassifier, units: _Units, count: int) -> str:
    """The page of the units that some class loses most without.

    Args:
        name: of the run.
        tested: the run.
        units: what was measured.
        count: units to show.
    """
    needed = np.argsort(-np.abs(units.losses).max(axis=1), kind="stable")[:count]
    return render(
        "units.html",
        run=name,
        total=len(units.losses),
        works=units.works,
        cards=[_card(int(unit), tested, units) for unit in needed],
        objects=units.objects,
        least=DETECTS,
        concepts=section(units.scores),
    )


def _sentences(units: _Units) -> Iterator[str]:
    """What is said of the units in the end."""
    clear = [one for one in units.detections if one.p_value < LEVEL]
    yield f"{len(units.losses)} units, {len({one.unit for one in clear})} of which detect something"
    if units.objects:
        best = units.objects[0]
        yield (
            f"{sum(one.detects for one in units.objects)} of {len(units.objects)} planted objects have a detector; "
            f"best: unit {best.unit}, {best.object}, IoU {best.iou:.3f} ({best.chance:.3f} by chance)"
        )
    for one in clear[:_TOLD]:
        yield f"unit {one.unit}: {_told(one)}"
    for each in by_concept(units.scores).values():
        yield sentence(each)


def _write(table: pd.DataFrame, path: Path) -> None:
    write_text(path, table.to_csv(index=False, float_format="%.6g", lineterminator="\n"))


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


def _card(unit: int, tested: TestedClassifier, units: _Units) -> dict[str, Any]:
    """What the page shows of a unit, given by its number."""
    artworks, answers, works = tested.artworks, units.answers, []
    test = artworks.indices("test")
    for place in strongest(answers, unit, _TOP):
        row = test[place]
        path = Path(str(artworks.image[row]))
        picture = load_resized(read_file(path), _SIDE, tested.predictor.representation.fit)
        part = patch(picture, answers.place[place, unit].tolist(), answers.side)
        name = caption(path.name, artworks.group[row], artworks.title[row])
        works.append({"name": name, "picture": embedded_picture(picture), "patch": embedded_picture(part)})
    told = [one for one in units.detections if one.unit == unit and one.p_value < LEVEL][:_TOLD]
    return {
        "unit": unit,
        "works": works,
        "told": [_told(one) for one in told],
        "losses": [
            (name, f"{100 * value:+.1f}") for name, value in zip(artworks.classes, -units.losses[unit], strict=True)
        ],
    }


def _told(one: Detection) -> str:
    if one.auroc < 0.5:
        return f"without {one.mark}: AUROC {1 - one.auroc:.2f} ({1 - one.high:.2f} to {1 - one.low:.2f})"
    return (
        f"{one.mark}: AUROC {one.auroc:.2f} ({one.low:.2f} to {one.high:.2f}), "
        f"precision {one.precision:.0%}, recall {one.recall:.0%}"
    )
