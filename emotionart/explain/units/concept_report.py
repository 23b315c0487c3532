"""Reads concepts from folders, and reports their scores: as a table, as sentences, as a section of the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from emotionart.attribution.unit_layer import UnitLayer
from emotionart.data.artworks import Artworks
from emotionart.data.pictures.decode import load_resized, picture_digest
from emotionart.data.pictures.fit import Fit
from emotionart.data.pictures.unreadable import use_all
from emotionart.data.tables.cells import nearest_files, spreadsheet_cell
from emotionart.data.tables.layouts.folder import pictures_in
from emotionart.errors import UserError, raise_together
from emotionart.explain.units.concepts import FEWEST_EXAMPLES, MOST_OTHERS, Concept, ConceptScore, score_concepts
from emotionart.figures.concepts import Push, pushes
from emotionart.figures.page import embedded_figure, signed
from emotionart.files import with_name
from emotionart.spacing import evenly_spaced
from emotionart.statistics.estimate import LEVEL

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


def read_concepts(folders: Sequence[Path], size: int, fit: Fit) -> list[Concept]:
    """The concepts whose examples are in folders and their subfolders.

    Identical files count once. If there are more pictures than `score_concepts` uses, only evenly spaced ones are
    decoded.

    Args:
        folders: one folder per concept, which it names.
        size: side in pixels at which pictures are decoded.
        fit: how pictures are made square.

    Raises:
        UserError: for folders that are missing, have the same name, or hold fewer than `FEWEST_EXAMPLES` different
            pictures, or pictures that cannot be read.
    """
    errors, concepts = [], []
    for index, folder in enumerate(folders):
        try:
            if _name(folder) in map(_name, folders[:index]):
                raise UserError(
                    f"Two concepts are called {_name(folder)!r}.", where=f"--concept {folder}", fix="another name"
                )
            concepts.append(_read_concept(folder, size, fit))
        except UserError as error:
            errors.append(error)
    raise_together(errors)
    return concepts


def _read_concept(folder: Path, size: int, fit: Fit) -> Concept:
    where = f"--concept {folder}"
    if not folder.is_dir():
        raise UserError("There is no such folder.", where=where, suggestions=nearest_files(folder))
    paths = pictures_in(folder)
    first: dict[str, Path] = {}  # digest -> the first of identical files
    for digest, path in zip(use_all(paths, picture_digest, where), paths, strict=True):
        first.setdefault(digest, path)
    if len(first) < FEWEST_EXAMPLES:
        raise UserError(
            f"A concept needs at least {FEWEST_EXAMPLES} different pictures; this folder has {len(first) or 'none'}.",
            where=where,
            fix="a folder with more examples; 30 to 50 are better",
        )
    distinct = sorted(first.values())
    used = [distinct[index] for index in evenly_spaced(len(distinct), MOST_OTHERS // 2)]
    pictures = np.stack(use_all(used, lambda content: load_resized(content, size, fit), where))
    return Concept(_name(folder), pictures, frozenset(first))


def _name(folder: Path) -> str:
    """A folder's name."""
    return with_name(folder).name


def score_on_test(layer: UnitLayer, concepts: Sequence[Concept], artworks: Artworks) -> list[ConceptScore]:
    """The concepts' scores on the test works, with training works as counterexamples.

    Raises:
        UserError: as for `score_concepts`.
    """
    train, test = artworks.indices("train"), artworks.indices("test")
    others = train[evenly_spaced(len(train), MOST_OTHERS)]
    return score_concepts(
        layer,
        concepts,
        artworks.pixels[artworks.row[others]],
        artworks.picture[others],
        artworks.pixels[artworks.row[test]],
        artworks.label[test],
        artworks.classes,
    )


def by_concept(scores: Sequence[ConceptScore]) -> dict[str, list[ConceptScore]]:
    """Concept -> its scores, both in the order of `scores`."""
    names = dict.fromkeys(one.concept for one in scores)
    return {name: [one for one in scores if one.concept == name] for name in names}


def as_rows(records: Sequence[DataclassInstance], kind: type[DataclassInstance]) -> pd.DataFrame:
    """A table with one row per record and one column per field of the dataclass `kind`, also without records."""
    return pd.DataFrame([vars(one) for one in records], columns=[each.name for each in fields(kind)])


def as_table(scores: Sequence[ConceptScore], spreadsheet: bool) -> pd.DataFrame:
    """A table with one row per score.

    Args:
        scores: scores of all concepts.
        spreadsheet: whether to prefix an apostrophe to names that a spreadsheet takes for formulas.
    """
    table = as_rows(scores, ConceptScore)
    names = ["concept", "class_name"]
    table[names] = table[names].map(spreadsheet_cell if spreadsheet else str)
    return table.rename(columns={"class_name": "class"})


def sentence(scores: Sequence[ConceptScore]) -> str:
    """One sentence on the scores of one concept: the classes that it significantly pushes towards or away from."""
    clear = [one for one in scores if one.p_value < LEVEL]
    directions = {
        "pushes towards": [one for one in clear if one.z > 0],
        "pushes away from": [one for one in clear if one.z <= 0],
    }
    clauses = [f"{verb} {', '.join(map(_numbers, group))}" for verb, group in directions.items() if group]
    first = scores[0]
    return (
        f"concept {first.concept} ({first.examples} pictures, told from other works with a balanced "
        f"accuracy of {first.accuracy:.0%}): {'; '.join(clauses) or 'not distinguishable from random folders'}"
    )


def section(scores: Sequence[ConceptScore]) -> dict[str, Any] | None:
    """The variables of the page's section on concepts; None without scores."""
    if not scores:
        return None
    concepts = by_concept(scores)
    panels = [
        (name, [Push(o.class_name, o.z, o.random_low, o.random_high, o.p_value < LEVEL) for o in group])
        for name, group in concepts.items()
    ]
    return {
        "sentences": [sentence(group) for group in concepts.values()],
        "figure": embedded_figure(pushes(panels)),
        "scores": scores,
        "level": LEVEL,
    }


def _numbers(one: ConceptScore) -> str:
    return (
        f"{one.class_name} ({signed(one.z)} deviations of random folders, TCAV {one.tcav:.2f}, p = {one.p_value:.3f})"
    )
