"""Formats a table of classifiers for people and for programs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from emotionart.compare.classifiers.differences import Differences
from emotionart.compare.classifiers.ensembles import SUFFIX, EnsembleRow
from emotionart.compare.classifiers.rows import METRICS, Row
from emotionart.compare.classifiers.table import Table
from emotionart.compare.formats import ABSENT, FormattedTable
from emotionart.compare.runs import TRAIN_COUNT
from emotionart.data.tables.wording import some
from emotionart.statistics.cross_validation import pooled_factor
from emotionart.statistics.estimate import few_groups_warning

_TITLES = dict(zip(METRICS, ("train acc.", "test acc.", "balanced acc.", "macro-F1", "KL"), strict=True))
_HEADINGS = ("model", "runs", "train acc.", "test acc.", "95 % interval", "group", "balanced acc.", "macro-F1", "KL")
_DROPPABLE = (8, 7, 6, 9, 2, 1, 5, 4)  # KL, macro-F1, balanced acc., durations, train acc., runs, letters, interval


def format_table(table: Table) -> FormattedTable:
    """The table as text, with its notes; accuracies in percent."""
    spread = [name for metric in METRICS for name in (metric, f"{metric}_sd")]
    values: list[list[object]] = [
        ["row", "runs", "missing_seeds", *spread, "acc_low", "acc_high", "group", "random_features"]
    ]
    for row, group in with_ensembles(table, table.group):
        numbers = [value for metric in METRICS for value in (row.mean(metric), row.deviation(metric))]
        missing = " ".join(map(str, dict.fromkeys(row.missing)))
        interval = row.interval or (None, None)
        values.append([row.name, row.done, missing, *numbers, *interval, group, str(row.random_features).lower()])
    return FormattedTable(
        headings=_HEADINGS,
        rows=[_cells(row, group) for row, group in with_ensembles(table, shown_letters(table))],
        left_aligned=frozenset({0, 5}),
        durations=[
            ABSENT if row.seconds is None else f"{row.seconds:.0f} s" for row in (*table.rows, *table.ensembles)
        ],
        devices=sorted({row.device for row in table.rows if row.device}),
        notes=list(_notes(table)),
        values=values,
        droppable=_DROPPABLE,
    )


def findings(table: Table) -> list[str]:
    """Sentences: which row is best, and from which others it differs significantly; baselines count as rows."""
    if apart := _apart(table):
        return [apart]
    every = [index for index, row in enumerate(table.rows) if "acc" in row.values]
    tested = [index for index in every if not table.differences or table.differences.compared[index]]
    if not tested:
        return []
    first = max(tested, key=lambda index: table.rows[index].mean("acc") or 0)
    best, differences = table.rows[first], table.differences
    bounds = f" (95 % interval {interval(best)})" if best.interval else ""
    among = " of the rows on the same test artworks" if len(tested) < len(every) else ""
    equal = [label(row) for row in (table.rows[index] for index in tested) if row.mean("acc") == best.mean("acc")]
    tie = f" (with {some(equal[1:], 10)})" if len(equal) > 1 else ""
    sentences = [f"{label(best)} has the highest test accuracy{among}{tie}: {spread(best, 'acc')} %{bounds}."]
    if not differences:
        return [*sentences, "No other row has the same test artworks, so it is compared with none."]
    others = [index for index in tested if index != first]
    worse, like = (
        [label(table.rows[index]) for index in others if differences.differ[first, index] == differs]
        for differs in (True, False)
    )
    if worse:
        sentences.append(f"It is better than {some(worse, 10)} (5 %, Holm's correction).")
    if like:
        sentences.append(f"It cannot be told from {some(like, 10)} with these data.")
    return sentences


def with_ensembles(table: Table, letters: Sequence[str]) -> list[tuple[Row, str]]:
    """The rows with their significance letters, then the ensembles, which have none."""
    return [*zip(table.rows, letters, strict=True), *((row, "") for row in table.ensembles)]


def shown_letters(table: Table) -> tuple[str, ...]:
    """The significance letters of the rows; all "" if no two rows differ, or if there are more sets than letters."""
    shown = table.differences and table.differences.any and table.differences.readable
    return table.group if shown else ("",) * len(table.rows)


def label(row: Row) -> str:
    """The row's name, with an asterisk if its features are random."""
    return f"{row.name}*" if row.random_features else row.name


