"""`emotionart units`: tables and a page of what the units of a run's network respond to."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from emotionart.attribution.network import PictureNetwork
from emotionart.attribution.unit_layer import unit_layer
from emotionart.classifier.evaluation.tested import TestedClassifier, load_tested
from emotionart.classifier.zero_shot import ZeroShotClassifier
from emotionart.data.tables.cells import spreadsheet_cell
from emotionart.errors import UserError
from emotionart.explain.model import picture_network
from emotionart.explain.skill import run_skill
from emotionart.explain.units.activations import Works
from emotionart.explain.units.concept_report import as_rows, as_table, read_concepts
from emotionart.explain.units.detections import Detection
from emotionart.explain.units.dissection import Detector
from emotionart.explain.units.measure import Units, measure
from emotionart.explain.units.page import sentences, unit_page
from emotionart.files import atomic_write, ensure_absent, read_yaml, write_text
from emotionart.run.folder import RunFolder

log = logging.getLogger(__name__)

PAGE, TABLE, LOSSES, OBJECTS = "units.html", "detections.csv", "losses.csv", "objects.csv"
CONCEPTS = "concepts.csv"


@dataclass(frozen=True)
class Options:
    """Options of `write_units`.

    Args:
        count: number of units on the page, at least 1: those whose ablation changes some class's probability most.
        layer: name of the layer; None for the last one with a spatial output.
        steps: optimisation steps of the units' pictures; 0 for no pictures.
        concepts: folders with examples of concepts.
        spreadsheet: whether to prefix an apostrophe to names that a spreadsheet takes for formulas.
        trust: as for `load_run`.
    """

    count: int = 24
    layer: str | None = None
    steps: int = 32
    concepts: Sequence[Path] = ()
    spreadsheet: bool = True
    trust: bool = False


def write_units(run: Path, out: Path, options: Options) -> Path:
    """Writes `detections.csv`, `losses.csv` and `units.html` into a new folder, and returns the page's path.

    For the built-in gallery also `objects.csv`; with concepts, `concepts.csv`.

    Args:
        run: folder of a classifier's run.
        out: folder to create.
        options: see `Options`.

    Raises:
        UserError: for an unsuitable network, layer or folder, or a run whose data have changed.
    """
    ensure_absent(out)
    if not RunFolder(run).result.exists():
        raise UserError("This run has no result, so there is nothing to examine.", where=str(run))
    tested = load_tested(RunFolder(run), options.trust)
    artworks, representation = tested.artworks, tested.predictor.representation
    network = _require_units(tested, run)
    layer = unit_layer(network, Works(artworks.pixels, artworks.row).tensor(np.array([0])), options.layer)
    concepts = read_concepts(options.concepts, artworks.pixels.shape[1], representation.fit)
    cache = Path(read_yaml(RunFolder(run).config, "cache")["cache"])
    units = measure(layer, artworks, representation, concepts, cache, options.count, options.steps)
    skill = run_skill(run, tested.predictor.majority)
    warning = skill.warning() if skill else None
    with atomic_write(out) as partial:
        partial.mkdir()
        _write_tables(partial, units, artworks.classes, options.spreadsheet)
        write_text(partial / PAGE, unit_page(run.name, layer.title, warning, tested, units, options.steps))
    for line in sentences(warning, layer.title, units):
        log.info("%s", line)
    return out / PAGE


def _require_units(tested: TestedClassifier, run: Path) -> PictureNetwork:
    """The run's network on pictures.

    Raises:
        UserError: for a network without spatial outputs.
    """
    if isinstance(tested.predictor.classifier, ZeroShotClassifier):
        raise UserError(
            "An image-text network gives one embedding of the whole picture, so that its units have no position in it.",
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


def _write_tables(folder: Path, units: Units, classes: Sequence[str], spreadsheet: bool) -> None:
    _write(as_rows(units.detections, Detection), folder / TABLE)  # names start with a word, never with a formula
    shown = spreadsheet_cell if spreadsheet else str
    frame = pd.DataFrame(units.losses, columns=[shown(name) for name in classes])
    frame.insert(0, "unit", np.arange(len(frame)))
    _write(frame, folder / LOSSES)
    if units.objects:
        _write(as_rows(units.objects, Detector), folder / OBJECTS)
    if units.scores:
        _write(as_table(units.scores, spreadsheet), folder / CONCEPTS)


def _write(table: pd.DataFrame, path: Path) -> None:
    write_text(path, table.to_csv(index=False, float_format="%.6g", lineterminator="\n"))
