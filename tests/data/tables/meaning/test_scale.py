"""Steps of scales: told from classes, and put in order."""

import random

import pytest

from emotionart.data.tables.meaning.scale import order_of, scale_hint
from emotionart.data.tables.votes import fold


def ordered(labels: list[str]) -> list[str] | None:
    order = order_of(labels)
    return None if order is None else [labels[place] for place in order]


@pytest.mark.parametrize(
    "steps",
    [
        ["very sad", "sad", "neutral", "happy", "very happy"],
        ["sad", "slightly happy", "very happy"],
        ["strongly disagree", "disagree", "neither agree nor disagree", "agree", "strongly agree"],
        ["strongly disagree", "somewhat disagree", "somewhat agree", "strongly agree"],
        ["very unpleasant", "unpleasant", "pleasant", "very pleasant"],
        ["negative", "neutral", "positive"],
        ["--", "-", "0", "+", "++"],
        ["low", "medium", "high"],
        ["never", "rarely", "sometimes", "often", "always"],
        ["not at all", "a little", "moderately", "quite a bit", "extremely"],
        ["not happy", "slightly happy", "happy", "very happy"],
        ["very poor", "poor", "fair", "good", "very good", "excellent"],
        ["sehr traurig", "traurig", "neutral", "glücklich", "sehr glücklich"],
        [*map(fold, ("gar nicht", "kaum", "etwas", "mittelmäßig", "ziemlich", "sehr", "äußerst"))],
        [*map(fold, ("traurig", "sehr traurig", "äußerst traurig"))],
        ["stimme gar nicht zu", "stimme eher nicht zu", "teils teils", "stimme eher zu", "stimme voll zu"],
    ],
)
def test_steps_in_words_are_told_in_their_order(steps: list[str]) -> None:
    shuffled = random.Random(0).sample(steps, len(steps))
    assert ordered(shuffled) == steps
    assert ordered(sorted(steps)) == steps
    told = scale_hint(shuffled, measured=False)
    assert told is not None
    assert f"({' < '.join(steps)})" in told
    assert told.endswith("labels.ordered=true")


@pytest.mark.parametrize(
    "labels",
    [
        ["anger", "fear", "joy", "sadness"],
        ["happy", "neutral", "sad"],  # three emotions, or three steps
        ["angry", "happy", "sad", "very angry", "very happy"],  # of three emotions, degrees
        ["angry", "sad", "very sad"],  # a degree of one emotion, and another one
        ["angry", "calm", "very angry"],
        ["afraid", "neutral", "very sad"],
        ["happy", "not very happy", "very happy"],  # "not" and "very" together are no degree
        ["nicht sehr traurig", "sehr traurig", "traurig"],
        ["low", "medium", "purple"],
        ["impressionism", "realism", "romanticism"],
    ],
)
def test_emotions_are_no_scale(labels: list[str]) -> None:
    assert scale_hint(labels, measured=False) is None
    assert order_of(labels) is None


@pytest.mark.parametrize(
    "steps",
    [
        [str(number) for number in range(1, 12)],
        [f"{number} - step" for number in range(1, 12)],
        ["1 = not at all", "2", "3", "4", "5 = very much"],
        ["-2", "-1", "0", "1", "2"],
        ["level 1", "level 2", "level 10"],
        ["0,5", "1,0", "1,5"],
        ["500", "1,000", "5,000", "1,000,000"],
        ["500", "1,000.5", "5,000"],
        ["0,125", "0,250", "1"],  # decimal commas, though three digits follow
        ["2e2", "1e3"],
    ],
)
def test_labels_with_numbers_are_in_the_order_of_these(steps: list[str]) -> None:
    assert ordered(sorted(steps)) == steps


def test_two_steps_have_an_order_that_is_not_told() -> None:
    assert ordered(["high", "low"]) == ["low", "high"]
    assert ordered(["agree", "disagree"]) == ["disagree", "agree"]
    assert ordered(["happy", "sad"]) is None
    assert scale_hint(["high", "low"], measured=False) is None


@pytest.mark.parametrize("labels", [["1.5.1890", "2.4.1890", "3.1.1889"], ["1.2.3", "1.10", "1.9.1"]])
def test_dates_and_versions_are_no_numbers(labels: list[str]) -> None:
    assert order_of(labels) is None


def test_two_labels_with_one_number_have_no_order() -> None:
    assert order_of(["1 - calm", "1 - sad", "2"]) is None


def test_numbers_on_both_sides_of_0_are_steps_of_a_scale() -> None:
    told = scale_hint(["-1", "-2", "0", "1", "2"], measured=True)
    assert told is not None
    assert "numbers from -2 to 2" in told
