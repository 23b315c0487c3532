"""The study's filter: an artwork is a portrait if a person is detected in it or a tag says so."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from emotionart.data.tables.table import PORTRAIT
from emotionart.data.tables.votes import fold

if TYPE_CHECKING:
    import pandas as pd

Verdict = Literal["yes", "no", "doubtful"]
Evidence = Literal["a person", "a tag", "a person and a tag", ""]

_NOTES = ("face/body", "face", "body", "category", "genre", "subject", "keywords", "type")
"""Case-folded names of columns in which catalogues describe a picture's content."""

_DOUBTFUL = 0.5  # a person above this fraction of both thresholds, score and area, makes a picture doubtful
_FAINT = 0.1  # scores below this are not reported


@dataclass(frozen=True)
class Rule:
    """Criteria of a portrait.

    Attributes:
        confidence: minimum score of a person.
        min_area: minimum fraction of the picture covered by a person's box.
        tags: case-folded tags, any of which makes a portrait.
    """

    confidence: float
    min_area: float
    tags: Collection[str]


@dataclass(frozen=True)
class Decision:
    """Decision about an artwork.

    Attributes:
        portrait: "yes", "no", or "doubtful" if a person was detected slightly below the required score or area.
        reason: human-readable reason.
        persons: number of persons with the required score and area.
        score: highest score of a person, 0 without persons.
        area: fraction of the picture covered by the largest person of the required score, or else by the person with
            the highest score.
        evidence: what makes it a portrait: "a person", "a tag", "a person and a tag", or "" if nothing does.
    """

    portrait: Verdict
    reason: str
    persons: int
    score: float
    area: float
    evidence: Evidence = ""


@dataclass(frozen=True)
class Candidate:
    """An artwork and the decision about it.

    Attributes:
        image: path of the picture.
        boxes: (k, 5) boxes of `find_persons`.
        unreadable: why the picture cannot be read, "" if it can.
        decision: the decision.
    """

    image: Path
    boxes: NDArray[np.float32]
    unreadable: str
    decision: Decision


def tags_in_columns(frame: pd.DataFrame, image: str) -> dict[str, frozenset[str]]:
    """Case-folded notes on each picture in a catalogue's own columns, such as "Face/body", category or genre.

    Args:
        frame: cells of the table; every row names a picture.
        image: name of the picture column.

    Returns:
        Notes by picture, in the order of first appearance; several in a cell are separated by ";", "," or "|".
    """
    notes: dict[str, frozenset[str]] = {name: frozenset() for name in frame[image]}
    for column in (name for name in frame.columns if fold(name) in _NOTES):
        for name, cell in zip(frame[image], frame[column], strict=True):
            notes[name] |= frozenset(filter(None, map(fold, re.split(r"[;,|]", cell))))
    return notes


def decide(boxes: NDArray[np.float32], tags: Collection[str], unreadable: str, rule: Rule) -> Decision:
    """Decides whether an artwork is a portrait.

    Args:
        boxes: (k, 5) boxes of `find_persons`.
        tags: case-folded tags of the artwork.
        unreadable: why its picture cannot be read, "" if it can.
        rule: criteria of a portrait.
    """
    detected = boxes[boxes[:, 4] > 0]
    areas = (detected[:, 2] - detected[:, 0]) * (detected[:, 3] - detected[:, 1])
    sure, large = detected[:, 4] >= rule.confidence, areas >= rule.min_area
    score = float(detected[:, 4].max(initial=0))
    area = float(areas[sure].max(initial=0)) or float(areas[:1].max(initial=0))
    persons = int((sure & large).sum())

    def decision(portrait: Verdict, reason: str, evidence: Evidence = "") -> Decision:
        return Decision(portrait, reason, persons, round(score, 3), round(area, 4), evidence)

    if unreadable:
        return decision("no", f"cannot be read: {unreadable}")
    named = sorted(set(tags) & set(rule.tags))
    if persons:
        best = np.argmax(np.where(sure & large, detected[:, 4], 0))
        also = f", and tag {named[0]!r}" if named else ""
        evidence: Evidence = "a person and a tag" if named else "a person"
        return decision("yes", f"person {detected[best, 4]:.2f} on {areas[best]:.0%} of the picture{also}", evidence)
    if named:
        return decision("yes", f"tag {named[0]!r}", "a tag")
    almost = (detected[:, 4] >= _DOUBTFUL * rule.confidence) & (areas >= _DOUBTFUL * rule.min_area)
    if almost.any():
        best = np.argmax(np.where(almost, detected[:, 4], 0))
        if sure[best]:
            return decision("doubtful", f"person on only {areas[best]:.1%} of the picture")
        return decision("doubtful", f"person only {detected[best, 4]:.2f} sure")
    if sure.any():
        return decision("no", f"person on only {areas[sure].max():.1%} of the picture")
    return decision("no", "no person" if score < _FAINT else f"person only {score:.2f} sure")


def as_text(boxes: NDArray[np.float32], confidence: float) -> str:
    """Boxes as the text of a cell: "left top right bottom score" as fractions, separated by ";"."""
    sure = boxes[boxes[:, 4] >= confidence]
    return "; ".join(" ".join(f"{value:.3f}" for value in box) for box in sure)


def curated(frame: pd.DataFrame, by_picture: Mapping[str, tuple[Decision, str]], image: str) -> pd.DataFrame:
    """The table with the decisions in additional columns, which replace those of an earlier curation.

    Args:
        frame: cells of the table; every row names a picture.
        by_picture: decision and boxes (as text from `as_text`) of each picture, keyed as in the column `image`.
        image: name of the picture column.
    """
    decisions, boxes = zip(*(by_picture[name] for name in frame[image]), strict=True)
    table = frame.copy()
    table[PORTRAIT] = [decision.portrait for decision in decisions]
    table["portrait_reason"] = [decision.reason for decision in decisions]
    table["persons"] = [str(decision.persons) for decision in decisions]
    table["person_score"] = [f"{decision.score:g}" for decision in decisions]
    table["person_area"] = [f"{decision.area:g}" for decision in decisions]
    table["person_boxes"] = boxes
    return table
