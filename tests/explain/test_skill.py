import math
from pathlib import Path

import numpy as np
import pytest

from emotionart.explain.skill import Skill, measure_skill, run_skill


def test_a_network_that_is_not_above_chance_is_said_to_be_none() -> None:
    assert Skill(0.9, 0.5, 100).warning() is None
    warning = Skill(0.55, 0.5, 100).warning()
    assert warning is not None
    assert warning.startswith("This network is not clearly above chance: it is right on 55% of 100 artworks")
    assert "These maps are" not in warning


@pytest.mark.parametrize("right", [50, 59, 60, 61, 100])
def test_above_chance_is_an_accuracy_that_a_coin_seldom_reaches(right: int) -> None:
    tail = sum(math.comb(100, heads) for heads in range(right, 101)) / 2**100
    assert Skill(right / 100, 0.5, 100).above_chance == (tail < 0.025)


def test_skill_is_of_the_artworks_whose_class_is_known() -> None:
    probabilities = np.eye(3)[[0, 1, 2, 2]]
    assert measure_skill(probabilities, np.array([0, 1, 1, -1]), 0) == Skill(2 / 3, 1 / 3, 3)
    assert measure_skill(probabilities, np.full(4, -1), 0) is None


def test_a_runs_skill_is_that_of_its_test_split(tmp_path: Path) -> None:
    assert run_skill(tmp_path, 0) is None
    rows = ["1,,test,a,a,0.9,0.1", "2,,test,b,a,0.9,0.1", "3,,test,b,b,0.2,0.8", "4,,train,a,b,0.1,0.9"]
    (tmp_path / "predictions.csv").write_text("\n".join(["id,image,part,class,predicted,p(a),p(b)", *rows]) + "\n")
    assert run_skill(tmp_path, 0) == Skill(2 / 3, 1 / 3, 3)
