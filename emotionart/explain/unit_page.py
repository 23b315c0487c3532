"""`emotionart units`: tables and a page of what a run's units answer to."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from emotionart.attribution.selection import balanced
from emotionart.classifier.evaluation.baselines import read_features
from emotionart.classifier.evaluation.tested import TestedClassifier, load_tested
from emotionart.classifier.zero_shot import ZeroShotClassifier
from emotionart.data.artworks import Artworks
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
    artworks = tested.artworks
    concepts = read_concepts(folders, artworks.pixels.shape[1], tested.predictor.representation.fit)
    scores = score_on_test(network, concepts, artworks) if concepts else []
    rows = {part: artworks.indices(part) for part in _PARTS}
    answers = {
        part: activations(network, artworks.pixels[artworks.row[rows[part]]], f"{part} works") for part in _PARTS
    }
    found = detections(
        {part: one.mean for part, one in answers.items()},
        _marks(artworks, rows, Path(read_yaml(RunFolder(run).config, "cache")["cache"])),
        np.unique(artworks.unit[rows["test"]], return_inverse=True)[1],
    )
    planted = {part: works for part in _PARTS if (works := planted_objects(artworks, rows[part]))}
    objects = dissect(network, planted) if len(planted) == len(_PARTS) else []
    sample = balanced(artworks.label, rows["test"])[:_LOSS_WORKS]
    lost = losses(network, artworks.pixels[artworks.row[sample]], artworks.label[sample], len(artworks.classes))
    with atomic_write(out) as partial:
        partial.mkdir()
        _write(as_rows(found, Detection), partial / TABLE)  # a mark begins with a word of ours
        shown = spreadsheet_cell if spreadsheet else str
        frame = pd.DataFrame(lost, columns=[shown(name) for name in artworks.classes])
        frame.insert(0, "unit", np.arange(len(lost)))
        _write(frame, partial / LOSSES)
        if objects:
            _write(as_rows(objects, Detector), partial / OBJECTS)
        if scores:
            _write(as_table(scores, spreadsheet), partial / CONCEPTS)
        needed = np.argsort(-np.abs(lost).max(axis=1), kind="stable")[:count]
        cards = [_card(int(unit), tested, answers["test"], found, lost[unit]) for unit in needed]
        page = render(
            "units.html",
            run=run.name,
            total=len(lost),
            works=len(sample),
            cards=cards,
            objects=objects,
            least=DETECTS,
            concepts=section(scores),
        )
        write_text(partial / PAGE, page)
    clear = [one for one in found if one.p_value < LEVEL]
    log.info("%d units, %d of which detect something", len(lost), len({one.unit for one in clear}))
    if objects:
        best = objects[0]
        log.info(
            "%d of %d planted objects have a detector; best: unit %d, %s, IoU %.3f (%.3f by chance)",
            sum(one.detects for one in objects), len(objects), best.unit, best.object, best.iou, best.chance,
        )  # fmt: skip
    for one in clear[:_TOLD]:
        log.info("unit %d: %s", one.unit, _told(one))
    for each in by_concept(scores).values():
        log.info("%s", sentence(each))
    return out / PAGE


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
        marks[f"high {name}"] = {part: values[part][:, place] > middle[place] for part in _PARTS}
    return marks


def _card(
    unit: int, tested: TestedClassifier, answers: Activations, found: Sequence[Detection], lost: NDArray[np.float64]
) -> dict[str, Any]:
    """What the page shows of a unit.

    Args:
        unit: its number.
        tested: the run.
        answers: to its test works.
        found: of all units.
        lost: (K,) by each class without this one.
    """
    artworks, works = tested.artworks, []
    test = artworks.indices("test")
    for place in strongest(answers, unit, _TOP):
        path = Path(str(artworks.image[test[place]]))
        picture = load_resized(read_file(path), _SIDE, tested.predictor.representation.fit)
        part = patch(picture, answers.place[place, unit].tolist(), answers.side)
        works.append({"name": path.name, "picture": embedded_picture(picture), "patch": embedded_picture(part)})
    told = [one for one in found if one.unit == unit and one.p_value < LEVEL][:_TOLD]
    return {
        "unit": unit,
        "works": works,
        "told": [_told(one) for one in told],
        "losses": [(name, f"{100 * value:+.1f}") for name, value in zip(artworks.classes, -lost, strict=True)],
    }


def _told(one: Detection) -> str:
    if one.auroc < 0.5:
        return f"without {one.mark}: AUROC {1 - one.auroc:.2f} ({1 - one.high:.2f} to {1 - one.low:.2f})"
    return (
        f"{one.mark}: AUROC {one.auroc:.2f} ({one.low:.2f} to {one.high:.2f}), "
        f"precision {one.precision:.0%}, recall {one.recall:.0%}"
    )
