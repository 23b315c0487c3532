import pytest
import yaml

from emotionart.config.groups import CONF
from emotionart.data.tables.prompts import check_prompts, complete_prompts


@pytest.mark.parametrize(
    ("prompts", "message"),
    [
        ({"joi": ["a glad painting"]}, "did you mean: joy"),
        ({"joy": "a glad painting"}, 'joy: ["a painting that …'),
        ({"joy": []}, "a list of texts"),
        ({"joy": [" "]}, "a list of texts"),
        ({"joy": [1]}, "a list of texts"),
    ],
)
def test_prompts_that_nobody_can_use_are_told(prompts: dict, message: str) -> None:
    (mistake,) = check_prompts(prompts, ["joy", "fear"])
    assert message in str(mistake)


def test_a_class_without_prompts_has_one_for_each_of_its_words() -> None:
    found = complete_prompts({"sad": ["grief"]}, {"sad": ["fear", "anger"], "glad": ["joy", "love"]}, "a painting of")
    assert found == {"sad": ["grief"], "glad": ["a painting of joy", "a painting of love"]}


def test_shipped_prompts_are_of_shipped_classes() -> None:
    checked = 0
    for file in sorted((CONF / "labels").glob("*.yaml")):
        labels = yaml.safe_load(file.read_text(encoding="utf-8"))
        if labels.get("prompts"):
            assert check_prompts(labels["prompts"], list(labels["classes"])) == []
            checked += 1
    assert checked >= 4