def title(metric: str) -> str:
    """The display name of one of `METRICS`."""
    return _TITLES[metric]


def run_count(row: Row) -> str:
    """The number of finished runs, "n of m" if some are missing."""
    if row.baseline:
        return ABSENT
    return f"{row.done} of {len(row.seeds)}" if row.missing else str(row.done)


def spread(row: Row, metric: str) -> str:
    """Mean ± standard deviation as text: accuracies in percent, other metrics to three decimals."""
    mean, deviation = row.mean(metric), row.deviation(metric)
    if mean is None:
        return "missing" if metric == "acc" else ABSENT
    show: Callable[[float], str] = (lambda value: f"{value:.3f}") if metric in ("f1_macro", "kl") else _percent
    return show(mean) if deviation is None else f"{show(mean)} ± {show(deviation)}"


def interval(row: Row) -> str:
    """The 95 % interval as text, in percent."""
    return f"{_percent(row.interval[0])} to {_percent(row.interval[1])}" if row.interval else ABSENT


def _cells(row: Row, group: str) -> tuple[str, ...]:
    train, test, *others = (spread(row, metric) for metric in METRICS)
    return (label(row), run_count(row), train, test, interval(row), group or ABSENT, *others)


def _notes(table: Table) -> Iterator[str]:
    models = [row for row in table.rows if not row.baseline]
    single = [row.name for row in models if row.single]
    no_seeds = len(single) == len(models)
    if apart := _apart(table):
        yield apart
    if table.folds is None:
        yield (
            "Mean ± standard deviation over seeds. 95 % interval: Student's, with the variance over artworks (or whole "
            "artists) and over seeds."
        )
    else:
        limited = any(TRAIN_COUNT in row.name for row in models)
        yield from _cross_validation_notes(table.folds, table.test_artworks, limited)
    if single:
        rows = "Every row has one seed" if no_seeds else f"Rows of one seed: {', '.join(single)}"
        yield f"{rows}. Intervals and letters describe these runs on other artworks; they make no claim about seeds."
    again = [row.name for row in models if table.folds is None and 1 < len({*row.seeds}) < len(row.seeds)]
    if again:
        yield (f"Runs of the same seed count as different seeds, so that intervals are too narrow: {some(again, 10)}.")
    others = [
        row.name
        for index, row in enumerate(table.rows)
        if table.differences and not row.baseline and not _compared(table, index)
    ]
    if others:
        named = some(others, 10)
        yield f"Tested on other artworks than most rows, or on several splits, and compared with none: {named}."
    if table.differences:
        yield from _difference_notes(table.differences, "" if no_seeds else " and other seeds")
    if table.ensembles:
        yield (
            "An ensemble averages the probabilities of its row's seeds, and is compared with no other row; beyond a "
            f"single run it gains, in points: {some([_gain(row) for row in table.ensembles], 20)}."
        )
    yield from _test_artworks(table)
    if table.split_source is not None:
        yield f"The split is the data's own ({table.split_source})."
    if table.ceiling is not None and table.oracle is not None:
        yield (
            f"No model can expect more than {table.ceiling:.1%}, since annotators disagree; on these test labels the "
            f"best possible one scores {table.oracle:.1%}."
        )
    if any(row.random_features for row in table.rows):
        yield "* on RANDOM features: an untrained network gave them; the row says nothing about a pretrained one."
    if any(row.missing for row in table.rows):
        yield "Runs: done of planned; the rest is missing."


def _apart(table: Table) -> str | None:
    """A sentence for several models of which no two share a test split; None if some do."""
    models = [row for row in table.rows if not row.baseline and "acc" in row.values]
    if table.differences or len(models) < 2:
        return None
    if not any(row.predictions for row in models):
        return "Each row was tested on several splits, so that no two are compared."
    return "These runs were tested on different artworks or labels, so their numbers cannot be compared."


