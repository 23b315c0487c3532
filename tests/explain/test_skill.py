from pathlib import Path

import numpy as np
import pytest

from emotionart.errors import UserError
from emotionart.explain.skill import Skill, is_above, measure_skill, run_skill
from emotionart.statistics.significance import permutation_p


def test_a_network_that_is_not_above_chance_is_said_to_be_none() -> None:
    assert Skill(0.9, 0.5, 100, True).warning() is None
    warning = Skill(0.55, 0.5, 100, False).warning()
    assert warning is not None
    assert warning.startswith("This network is not clearly above chance: it is right on 55% of 100 artworks")
    assert "These maps are" not in warning


@pytest.mark.parametrize("right", [45, 55, 70, 100])
@pytest.mark.parametrize("works", [1, 10])
def test_above_chance_is_a_lead_that_is_significant_over_artists(right: int, works: int) -> None:
    hits, baseline = np.arange(100) < right, np.arange(100) % 2 == 0
    artist = np.arange(100) // works
    above = right > 50 and permutation_p(hits, baseline, artist) < 0.05
    assert is_above(hits.astype(float), baseline, artist) == above
    assert above == (right >= (70 if works == 1 else 100))


def test_skill_is_of_the_artworks_whose_class_is_known() -> None:
    probabilities, group = np.eye(3)[[0, 1, 2, 2]], np.arange(4)
    assert measure_skill(probabilities, np.array([0, 1, 1, -1]), 0, group) == Skill(2 / 3, 1 / 3, 3, False)
    assert measure_skill(probabilities, np.full(4, -1), 0, group) is None


def test_a_runs_skill_is_that_of_its_test_split(tmp_path: Path) -> None:
    assert run_skill(tmp_path, 0) is None
    tested = range(20)
    rows = [f"{n},,test,{'ab'[n % 2]},{'ab'[n % 2]},{1 - n % 2},{n % 2}" for n in tested]
    rows.append("20,,train,a,b,0.1,0.9")
    (tmp_path / "predictions.csv").write_text("\n".join(["id,image,part,class,predicted,p(a),p(b)", *rows]) + "\n")
    for artists, above in ((20, True), (2, False)):
        units = [f"{n},,,{'ab'[n % 2]},test,{n % artists}" for n in tested]
        (tmp_path / "split.csv").write_text("\n".join(["id,image,group,class,part,unit", *units]) + "\n")
        assert run_skill(tmp_path, 0) == Skill(1, 0.5, 20, above)
    (tmp_path / "split.csv").write_text("\n".join(["id,image,group,class,part,unit", *units[1:]]) + "\n")
    with pytest.raises(UserError, match="lacks tested artworks"):
        run_skill(tmp_path, 0)
