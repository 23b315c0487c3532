"""What a run on named features says of them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from emotionart.classifier.evaluation.feature_importance import describe_feature
from emotionart.classifier.evaluation.result import findings
from emotionart.features.vectors import FEATURE_SETS, feature_names, group_of

Run = Callable[..., tuple[Path, dict[str, Any]]]

CV_FC = ("model=cv_fc", "augment=none", "optimizer.lr=1e-2", "data.count=240")


def test_a_run_says_which_features_it_leans_on(tiny_run: Run) -> None:
    folder, result = tiny_run(*CV_FC, "trainer.max_epochs=8", "figures=now", pixels=False)
    told = result["features"]
    assert told == json.loads((folder / "result.json").read_text())["features"]
    assert told["part"] == "validation"
    assert list(told["importance"]["groups"]) == ["brightness", "texture", "colour"]
    assert list(told["importance"]["features"]) == list(feature_names(["cvfc13"]))
    assert set(told["coefficients"]) == set(result["classes"])
    for weights in told["coefficients"].values():
        assert list(weights) == list(feature_names(["cvfc13"]))
        assert all(value["low"] <= value["high"] for value in weights.values())
    for name in ("importance", "distributions", "coefficients"):
        assert (folder / "figures" / f"{name}.png").stat().st_size > 10_000
    assert [line for line in findings(result) if line in told["sentences"]] == told["sentences"]
    again = tiny_run(*CV_FC, "trainer.max_epochs=8", name="again", pixels=False)[1]
    assert again["features"] == told


def test_the_groups_of_machajdik_are_named_as_they_are_chosen(tiny_run: Run) -> None:
    _, result = tiny_run(*CV_FC, "model.features=[pad,tamura,glcm]", "trainer.max_epochs=1", pixels=False)
    assert list(result["features"]["importance"]["groups"]) == ["pad", "tamura", "glcm"]


def test_other_models_have_no_features_to_explain(tiny_run: Run) -> None:
    _, result = tiny_run("trainer.max_epochs=1")
    assert "features" not in result


def test_every_column_has_its_group() -> None:
    for name in FEATURE_SETS:
        if FEATURE_SETS[name] == (name,):
            assert {group_of(column) for column in feature_names([name])} == {name}
    assert group_of("texture_hard_soft") == "texture"


@pytest.mark.parametrize(
    ("name", "more", "hard_soft", "expected"),
    [
        ("brightness", False, "map", "darker"),
        ("palette_sad", False, "map", "nearer the sad palette"),
        ("palette_happy", True, "map", "farther from the happy palette"),
        ("texture_ripple", True, "map", "less like ripple"),
        ("texture_ripple", True, "separate", "more like ripple"),
        ("texture_stripe", True, "map", "more like stripe"),
        ("texture_stripe", True, "colour", "more texture_stripe"),
        ("texture_hard_soft", True, "separate", "more texture_hard_soft"),
        ("glcm_energy", False, "map", "less glcm_energy"),
    ],
)
def test_a_feature_in_words(name: str, more: bool, hard_soft, expected: str) -> None:  # type: ignore[no-untyped-def]
    assert describe_feature(name, more, hard_soft) == expected
