import logging

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emotionart.data.tables.splits.split import describe_split, fold_positions, limit_training, split_artworks
from emotionart.data.tables.splits.units import SplitKeys
from emotionart.errors import UserError


def ids(count: int) -> np.ndarray:
    return np.array([f"art{number}" for number in range(count)], dtype=object)


def split(count: int, group: list[str] | None = None, cluster: np.ndarray | None = None, **settings) -> np.ndarray:
    who = np.array(group if group is not None else [""] * count, dtype=object)
    keys = SplitKeys(ids(count), who, np.arange(count) if cluster is None else cluster)
    return split_artworks(keys, **{"seed": 0, **settings})


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
    shuffled = split_artworks(
        SplitKeys(ids(len(group))[order], np.array(group, dtype=object)[order], np.arange(len(group))), 0
    )
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


def test_a_work_of_two_artists_keeps_the_works_of_both_together() -> None:
    names = ["Rubens", "Jan Brueghel", "rubens; Jan  Brueghel", "Rubens and workshop", "Titian", "Bosch and workshop"]
    parts = split(240, [names[row % 6] for row in range(240)], label=None)
    group = np.array([names[row % 6] for row in range(240)], dtype=object)
    unit = SplitKeys(ids(240), group, np.arange(240)).units()
    assert len(set(unit[[0, 1, 2, 3]])) == len(set(parts[[0, 1, 2, 3]])) == 1
    assert len(set(unit)) == 3
    alone = np.array([name for name in group if name != "Jan Brueghel"], dtype=object)
    assert len(set(SplitKeys(ids(200), alone, np.arange(200)).units())) == 3


@pytest.mark.parametrize(
    "names",
    [
        ["Rubens; Brueghel", "Brueghel; Rubens", "Brueghel; Snyders"],
        ["['Rubens']", "['Rubens', 'Brueghel']", "['Brueghel']"],
        ["Rubens", "['Brueghel', 'Rubens']", "Brueghel & Snyders"],
        ["Rubens, Brueghel", "Rubens", "Brueghel / Snyders"],
    ],
)
def test_works_of_artists_without_works_of_their_own_stay_together(names: list[str]) -> None:
    group = [(*names, "Titian; workshop", "Bosch; workshop")[row % 5] for row in range(60)]
    for seed in range(10):
        assert len(set(split(60, group, seed=seed, label=None)[[row for row in range(60) if row % 5 < 3]])) == 1
    assert len(set(SplitKeys(ids(60), np.array(group, dtype=object), np.arange(60)).units())) == 3


def test_another_seed_gives_another_split() -> None:
    assert (split(200) != split(200, seed=1)).any()


def test_a_split_by_hash_alone_is_the_same_for_ever() -> None:
    group = ["" if number % 3 else f"artist{number % 5}" for number in range(40)]
    found = "".join(part[1] for part in split(40, group, seed=7))  # t[r]ain, v[a]lidation, t[e]st
    assert found == "rrerrrrerrrrrrrrrrrrrrrrrrrrearrrrrrrrrr"


def collection(count: int, seed: int = 0) -> tuple[list[str], np.ndarray]:
    """Artists of one to nine works, a third of the works without an artist, and labels of which one is rare."""
    generator = np.random.default_rng(seed)
    artist = np.repeat(np.arange(count), generator.integers(1, 10, count))[:count]
    group = [f"artist{who}" if who % 3 else "" for who in artist]
    taste = generator.choice(6, count, p=[0.3, 0.25, 0.2, 0.15, 0.07, 0.03])
    label = np.where(generator.random(count) < 0.7, taste[artist], generator.integers(0, 6, count))
    return group, np.array([f"label{one}" for one in label], dtype=object)


def imbalance(part: np.ndarray, label: np.ndarray) -> float:
    """By how much the worst class is off in the test split, as a share."""
    return max(abs((label[part == "test"] == one).mean() - (label == one).mean()) for one in set(label))


