"""The study's filter: an artwork is a portrait if a person is found in it, or if a tag says so."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from emotionart.data.tables.table import PORTRAIT

if TYPE_CHECKING:
    import pandas as pd

Verdict = Literal["yes", "no", "doubtful"]

_DOUBTFUL = 0.5  # times the confidence, and the smallest area, down to which a person makes a picture doubtful
_FAINT = 0.1  # scores below this are not worth a word


@dataclass(frozen=True)
class Rule:
    """What makes a portrait.

    Attributes:
        confidence: least score of a person.
        min_area: least share of the picture that a person's box covers.
        tags: case-folded tags of which one is enough.
    """

    confidence: float
    min_area: float
    tags: Collection[str]


@dataclass(frozen=True)
class Decision:
    """What was decided of an artwork.

    Attributes:
        portrait: "yes", "no", or "doubtful" where a person was found that is a little too unsure or too small.
        reason: for a person to read.
        persons: number of persons that are sure and large enough.
        score: of the surest person, 0 where there is none.
        area: share of the picture that the largest of them covers; where none is sure, that of the surest.
    """

    portrait: Verdict
    reason: str
    persons: int
    score: float
    area: float


def decide(boxes: NDArray[np.float32], tags: Collection[str], unreadable: str, rule: Rule) -> Decision:
    """Whether an artwork is a portrait.

    Args:
        boxes: (k, 5) as `find_persons` gives them.
        tags: case-folded tags of the artwork.
        unreadable: why its picture cannot be read, "" where it can.
        rule: what makes a portrait.
    """
    found = boxes[boxes[:, 4] > 0]
    areas = (found[:, 2] - found[:, 0]) * (found[:, 3] - found[:, 1])
    sure, large = found[:, 4] >= rule.confidence, areas >= rule.min_area
    score = float(found[:, 4].max(initial=0))
    area = float(areas[sure].max(initial=0)) or float(areas[:1].max(initial=0))
    persons = int((sure & large).sum())

    def decision(portrait: Verdict, reason: str) -> Decision:
        return Decision(portrait, reason, persons, round(score, 3), round(area, 4))

    if unreadable:
        return decision("no", f"cannot be read: {unreadable}")
    named = sorted(set(tags) & set(rule.tags))
    if persons:
        best = np.argmax(np.where(sure & large, found[:, 4], 0))
        also = f", and tag {named[0]!r}" if named else ""
        return decision("yes", f"person {found[best, 4]:.2f} on {areas[best]:.0%} of the picture{also}")
    if named:
        return decision("yes", f"tag {named[0]!r}")
    almost = (found[:, 4] >= _DOUBTFUL * rule.confidence) & (areas >= _DOUBTFUL * rule.min_area)
    if almost.any():
        best = np.argmax(np.where(almost, found[:, 4], 0))
        if sure[best]:
            return decision("doubtful", f"person on only {areas[best]:.1%} of the picture")
        return decision("doubtful", f"person only {found[best, 4]:.2f} sure")
    if sure.any():
        return decision("no", f"person on only {areas[sure].max():.1%} of the picture")
    return decision("no", "no person" if score < _FAINT else f"person only {score:.2f} sure")


def as_text(boxes: NDArray[np.float32], confidence: float) -> str:
    """Boxes for a cell: "left top right bottom score" as shares, separated by ";"."""
    sure = boxes[boxes[:, 4] >= confidence]
    return "; ".join(" ".join(f"{value:.3f}" for value in box) for box in sure)


def curated(
    frame: pd.DataFrame, decisions: Mapping[str, Decision], boxes: Mapping[str, str], image: str
) -> pd.DataFrame:
    """The table with what was decided in columns of their own, which take the place of those of an earlier curation.

    Args:
        frame: cells of the table, every row of which names a picture.
        decisions: by picture, as the column `image` names it.
        boxes: likewise, as `as_text` gives them.
        image: the column of pictures.
    """
    made = [decisions[name] for name in frame[image]]
    found = frame.copy()
    found[PORTRAIT] = [decision.portrait for decision in made]
    found["portrait_reason"] = [decision.reason for decision in made]
    found["persons"] = [str(decision.persons) for decision in made]
    found["person_score"] = [f"{decision.score:g}" for decision in made]
    found["person_area"] = [f"{decision.area:g}" for decision in made]
    found["person_boxes"] = [boxes[name] for name in frame[image]]
    return found
