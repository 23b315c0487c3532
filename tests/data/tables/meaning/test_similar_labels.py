"""Labels that may be one are found, and words that only look alike are not."""

import pytest

from emotionart.data.tables.meaning.similar_labels import numbers_among_names, similar_labels


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("sad", "sadness"),
        ("joy", "joyful"),
        ("happy", "happiness"),
        ("amused", "amusement"),
        ("surprise", "surprised"),
        ("fear", "fears"),
        ("calm", "clam"),
        ("something else", "something_else"),
        ("1. joy", "joy"),
        ("01_calm", "calm"),
    ],
)
def test_forms_of_a_word_and_typos_are_similar(one: str, other: str) -> None:
    assert similar_labels([one, other, "wonder"]) == [tuple(sorted((one, other)))]


def test_labels_of_published_sets_are_not() -> None:
    mikels = ["amusement", "anger", "awe", "contentment", "disgust", "excitement", "fear", "sadness"]
    wikiart = ["agreeableness", "anticipation", "arrogance", "disagreeableness", "gratitude", "happiness", "humility"]
    wikiart += ["love", "optimism", "pessimism", "regret", "shame", "shyness", "surprise", "trust", "neutral"]
    study = ["lust", "envy", "joy", "na", "something else"]
    assert similar_labels([*mikels, *wikiart, *study]) == []
    assert similar_labels(["1 star", "2 stars", "1. low", "2. high"]) == []
    assert similar_labels(["awe", "awful", "low", "high", "1", "2", "😀", "😢"]) == []


def test_numbers_among_names_are_found() -> None:
    assert numbers_among_names(["1", "2.0", "joy", "calm"]) == ["1", "2.0"]
    assert numbers_among_names(["1", "2"]) == numbers_among_names(["joy", "1. calm"]) == []
