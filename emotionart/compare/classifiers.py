"""A table of classifiers, as people and programs read it."""

from __future__ import annotations

from collections.abc import Callable

from emotionart.compare.formats import ABSENT, FormattedTable
from emotionart.compare.rows import METRICS, Row, Table

_TITLES = dict(zip(METRICS, ("train acc.", "test acc.", "balanced acc.", "macro-F1", "KL"), strict=True))
_HEADINGS = ("model", "runs", "train acc.", "test acc.", "95 % interval", "group", "balanced acc.", "macro-F1", "KL")


def format_table(table: Table) -> FormattedTable:
    """The table with its notes; accuracies in percent."""
    spread = [name for metric in METRICS for name in (metric, f"{metric}_sd")]
    values: list[list[object]] = [
        ["row", "runs", "missing_seeds", *spread, "acc_low", "acc_high", "group", "random_features"]
    ]
    for row, group in zip(table.rows, table.group, strict=True):
        numbers = [value for metric in METRICS for value in (row.mean(metric), row.deviation(metric))]
        missing = " ".join(map(str, row.missing))
        interval = row.interval or (None, None)
        values.append([row.name, row.done, missing, *numbers, *interval, group, str(row.random_features).lower()])
    return FormattedTable(
        headings=_HEADINGS,
        rows=[_cells(row, group) for row, group in zip(table.rows, table.group, strict=True)],
        left=frozenset({0, 5}),
        durations=[ABSENT if row.seconds is None else f"{row.seconds:.0f} s" for row in table.rows],
        devices=sorted({row.device for row in table.rows if row.device}),
        notes=_notes(table),
        values=values,
    )


def label(row: Row) -> str:
    """The row's name, marked where its features are random."""
    return f"{row.name}*" if row.random_features else row.name


def title(metric: str) -> str:
    """What people call one of `METRICS`."""
    return _TITLES[metric]


def runs(row: Row) -> str:
    """How many runs the row has, and of how many, where some are missing."""
    if row.baseline:
        return ABSENT
    return f"{row.done} of {len(row.seeds)}" if row.missing else str(row.done)


def spread(row: Row, metric: str) -> str:
    """Mean and standard deviation: percent of accuracies, three digits of the rest."""
    mean, deviation = row.mean(metric), row.deviation(metric)
    if mean is None:
        return "missing" if metric == "acc" else ABSENT
    show: Callable[[float], str] = (lambda value: f"{value:.3f}") if metric in ("f1_macro", "kl") else _percent
    return show(mean) if deviation is None else f"{show(mean)} ± {show(deviation)}"


def interval(row: Row) -> str:
    """The 95 % interval in percent."""
    return f"{_percent(row.interval[0])} to {_percent(row.interval[1])}" if row.interval else ABSENT


def _cells(row: Row, group: str) -> tuple[str, ...]:
    train, test, *others = (spread(row, metric) for metric in METRICS)
    return (label(row), runs(row), train, test, interval(row), group or ABSENT, *others)


def _notes(table: Table) -> list[str]:
    found = ["Mean ± standard deviation over seeds. The interval resamples seeds and artworks (or whole artists)."]
    if any(table.group):
        found.append(
            "Rows without a common letter differ: a paired permutation test on the same test artworks (whole artists, "
            "where these were kept together) and a test over seeds are both below 5 % after Holm's correction."
        )
    if table.underpowered is not None:
        found.append(
            f"The test split has {table.underpowered} artists (or single artworks): too few for any two rows to be "
            "told apart."
        )
    if table.test_artworks is not None:
        found.append(f"Test artworks: {table.test_artworks}.")
    if table.ceiling is not None:
        found.append(f"No model can expect more than {table.ceiling:.1%}: annotators disagree.")
    if any(row.random_features for row in table.rows):
        found.append("* on RANDOM features: an untrained network gave them; the row says nothing of a pretrained one.")
    if any(row.missing for row in table.rows):
        found.append("Runs: done of planned; the rest is missing.")
    return found


def _percent(share: float) -> str:
    return f"{100 * share:.1f}"
