from dataclasses import replace

import numpy as np

from emotionart.compare.classifiers.differences import find_differences
from emotionart.compare.classifiers.format import findings, format_table
from emotionart.compare.classifiers.predictions import RowPredictions
from emotionart.compare.classifiers.rows import Row
from emotionart.compare.classifiers.table import Table

ARTWORKS = 120


def row(name: str, hits: np.ndarray, cluster: np.ndarray | None = None, baseline: bool = False) -> Row:
    """A row with these hits (S, n); each artwork alone, or in clusters."""
    id = np.array([f"{index:03}" for index in range(hits.shape[1])])
    cluster = np.arange(hits.shape[1]) if cluster is None else cluster
    seeds = () if baseline else tuple(range(len(hits)))
    accuracy = {"train_acc": hits.mean(axis=1), "acc": hits.mean(axis=1)}
    return Row(name, seeds, (), accuracy, None, RowPredictions(id, id, cluster, hits), False)


def draw(seeds: int, share: float, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).random((seeds, ARTWORKS)) < share


def notes(*rows: Row) -> str:
    return "\n".join(format_table(Table(rows, find_differences(rows), None, 0.8, 0.9, ARTWORKS, None)).notes)


def cells(*rows: Row) -> list[str]:
    return [
        cells[5] for cells in format_table(Table(rows, find_differences(rows), None, 0.8, 0.9, ARTWORKS, None)).rows
    ]


def test_the_ceiling_is_no_paradox() -> None:
    told = notes(row("one", draw(2, 0.85, 0)), row("two", draw(2, 0.85, 1)))
    assert "No model can expect more than 80.0%" in told
    assert "on these test labels the best possible one scores 90.0%" in told


def test_what_cannot_be_told_apart_is_no_equality() -> None:
    alike = [row(f"row {seed}", draw(3, 0.6, seed)) for seed in range(3)]
    assert cells(*alike) == ["–"] * 3, "one letter for all would look like equality"
    told = notes(*alike)
    assert "No two rows are distinguishable with these data after Holm's correction for 3 pairs; a single pair" in told
    worse = row("worse", draw(3, 0.1, 9))
    assert cells(*alike, worse) == ["a", "a", "a", "b"]
    assert "Rows with a common letter are not distinguishable with these data." in notes(*alike, worse)


def test_the_findings_name_the_best_row_and_what_it_can_be_told_from() -> None:
    def found(*rows: Row) -> list[str]:
        return findings(Table(rows, find_differences(rows), None, None, None, ARTWORKS, None))

    best, like, worse = row("best", draw(3, 0.7, 0)), row("like", draw(3, 0.6, 1)), row("worse", draw(3, 0.1, 9))
    first, better, alike = found(worse, like, best)
    assert first.startswith("best has the highest test accuracy: ")
    assert better == "It is better than worse (5 %, Holm's correction)."
    assert alike == "It cannot be told from like with these data."
    assert found(best)[1:] == ["No other row has the same test artworks, so it is compared with none."]
    baseline = row("majority", draw(1, 0.9, 2), baseline=True)
    assert found(worse, baseline)[0].startswith("majority has the highest test accuracy: ")
    equal = row("equal", best.predictions.hits[:, ::-1])  # type: ignore[union-attr]
    assert found(worse, best, equal)[0].startswith("best has the highest test accuracy (with equal): ")


def test_the_table_says_which_difference_it_could_have_found() -> None:
    rows = [row(f"row {seed}", draw(3, 0.6, seed)) for seed in range(3)]
    found = find_differences(rows)
    assert found is not None
    assert found.detectable is not None
    low, high = found.detectable
    # Two shares of independent hits: (1.96 + 0.84) √(2 · 0.6 · 0.4 / 360), and no more of it than a third for chance.
    assert 0.7 * 0.102 < low <= high < 1.4 * 0.102
    assert found.detectable_corrected is not None
    assert high < found.detectable_corrected
    assert f"{100 * low:.1f} to {100 * high:.1f} points" in notes(*rows)
    more = find_differences([row(f"row {seed}", draw(12, 0.6, seed)) for seed in range(3)])
    assert more is not None
    assert more.detectable is not None
    assert more.detectable[1] < low


def test_a_row_like_another_does_not_make_nothing_detectable() -> None:
    hits = draw(1, 0.3, 0)
    found = find_differences([row("majority", hits, baseline=True), row("constant", hits), row("one", draw(1, 0.5, 1))])
    assert found is not None
    assert found.detectable is not None
    assert 0.1 < found.detectable[0] <= found.detectable[1]


def test_rows_that_are_right_about_the_same_artworks_do_not_show_that_nothing_is_too_small() -> None:
    told = notes(row("majority", hits := draw(1, 0.3, 0), baseline=True), row("constant", hits))
    assert "0.0 points" not in told
    assert "All of these rows are right about the same artworks" in told


