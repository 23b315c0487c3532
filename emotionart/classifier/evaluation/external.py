"""Tests a trained classifier on new artworks from another table."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from shlex import quote
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from emotionart.classifier.calibration import calibration_result
from emotionart.classifier.evaluation.figures import draw_confusion
from emotionart.classifier.evaluation.overlap import Overlap, find_overlap
from emotionart.classifier.evaluation.page import classifier_sections
from emotionart.classifier.evaluation.result import findings, percent, score_all
from emotionart.classifier.predictor import Predictor, read_images
from emotionart.config.instantiate import instantiate
from emotionart.config.trust import read_config
from emotionart.data.artworks import Artworks
from emotionart.data.prepare import prepare_artworks
from emotionart.data.source import Source
from emotionart.data.tables.labels import Grouping
from emotionart.data.tables.measurement import Quantiles
from emotionart.data.tables.votes import fold
from emotionart.errors import UserError
from emotionart.figures import plots
from emotionart.files import atomic_write, write_json
from emotionart.inputs.cached_encoder import CachedEncoder
from emotionart.run.folder import RunFolder
from emotionart.run.outcome import Result
from emotionart.run.page import PAGE, provenance_rows, write_page
from emotionart.run.predictions import Predictions
from emotionart.run.provenance import now, provenance
from emotionart.run.stored import read_result
from emotionart.statistics.calibration.temperature import apply_temperature

PART = "test"

_OF_THE_RUN = ("model", "seed", "classes", "representation", "parameters", "epochs", "checkpoint", "monitor")
"""Keys of the run's result that an external test's result takes over."""


@dataclass(frozen=True)
class ExternalTest:
    """The test of a classifier on another table.

    Attributes:
        result: contents of `result.json`.
        artworks: artworks of the table; those that the run has learnt from are not in the test part.
        predictions: predictions for the test part.
        origin: contents of `provenance.json`.
    """

    result: Result
    artworks: Artworks
    predictions: Predictions
    origin: Mapping[str, Any]

    def lines(self) -> list[str]:
        """The findings as sentences, the most important first."""
        first, *rest = findings(self.result)
        return [first, *_overlap_lines(self.result), *rest]

    def write(self, folder: Path, command: str) -> None:
        """Writes the output folder atomically.

        Args:
            folder: folder to create.
            command: command line of the test.
        """
        run = quote(self.result["run"])
        with atomic_write(folder) as partial:
            place = RunFolder(partial)
            place.figures.mkdir(parents=True)
            write_json(place.result, self.result)
            write_json(place.provenance, self.origin)
            self.predictions.write(place.predictions)
            plots.save(draw_confusion(self.result), place.figures / "confusion.png")
            write_page(
                partial / PAGE,
                folder.name,
                self.lines(),
                classifier_sections(place, self.result, self.artworks, self.predictions),
                [("command", command), ("run", self.result["run"]), *provenance_rows(self.origin)],
                [
                    f"emotionart predict {run} PICTURES  # runs it on pictures without labels",
                    f"emotionart test {run} TABLE  # tests it on another table",
                ],
            )


def run_grouping(run: Path, predictor: Predictor, trust: bool = False) -> Grouping | Quantiles:
    """The grouping of a run's labels into its classes."""
    config = read_config(predictor.classifier.description.config, ("labels",), folder=run, trust=trust)
    grouping: Grouping | Quantiles = instantiate(config.labels)
    return grouping


def run_external_test(
    run: Path, predictor: Predictor, source: Source, grouping: Grouping | Quantiles, cache: Path
) -> ExternalTest:
    """Tests a run's classifier on the artworks of a table that it has not learnt from.

    Args:
        run: folder of a run with a result.
        predictor: the run's classifier.
        source: source of the artworks.
        grouping: grouping of their labels into the run's classes.
        cache: cache folder, which runs share.

    Raises:
        UserError: for a run without a result, other classes, an unreadable table, or no new artworks.
    """
    folder, begun, started = RunFolder(run), time.monotonic(), now()
    if not folder.result.exists():
        raise UserError("This run has no result, so there is nothing to test.", where=str(run))
    own, representation = read_result(folder.result), predictor.representation
    source = replace(source, fit=representation.fit)
    grouping = _require_classes(grouping, predictor.classes)
    artworks = prepare_artworks(source, grouping, representation.size, cache, only=PART)
    if artworks.classes != predictor.classes:
        raise _other_classes(artworks.classes, predictor.classes)
    overlap = find_overlap(folder, artworks, source, cache)
    if overlap.learnt.all():
        raise UserError(
            f"The run was trained on all {len(overlap.learnt):,} works of this table, so none can test it.",
            where=str(run),
            fix="works outside its training and validation splits",
        )
    artworks = replace(artworks, part=np.where(overlap.learnt, "train", PART).astype(object))
    predicted = _predict(predictor, artworks, cache)
    probabilities = {PART: predicted}
    temperature = predictor.classifier.temperature
    counts = np.array(predictor.classifier.description.counts, dtype=np.float64)
    majority = {PART: np.tile(counts / counts.sum(), (len(predicted), 1))}
    before = {PART: apply_temperature(predicted, 1 / temperature)}
    result: Result = {
        **{key: own[key] for key in _OF_THE_RUN},
        **({"prompts": own["prompts"]} if "prompts" in own else {}),
        "run": str(run),
        "own_test": own[PART]["acc"],
        "overlap": _counts(overlap),
        "calibration": calibration_result(temperature, artworks, before, own["seed"]),
        **score_all(artworks, probabilities, {"majority": majority}, own["seed"]),
    }
    origin = provenance(artworks.digest(), torch.get_num_threads())
    seconds = round(time.monotonic() - begun, 1)
    return ExternalTest(
        result,
        artworks,
        Predictions.of(artworks, probabilities),
        {**origin, "started": started, "finished": now(), "seconds": seconds},
    )


