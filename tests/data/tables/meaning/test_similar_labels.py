"""Labels that may be one are found, and words that only look alike are not."""

import pytest

from emotionart.data.tables.meaning.similar_labels import similar_labels


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
    assert similar_labels(["awe", "awful", "low", "high", "1", "2", "😀", "😢"]) == []