def test_labels_are_shared_evenly_and_groups_stay_whole() -> None:
    even, chance, sizes = [], [], []
    for seed in range(20):
        group, label = collection(500, seed)
        part = split(500, group, label=label, seed=seed)
        for who in set(group) - {""}:
            assert len({part[row] for row in range(500) if group[row] == who}) == 1
        even.append(imbalance(part, label))
        chance.append(imbalance(split(500, group, seed=seed), label))
        sizes.append([(part == "test").mean() - 0.25, (part == "validation").mean() - 0.15])
    assert np.mean(even) < 0.6 * np.mean(chance)
    assert np.abs(sizes).mean() < 0.01
    assert abs(np.mean(sizes)) < 0.003


def test_labels_that_few_bear_are_in_the_test_split_as_often_as_others() -> None:
    label = np.array([f"label{number // 2}" for number in range(2_000)], dtype=object)
    assert abs((split(2_000, label=label) == "test").mean() - 0.25) < 0.02


def test_added_artworks_move_few_and_row_order_none() -> None:
    group, label = collection(550)
    part = split(500, group[:500], label=label[:500])
    assert (split(550, group, label=label)[:500] != part).mean() < 0.08
    order = np.random.default_rng(1).permutation(500)
    who = np.array(group, dtype=object)[order]
    assert (split_artworks(SplitKeys(ids(500)[order], who, np.arange(500)), 0, label=label[order]) == part[order]).all()


def test_artworks_without_a_label_leave_those_with_one_where_they_are() -> None:
    label = collection(300)[1]
    label[200:] = ""
    part = split(300, label=label)
    assert (part[:200] == split(200, label=label[:200])).all()
    assert set(part[200:]) == {"train", "validation", "test"}


@pytest.mark.parametrize("even", [True, False])
def test_folds_test_every_artwork_once(even: bool) -> None:
    group, label = collection(400)
    tested = np.zeros(400)
    for fold in range(5):
        part = split(400, group, label=label if even else None, test=fold_positions(fold, 5))
        tested += part == "test"
        assert abs((part == "validation").mean() - 0.16) < (0.03 if even else 0.1)
    assert (tested == 1).all()


def test_describe_counts_parts_and_classes() -> None:
    part = np.array(["train"] * 5 + ["validation"] * 2 + ["test"] * 3, dtype=object)
    lines = describe_split(
        part, np.array([0, 0, 0, 1, 1, 0, 1, 0, 1, 1]), ["low", "high"], units=10, shares={"test": 0.3}
    )
    assert " ".join(lines[2].split()) == (
        "test 3 artworks (30.0%): low 1, high 2; classes within 16.7 points of their share in all"
    )


@pytest.mark.parametrize("many", [True, False])
def test_describe_warns_of_a_class_that_a_part_has_too_many_of(many: bool, caplog: pytest.LogCaptureFixture) -> None:
    times = 20 if many else 2
    part = np.repeat(np.array(["train", "validation", "test"], dtype=object), [6 * times, 2 * times, 2 * times])
    label = np.repeat([0, 1, 0, 1], [4 * times, 2 * times, 2 * times, 2 * times])
    describe_split(part, label, ["low", "high"], units=10, shares={"test": 0.2, "validation": 0.2})
    warned = [one.args[:2] for one in caplog.records if one.levelname == "WARNING" and "off its share" in one.msg]
    assert [name for name, _ in warned] == (["validation", "test"] if many else [])


def test_describe_only_counts_where_there_are_no_classes() -> None:
    part = np.array(["train"] * 5 + ["validation"] * 2 + ["test"] * 3, dtype=object)
    lines = describe_split(part, np.zeros(10, dtype=np.int64), ["artwork"], units=10, shares=None)
    assert [" ".join(line.split()) for line in lines] == [
        "train 5 artworks (50.0%)", "validation 2 artworks (20.0%)", "test 3 artworks (30.0%)"
    ]  # fmt: skip


