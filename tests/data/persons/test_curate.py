import numpy as np
import pandas as pd
import pytest

from emotionart.data.persons.curate import Rule, as_text, decide, tags_in_columns

RULE = Rule(confidence=0.4, min_area=0.02, tags=["portrait", "self-portrait"])


def boxes(*found: tuple[float, float]) -> np.ndarray:
    """Boxes of these scores and areas."""
    rows = np.zeros((5, 5), np.float32)
    for row, (score, area) in zip(rows, found, strict=False):
        row[:] = (0, 0, 1, area, score)
    return rows


@pytest.mark.parametrize(
    ("found", "tags", "verdict", "reason"),
    [
        ([(0.83, 0.41)], (), "yes", "person 0.83 on 41% of the picture"),
        ([(0.83, 0.41)], ("portrait",), "yes", "person 0.83 on 41% of the picture, and tag 'portrait'"),
        ([], ("oil", "self-portrait"), "yes", "tag 'self-portrait'"),
        ([(0.1, 0.5)], ("portrait",), "yes", "tag 'portrait'"),
        ([(0.9, 0.001), (0.5, 0.3)], (), "yes", "person 0.50 on 30% of the picture"),
        ([(0.31, 0.5)], (), "doubtful", "person only 0.31 sure"),
        ([(0.9, 0.012)], (), "doubtful", "person on only 1.2% of the picture"),
        ([(0.9, 0.004)], (), "no", "person on only 0.4% of the picture"),
        ([(0.15, 0.5)], (), "no", "person only 0.15 sure"),
        ([(0.06, 0.5)], ("oil",), "no", "no person"),
        ([], (), "no", "no person"),
    ],
)
def test_a_person_or_a_tag_makes_a_portrait(
    found: list[tuple[float, float]], tags: tuple[str, ...], verdict: str, reason: str
) -> None:
    decision = decide(boxes(*found), tags, "", RULE)
    assert (decision.portrait, decision.reason) == (verdict, reason)


def test_what_cannot_be_read_is_no_portrait_whatever_its_tags() -> None:
    decision = decide(boxes(), ("portrait",), "truncated", RULE)
    assert (decision.portrait, decision.reason) == ("no", "cannot be read: truncated")


def test_numbers_are_those_of_sure_persons() -> None:
    decision = decide(boxes((0.9, 0.1), (0.5, 0.3), (0.2, 0.9)), (), "", RULE)
    assert (decision.persons, decision.score) == (2, pytest.approx(0.9))
    assert decision.area == pytest.approx(0.3)
    assert as_text(boxes((0.9, 0.1), (0.2, 0.9)), 0.4) == "0.000 0.000 1.000 0.100 0.900"


def test_a_catalogues_own_columns_are_tags() -> None:
    frame = pd.DataFrame(
        {
            "image": ["b", "a", "b"],
            "Face/body": ["Face", "none", "Body"],
            "Genre": ["", "self-portrait; oil", ""],
            "x": "face",
        }
    )
    notes = tags_in_columns(frame, "image")
    assert list(notes) == ["b", "a"]
    assert notes == {"b": {"face", "body"}, "a": {"none", "self-portrait", "oil"}}


@pytest.mark.parametrize(
    ("found", "tags", "evidence"),
    [
        ([(0.83, 0.41)], (), "a person"),
        ([(0.83, 0.41)], ("portrait",), "a person and a tag"),
        ([], ("portrait",), "a tag"),
        ([(0.31, 0.5)], (), ""),
    ],
)
def test_a_decision_names_its_evidence(found: list[tuple[float, float]], tags: tuple[str, ...], evidence: str) -> None:
    assert decide(boxes(*found), tags, "", RULE).evidence == evidence