def test_over_one_seed_nothing_is_claimed_over_seeds() -> None:
    rows = [row("majority", draw(1, 0.3, 0), baseline=True), row("one", draw(1, 0.5, 1)), row("two", draw(1, 0.9, 2))]
    told = notes(*rows)
    assert "Every row has one seed" in told
    assert "they make no claim about seeds" in told
    assert "other seeds" not in told
    mixed = notes(*rows, row("five seeds", draw(5, 0.9, 3)))
    assert "Rows of one seed: one, two." in mixed
    assert "they make no claim about seeds" not in notes(rows[0], row("five seeds", draw(5, 0.9, 3)))


def test_a_cross_validated_row_of_which_one_seed_is_done_has_one_seed() -> None:
    whole = row("whole", draw(2, 0.5, 0))
    begun = replace(row("begun", draw(1, 0.9, 1)), seeds=(0, 0, 1, 1), missing=(1, 1))
    assert "Rows of one seed: begun." in notes(whole, begun)


def test_cross_validated_rows_of_fewer_training_artworks_were_trained_on_fewer() -> None:
    def told(name: str) -> str:
        rows = (row("other", draw(2, 0.5, 0)), row(name, draw(2, 0.5, 1)))
        return "\n".join(format_table(Table(rows, None, None, None, None, ARTWORKS, None, folds=5)).notes)

    assert "models trained on 80% of these artworks" in told("whole")
    assert "models trained on at most 80% of these artworks" in told("few, data.train_count=50")


def test_runs_of_the_same_seed_are_no_other_seeds() -> None:
    rows = [row("once", draw(3, 0.5, 0)), replace(row("again", draw(3, 0.5, 1)), seeds=(0, 1, 1))]
    assert "Runs of the same seed count as different seeds, so that intervals are too narrow: again." in notes(*rows)
    assert "same seed" not in notes(*rows[:1])


def test_few_artists_are_said_to_be_few() -> None:
    artists = np.arange(ARTWORKS) // 15
    few = [row(f"row {seed}", draw(3, 0.6, seed), artists) for seed in range(2)]
    assert "Only 8 artists (or single artworks) in the test split" in notes(*few)
    assert "Only" not in notes(*(row(f"row {seed}", draw(3, 0.6, seed)) for seed in range(2)))
    none = [
        row("all", np.ones((2, 30), bool), np.arange(30) // 10),
        row("none", np.zeros((2, 30), bool), np.arange(30) // 10),
    ]
    assert "3 artists (or single artworks): too few" in notes(*none)
    assert cells(*none) == ["–", "–"]


def test_a_row_on_other_artworks_is_not_compared() -> None:
    other = row("other", np.ones((2, 50), bool))
    rows = [other, row("one", draw(2, 0.9, 0)), row("two", draw(2, 0.1, 1))]
    found = find_differences(rows)
    assert found is not None
    assert (found.letters, found.pairs) == (("", "a", "b"), 1)
    assert "Tested on other artworks than most rows, or on several splits, and compared with none: other." in notes(
        *rows
    )
    assert "Tested on other artworks" not in notes(*rows[1:])
    assert find_differences(rows[:2]) is None
    told = findings(Table(tuple(rows), found, None, None, None, None, None))
    assert told[0].startswith("one has the highest test accuracy of the rows on the same test artworks: ")


def test_rows_that_share_no_test_split_are_not_ranked() -> None:
    rows = (row("few", np.ones((1, 50), bool)), row("many", draw(2, 0.5, 0)))
    baselines = [
        row(f"majority for {model.name}", draw(1, 0.3, 1)[:, :size], baseline=True)
        for model, size in zip(rows, (50, ARTWORKS), strict=True)
    ]
    table = Table((*baselines, *rows), find_differences([*baselines, *rows]), None, None, None, None, None)
    assert table.differences is None
    told = "These runs were tested on different artworks or labels, so their numbers cannot be compared."
    assert findings(table) == [told]
    listed = format_table(table).notes
    assert listed[0] == told
    assert "Test artworks: 50 of few; 120 of many." in listed
    assert "artworks or labels" not in notes(baselines[0], rows[0])


def test_rows_for_which_the_alphabet_is_too_short_have_no_letters() -> None:
    rows = [row(f"row {seed}", draw(2, 0.3 + 0.0066 * seed, seed)) for seed in range(100)]
    assert cells(*rows) == ["–"] * 100
    assert "of 4,950 pairs of rows differ" in notes(*rows)
    table = Table(tuple(rows), find_differences(rows), None, None, None, None, None)
    assert any(line.startswith("It is better than row 0") for line in findings(table))
