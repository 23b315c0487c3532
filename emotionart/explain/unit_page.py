"""`emotionart units`: tables and a page of what a run's units answer to."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from emotionart.classifier.tested import TestedClassifier, load_tested
from emotionart.config.instantiate import instantiate
from emotionart.config.trust import read_config
from emotionart.data.artworks import Artworks
from emotionart.data.pictures.decode import load_picture, load_resized, read_file
from emotionart.data.tables.cells import spreadsheet_cell
from emotionart.errors import UserError
from emotionart.explain.model import picture_network
from emotionart.explain.units import Activations, Detection, activations, detections, losses, patch, strongest
from emotionart.features.vectors import compute, feature_names
from emotionart.figures.page import embedded_picture, render
from emotionart.files import atomic_write, ensure_absent, read_yaml, write_text
from emotionart.progress import progress_bar
from emotionart.run.folder import RunFolder

log = logging.getLogger(__name__)

PAGE, TABLE, LOSSES = "units.html", "detections.csv", "losses.csv"
_TOP = 6  # works that are shown of a unit
_SIDE = 112  # of a picture on the page, in pixels
_LOSS_WORKS = 128  # on which it is measured what classes lose
_TOLD = 4  # detections that are told of a unit
_FEATURES = "cvfc13"
_PARTS = ("validation", "test")


def write_units(run: Path, out: Path, count: int, spreadsheet: bool, trust: bool) -> Path:
    """Writes `detections.csv`, `losses.csv` and `units.html` into a new folder, and returns the page's path.

    Args:
        run: folder of a classifier's run.
        out: to be made.
        count: units that the page shows: those that some class loses most without.
        spreadsheet: whether tags that a spreadsheet takes for formulas get an apostrophe.
        trust: as for `load_run`.

    Raises:
        UserError: for a network without places, or a run whose data have changed.
    """
    ensure_absent(out)
    tested = load_tested(RunFolder(run), trust)
    network = picture_network(tested.predictor)
    if network is None:
        raise UserError(
            "This run's network takes named features; it has no units to find names for.",
            where=str(run),
            fix="a run on pictures, such as model=shallow_arch1 or model=transfer",
        )
    artworks = tested.artworks
    rows = {part: artworks.indices(part) for part in _PARTS}
    answers = {part: activations(network, artworks.pixels[artworks.row[rows[part]]]) for part in _PARTS}
    found = detections(
        {part: one.mean for part, one in answers.items()},
        _marks(run, artworks, rows, trust),
        np.unique(artworks.unit[rows["test"]], return_inverse=True)[1],
    )
    sample = rows["test"][:: -(-len(rows["test"]) // _LOSS_WORKS)]
    lost = losses(network, artworks.pixels[artworks.row[sample]], artworks.label[sample], len(artworks.classes))
    with atomic_write(out) as partial:
        partial.mkdir()
        shown = spreadsheet_cell if spreadsheet else str
        table = pd.DataFrame([vars(one) | {"mark": shown(one.mark)} for one in found])
        write_text(partial / TABLE, table.to_csv(index=False, float_format="%.6g", lineterminator="\n"))
        frame = pd.DataFrame(lost, columns=[shown(name) for name in artworks.classes])
        frame.insert(0, "unit", np.arange(len(lost)))
        write_text(partial / LOSSES, frame.to_csv(index=False, float_format="%.6g", lineterminator="\n"))
        write_text(partial / PAGE, _page(run, tested, answers["test"], found, lost, len(sample), count))
    clear = [one for one in found if one.p_value < 0.05]
    log.info("%d units, %d of which detect something", len(lost), len({one.unit for one in clear}))
    for one in clear[:_TOLD]:
        log.info("unit %d: %s", one.unit, _told(one))
    return out / PAGE


def _marks(
    run: Path, artworks: Artworks, rows: Mapping[str, NDArray[np.intp]], trust: bool
) -> dict[str, dict[str, NDArray[np.bool_]]]:
    """Each tag, and each hand-engineered feature above its median on validation, by part."""
    config = read_config(read_yaml(RunFolder(run).config, "data", "cache"), ("data", "cache"), folder=run, trust=trust)
    table = instantiate(config.data).artworks(Path(config.cache))
    tags = dict(zip(map(str, table.image), table.tags, strict=True))
    own = {part: [tags.get(str(artworks.image[row]), frozenset()) for row in rows[part]] for part in _PARTS}
    marks = {
        f"tag {tag}": {part: np.array([tag in work for work in own[part]], dtype=bool) for part in _PARTS}
        for tag in sorted(frozenset().union(*own["test"]))
    }
    values = {part: _features([str(path) for path in artworks.image[rows[part]]], part) for part in _PARTS}
    middle = np.median(values["validation"], axis=0)
    for place, name in enumerate(feature_names((_FEATURES,))):
        marks[f"high {name}"] = {part: values[part][:, place] > middle[place] for part in _PARTS}
    return marks


def _features(images: Sequence[str], part: str) -> NDArray[np.float32]:
    """The hand-engineered features of pictures, (n, D)."""
    return np.stack(
        [
            compute(load_picture(read_file(Path(image))), (_FEATURES,))
            for image in progress_bar(images, f"features of {part} works", len(images))
        ]
    )


def _page(
    run: Path,
    tested: TestedClassifier,
    answers: Activations,
    found: list[Detection],
    lost: NDArray[np.float64],
    works: int,
    count: int,
) -> str:
    artworks = tested.artworks
    test = artworks.indices("test")
    order = np.argsort(-np.abs(lost).max(axis=1), kind="stable")[:count]
    return render(
        "units.html",
        run=run.name,
        total=len(lost),
        works=works,
        cards=[_card(int(unit), artworks, test, answers, found, lost[unit], tested) for unit in order],
    )


def _card(
    unit: int,
    artworks: Artworks,
    test: NDArray[np.intp],
    answers: Activations,
    found: list[Detection],
    lost: NDArray[np.float64],
    tested: TestedClassifier,
) -> dict[str, Any]:
    works = []
    for place in strongest(answers, unit, _TOP):
        path = Path(str(artworks.image[test[place]]))
        picture = load_resized(read_file(path), _SIDE, tested.predictor.representation.fit)
        part = patch(picture, answers.place[place, unit].tolist(), answers.side)
        works.append({"name": path.name, "picture": embedded_picture(picture), "patch": embedded_picture(part)})
    told = [one for one in found if one.unit == unit and one.p_value < 0.05][:_TOLD]
    return {
        "unit": unit,
        "works": works,
        "told": [_told(one) for one in told],
        "losses": [(name, f"{100 * value:+.1f}") for name, value in zip(artworks.classes, -lost, strict=True)],
    }


def _told(one: Detection) -> str:
    kind = "" if one.auroc >= 0.5 else "without "
    return (
        f"{kind}{one.mark}: AUROC {one.auroc:.2f} ({one.low:.2f} to {one.high:.2f}), "
        f"precision {one.precision:.0%}, recall {one.recall:.0%}"
    )