def _test_artworks(table: Table) -> Iterator[str]:
    """How many artworks the rows were tested on, by row if it is not the same number."""
    counts: dict[int, list[str]] = {}
    for row in table.rows:
        if row.predictions and not row.baseline:
            counts.setdefault(len(row.predictions.id), []).append(row.name)
    if table.test_artworks is not None:
        yield f"Test artworks: {table.test_artworks}."
    elif counts:
        yield f"Test artworks: {'; '.join(f'{count} of {some(names, 1)}' for count, names in counts.items())}."


def _compared(table: Table, index: int) -> bool:
    """Whether a row has no test predictions yet, or is on the test split that most rows share."""
    return "acc" not in table.rows[index].values or bool(table.differences and table.differences.compared[index])


def _cross_validation_notes(folds: int, artworks: int | None, limited: bool) -> Iterator[str]:
    """What was cross-validated, and what the intervals refer to; `limited` if rows were trained on fewer artworks."""
    yield (
        f"Cross-validated in {folds} folds: each artwork is tested by models that were trained without it and without "
        f"what belongs to it, so the numbers describe models trained on {'at most ' if limited else ''}"
        f"{1 - 1 / folds:.0%} of these artworks (validation included), on other artworks (or artists) like these. "
        "Accuracy is that of the pooled predictions, other metrics are means over folds; ± is over seeds and repeats."
    )
    if artworks is not None:
        yield (
            "95 % interval and letters: the variance over artworks (or whole artists) of the pooled predictions, times "
            f"{pooled_factor(artworks):.2f}, since the models of all folds share artworks; and that over seeds and "
            "repeats."
        )


def _difference_notes(differences: Differences, other_seeds: str) -> Iterator[str]:
    """Which rows differ, which differences could be detected, and whether there are enough artworks."""
    if differences.any and not differences.readable:
        yield (
            f"{int(differences.differ.sum()) // 2:,} of {differences.pairs:,} pairs of rows differ (5 %, Holm's "
            "correction). The alphabet has too few letters to show which: `emotionart compare RUN RUN` compares a few."
        )
    elif differences.any:
        yield (
            f"Rows without a common letter differ (5 %, Holm's correction): other artworks (or artists){other_seeds} "
            "would give the same order. Rows with a common letter are not distinguishable with these data."
        )
    else:
        corrected = (
            f" after Holm's correction for {differences.pairs:,} pairs; a single pair, as in a run's report, may be"
        )
        yield f"No two rows are distinguishable with these data{corrected if differences.pairs > 1 else ''}."
    if differences.conservative:
        pairs = some([f"{a} and {b} {p_value:.2g}" for a, b, p_value in differences.conservative], 10)
        yield f"Nadeau and Bengio's p, which is conservative and uncorrected, of the rows that differ: {pairs}."
    if differences.underpowered:
        yield (
            f"The test split has {differences.clusters.groups} artists (or single artworks): too few for any two rows "
            "to be distinguishable."
        )
        return
    if differences.detectable is None or differences.detectable_corrected is None:
        yield "All of these rows are right about the same artworks, so the data do not tell which difference they show."
    else:
        low, high, corrected = map(_points, (*differences.detectable, differences.detectable_corrected))
        correction = f" alone, up to {corrected} after the correction for {differences.pairs}"
        yield (
            f"Minimum detectable difference at 80 % power: {low if low == high else f'{low} to {high}'} points of test "
            f"accuracy for one pair of rows{correction if differences.pairs > 1 else ''}. Smaller ones are not "
            "distinguishable with these data, which does not make them equal."
        )
    if few := few_groups_warning(differences.clusters):
        yield few


def _gain(row: EnsembleRow) -> str:
    low, high = row.gain.interval()
    return f"{row.name.removesuffix(SUFFIX)} {100 * row.gain.value:+.1f} ({100 * low:+.1f} to {100 * high:+.1f})"


def _points(difference: float) -> str:
    return f"{100 * difference:.1f}" if difference < 1 else "more than 100"


def _percent(share: float) -> str:
    return f"{100 * share:.1f}"