@torch.inference_mode()
def _predict(predictor: Predictor, artworks: Artworks, cache: Path) -> NDArray[np.float64]:
    """Calibrated probabilities (m, K) of the test part."""
    images = [str(path) for path in artworks.image[artworks.indices(PART)]]
    with CachedEncoder(predictor.representation, cache) as inputs:
        return np.concatenate(
            [predictor.classifier.probabilities(inputs.encode(files)) for files in read_images(images)]
        )


def _require_classes(grouping: Grouping | Quantiles, classes: Sequence[str]) -> Grouping | Quantiles:
    """The grouping, restricted to exactly these classes in this order."""
    if isinstance(grouping, Quantiles):
        if grouping.edges is None:
            raise UserError(
                f"The run's classes ({', '.join(classes)}) lie between quantiles of its own training artworks, and "
                "this table has others.",
                where="labels",
                fix="labels=quantiles labels.edges=[…]   with the numbers between the run's classes",
            )
        return grouping
    named = {name: [name] for name in classes} if grouping.classes is None else grouping.classes
    if set(named) != set(classes):
        raise _other_classes(tuple(named), classes)
    taken = {fold(label) for labels in named.values() for label in labels}
    own = {name: [] if fold(name) in taken else [name] for name in classes}  # a table may use the class names as labels
    return replace(grouping, classes={name: [*named[name], *own[name]] for name in classes})


def _other_classes(others: Sequence[str], classes: Sequence[str]) -> UserError:
    return UserError(
        f"The labels of this table become other classes ({', '.join(others)}) than this run knows "
        f"({', '.join(classes)}).",
        where="labels",
        fix="without labels, as the run's own labels were grouped; or a grouping into the run's classes",
    )


def _counts(overlap: Overlap) -> dict[str, int]:
    """The numbers of artworks that are left out, and of others that the run was tested on or whose artists it knows."""
    return {
        "left_out": int(overlap.learnt.sum()),
        "validation": int(overlap.validation.sum()),
        "tested": int((overlap.tested & ~overlap.learnt).sum()),
        "same": int(overlap.same.sum()),
        "copies": int(overlap.copy.sum()),
        "of_known_artists": int((overlap.artist & ~overlap.learnt).sum()),
        "missing": overlap.missing,
    }


def _overlap_lines(result: Mapping[str, Any]) -> list[str]:
    """Lines: accuracy on the run's own test split, and the overlap of this table with its training data."""
    counts = result["overlap"]
    tested, count = counts["tested"], result["test"]["n"]
    lines = [f"on its own test split the run reached {percent(result['own_test'])}"]
    if tested == count:
        lines.append(f"nothing new is tested: all {count} works are among the run's own test works")
    elif tested:
        lines.append(f"{tested} of the {count} works are not new: they are among the run's own test works")
    if counts["left_out"]:
        training = counts["left_out"] - counts["validation"]
        lines.append(
            f"{counts['left_out']} works are left out, because the run has learnt from them ({training} in training, "
            f"{counts['validation']} in validation): {counts['same']} from the same picture, {counts['copies']} from a "
            "copy of it"
        )
    if counts["of_known_artists"]:
        lines.append(
            f"{counts['of_known_artists']} of the {result['test']['n']} works are by artists from whom the run has "
            "learnt: it may recognise their style"
        )
    if counts["missing"]:
        lines.append(
            f"{counts['missing']} pictures that the run was trained on are no longer where they were, so copies of "
            "them cannot be recognised"
        )
    return lines