def test_describe_warns_of_absent_classes_and_shares_that_are_off(caplog: pytest.LogCaptureFixture) -> None:
    part = np.array(["train"] * 5 + ["validation"] * 2 + ["test"] * 3, dtype=object)
    with caplog.at_level(logging.WARNING):
        describe_split(
            part, np.arange(10) % 2, ["even", "odd", "none"], units=10, shares={"validation": 0.1, "test": 0.25}
        )
    assert "The test split has no artwork of class none" in caplog.text
    assert "The test split holds 30.0 % of the artworks, not 25.0 %" in caplog.text
    assert "The validation split holds 20.0 % of the artworks, not 10.0 %" in caplog.text


def test_an_empty_part_says_what_to_do() -> None:
    with pytest.raises(UserError, match="The validation split is empty: 2 artworks in 1 groups") as caught:
        describe_split(np.array(["train", "test"], dtype=object), np.zeros(2, dtype=np.int64), ["a"], 1, None)
    assert "data.split_seed" in str(caught.value)


@pytest.mark.parametrize("even", [True, False])
def test_folds_of_what_is_not_test_validate_every_artwork_once(even: bool) -> None:
    group, label = collection(400)
    settings = {"label": label if even else None, "test": (0.0, 0.25)}
    parts = [split(400, group, validation=fold_positions(fold, 4), **settings) for fold in range(4)]
    whole = split(400, group, **settings)
    assert all(((part == "test") == (whole == "test")).all() for part in parts)
    validated = np.sum([part == "validation" for part in parts], axis=0)
    assert (validated == (whole != "test")).all()


def test_fewer_artworks_to_learn_from_are_whole_units_of_every_label_and_leave_the_test_split_alone() -> None:
    group, label = collection(600)
    who, each = np.array(group, dtype=object), np.arange(600)
    part = split(600, group, label=label)
    draws = {}
    for seed in (0, 1):
        for count in (60, 120, 240):
            draws[count, seed] = limit_training(part, SplitKeys(ids(600), who, each), count, seed, label=label)
    for (count, _), limited in draws.items():
        assert ((limited == "test") == (part == "test")).all()
        assert count - 3 <= (limited == "train").sum() <= count
        assert abs((limited == "validation").sum() - count * (part == "validation").sum() / (part == "train").sum()) < 4
        kept, left = who[limited == "train"], who[(part == "train") & (limited == "")]
        assert not set(kept[kept != ""]) & set(left)
        share = [(label[chosen == "train"] == "label0").mean() for chosen in (limited, part)]
        assert abs(share[0] - share[1]) < 0.05
    assert ((draws[60, 0] == "train") & (draws[120, 0] == "train")).sum() > 50, "a larger draw holds nearly all of it"
    assert ((draws[60, 0] == "train") & (draws[60, 1] == "train")).sum() < 30
    with pytest.raises(UserError, match="fewer than the 5,000 that are asked for"):
        limit_training(part, SplitKeys(ids(600), who, each), 5_000, 0)


def test_a_test_part_of_other_classes_than_train_is_refused() -> None:
    part = np.array(["train", "validation", "test", "test"], dtype=object)
    classes = ["images", "fear", "joy"]
    with pytest.raises(UserError, match="share no class: images in train, fear, joy in test"):
        describe_split(part, np.array([0, 0, 1, 2]), classes, units=4, shares=None)
    both = np.array(["train", "train", "validation", "test", "test"], dtype=object)
    assert len(describe_split(both, np.array([0, 1, 1, 0, 2]), classes, units=5, shares=None)) == 3


def test_a_training_part_of_one_class_is_refused() -> None:
    part = np.array(["train", "train", "validation", "test", "test"], dtype=object)
    with pytest.raises(UserError, match="All training artworks are in one class, 'joy': there is nothing to learn"):
        describe_split(part, np.array([1, 1, 0, 0, 1]), ["fear", "joy"], units=5, shares=None)
    assert describe_split(part, np.zeros(5, np.int64), ["artwork"], units=5, shares=None)
