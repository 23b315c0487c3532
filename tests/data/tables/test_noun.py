"""What classes are called, by the label set of a run's configuration."""

import pytest

from emotionart.config.compose import compose
from emotionart.data.tables.noun import noun_of


@pytest.mark.parametrize(
    ("asked", "noun"),
    [
        ([], "emotion"),
        (["labels=mikels8_polarity"], "emotion"),
        (["labels=as_is"], "class"),
        (["labels=as_is", "labels.noun=emotion"], "emotion"),
        (["experiment=portraits", "data.path=labels.csv"], "class"),
        (["labels=quantiles"], "class"),
    ],
)
def test_only_sets_of_emotions_call_their_classes_so(asked: list[str], noun: str) -> None:
    assert noun_of(compose(asked).config) == noun


def test_a_run_of_an_earlier_version_speaks_of_classes() -> None:
    assert noun_of({"labels": {"classes": None}}) == "class"
    assert noun_of({}) == "class"
