import logging

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emotionart.data.tables.split import describe_split, split_artworks
from emotionart.errors import UserError


def ids(count: int) -> np.ndarray:
    return np.array([f"art{number}" for number in range(count)], dtype=object)


def split(count: int, group: list[str] | None = None, cluster: np.ndarray | None = None, **settings) -> np.ndarray:
    who = np.array(group if group is not None else [""] * count, dtype=object)
    return split_artworks(ids(count), who, np.arange(count) if cluster is None else cluster, **{"seed": 0, **settings})


def test_shares_are_as_asked_in_expectation() -> None:
    parts = np.concatenate([split(2_000, seed=seed) for seed in range(20)])
    assert abs((parts == "test").mean() - 0.25) < 0.01
    assert abs((parts == "validation").mean() - 0.75 * 0.2) < 0.01


def test_pairs_of_duplicates_are_in_the_test_part_as_often_as_others() -> None:
    parts = split(20_000, cluster=np.arange(20_000) // 2)
    assert (parts[::2] == parts[1::2]).all()
    assert abs((parts == "test").mean() - 0.25) < 0.015


@given(st.lists(st.sampled_from(["", "a", "b", "c", "d", "e"]), min_size=1, max_size=60), st.randoms())
def test_groups_are_whole_and_row_order_does_not_matter(group: list[str], random) -> None:
    part = split(len(group), group)
    for name in set(group) - {""}:
        assert len({part[row] for row in range(len(group)) if group[row] == name}) == 1
    order = np.array(random.sample(range(len(group)), len(group)))
    shuffled = split_artworks(ids(len(group))[order], np.array(group, dtype=object)[order], np.arange(len(group)), 0)
    assert (shuffled == part[order]).all()


def test_artworks_without_a_group_stand_alone() -> None:
    assert set(split(300, [""] * 300)) == {"train", "validation", "test"}
    assert len(set(split(300, ["unknown"] * 300))) == 1


def test_added_artworks_move_nothing() -> None:
    group = [f"artist{number % 40}" if number % 3 else "" for number in range(400)]
    assert (split(400, group)[:300] == split(300, group[:300])).all()


def test_a_cluster_joins_the_groups_it_touches() -> None:
    group = ["a"] * 5 + ["b"] * 5 + [""] * 2
    cluster = np.arange(12)
    cluster[9] = cluster[0]
    cluster[10] = cluster[5]
    for seed in range(10):
        assert len(set(split(12, group, cluster, seed=seed)[:11])) == 1


def test_another_seed_gives_another_split() -> None:
    assert (split(200) != split(200, seed=1)).any()


def test_describe_counts_parts_and_classes() -> None:
    part = np.array(["train"] * 5 + ["validation"] * 2 + ["test"] * 3, dtype=object)
    lines = describe_split(part, np.array([0, 0, 0, 1, 1, 0, 1, 0, 1, 1]), ["low", "high"], units=10, test=0.3)
    assert [line.split() for line in lines][2] == ["test", "3", "artworks", "(30.0%):", "low", "1,", "high", "2"]


def test_describe_warns_of_absent_classes_and_shares_that_are_off(caplog: pytest.LogCaptureFixture) -> None:
    part = np.array(["train"] * 5 + ["validation"] * 2 + ["test"] * 3, dtype=object)
    with caplog.at_level(logging.WARNING):
        describe_split(part, np.zeros(10, dtype=np.int64), ["all", "none"], units=10, test=0.25)
    assert "The test split has no artwork of class none" in caplog.text
    assert "holds 30.0 % of the artworks instead of 25.0 %" in caplog.text


def test_an_empty_part_says_what_to_do() -> None:
    with pytest.raises(UserError, match="The validation split is empty: 2 artworks in 1 groups") as caught:
        describe_split(np.array(["train", "test"], dtype=object), np.zeros(2, dtype=np.int64), ["a"], 1, 0.5)
    assert "data.split_seed" in str(caught.value)
