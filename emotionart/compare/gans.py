"""Comparison of GANs: size, speed, metrics and samples."""

from __future__ import annotations

import shlex
import statistics
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from emotionart.compare.formats import ABSENT, FormattedTable
from emotionart.compare.runs import RunsByRow, SweepRun, device
from emotionart.data.tables.wording import some
from emotionart.errors import UserError
from emotionart.run.split import read_split
from emotionart.run.state import is_gan

_LEFT_OUT = (
    "_loss", "_gradient", "_deviation", "gan/state", "gan/accuracy", "gan/nearness", "gan/augmented", "gan/average_",
    "gan/lr_",
)  # fmt: skip
"""Metrics whose names contain these are left out of tables for people; `table.csv` has them."""

_HEADINGS = ("model", "runs", "generator", "discriminator", "images", "at the end")
_COLUMNS = ("row", "runs", "generator_parameters", "discriminator_parameters", "images", "state")

_LEGEND = (
    "Mean ± standard deviation over seeds. Generator, discriminator: parameters. Signs of the discriminator: 1 takes "
    "all for real, -1 none; real well above heldout, and fake near -1, is a winning discriminator. KID and FID are on "
    "the named features, with their floor between real pictures."
)
_RANDOM = "* The discriminator sees through a RANDOM network; the row says nothing about a pretrained one."


@dataclass(frozen=True)
class GANRow:
    """A row of GANs: the runs of one setting.

    Attributes:
        name: name of the row.
        seeds: seeds of all runs, finished or not.
        results: results of the finished runs.
        seconds: seconds per 1000 images, median over runs; None if no run is finished.
        devices: devices on which the runs were made.
        samples: file of generated pictures of the first run that has one; None if none has.
        real: the real pictures that generated ones are measured against: ids of the test split and size, of each run.
    """

    name: str
    seeds: Sequence[int]
    results: Sequence[Mapping[str, Any]]
    seconds: float | None
    devices: frozenset[str]
    samples: Path | None
    real: frozenset[tuple[frozenset[str], int]] = frozenset()

    @property
    def random_features(self) -> bool:
        """Whether a discriminator sees through a network without trained weights."""
        return any((result.get("seen_through") or {}).get("weights") == "random" for result in self.results)

    def metrics(self) -> dict[str, list[float]]:
        """The values over seeds of each metric that all runs have."""
        common = set.intersection(*(set(result["metrics"]) for result in self.results)) if self.results else set()
        return {name: [result["metrics"][name] for result in self.results] for name in sorted(common)}


def are_gans(runs_by_row: RunsByRow) -> bool:
    """Whether the runs of a comparison are GANs.

    Raises:
        UserError: if only some are.
    """
    runs = [run for of_row in runs_by_row.values() for run in of_row if run.result]
    gans, classifiers = (
        [str(run.folder.path) for run in runs if is_gan(run.result or {}) is kind] for kind in (True, False)
    )
    if gans and classifiers:
        raise UserError(
            "Some of these runs are of GANs and some of classifiers, which are not comparable.",
            where=f"GANs: {some(gans)}; classifiers: {some(classifiers)}",
            fix="; ".join(f"emotionart compare {shlex.join(folders)}" for folders in (gans, classifiers)),
        )
    return bool(gans)


def read_gan_rows(runs_by_row: RunsByRow) -> list[GANRow]:
    """Reads the rows of a comparison of GANs."""
    return [_row(name, runs) for name, runs in runs_by_row.items()]


def shown_metrics(rows: Sequence[GANRow]) -> list[str]:
    """The names of the metrics in tables for people."""
    return [name for name in _metrics(rows) if not any(part in name for part in _LEFT_OUT)]


def format_table(rows: Sequence[GANRow]) -> FormattedTable:
    """The table as text, with its notes."""
    metrics, shown = _metrics(rows), shown_metrics(rows)
    return FormattedTable(
        headings=(*_HEADINGS, *(name.removeprefix("gan/") for name in shown)),
        rows=[_cells(row, shown) for row in rows],
        left_aligned=frozenset({0}),
        durations=[ABSENT if row.seconds is None else f"{row.seconds:.2f} s per 1,000 images" for row in rows],
        devices=sorted(set().union(*(row.devices for row in rows))),
        notes=[_LEGEND, *([_RANDOM] if any(row.random_features for row in rows) else [])],
        values=[[*_COLUMNS, *metrics, "random_features"], *(_values(row, metrics) for row in rows)],
        droppable=range(len(_HEADINGS) + len(shown), 3, -1),
    )


def _cells(row: GANRow, metrics: Sequence[str]) -> tuple[str, ...]:
    """The row for people, by `_HEADINGS` and metrics."""
    sizes = (_size(row, network) for network in ("generator", "discriminator"))
    values = row.metrics()
    return (
        _label(row),
        _runs(row),
        *sizes,
        _images(row),
        _states(map(_end, row.results)),
        *(_spread(values.get(name)) for name in metrics),
    )


def _values(row: GANRow, metrics: Sequence[str]) -> list[object]:
    """The row for programs, by `_COLUMNS` and metrics."""
    sizes = (_first(row, "parameters", network) for network in ("generator", "discriminator"))
    values = row.metrics()
    means = (statistics.fmean(values[name]) if name in values else None for name in metrics)
    about = (
        row.name,
        len(row.results),
        *sizes,
        _first(row, "images"),
        _states(result["monitor"]["state"] for result in row.results),
    )
    return [*about, *means, str(row.random_features).lower()]


def findings(rows: Sequence[GANRow]) -> list[str]:
    """Sentences: which setting generates pictures closest to real ones, and how training ended."""
    done = [row for row in rows if row.results]
    if not done:
        return []
    ends = {row.name: [_end(result) for result in row.results] for row in done}
    runs = [end for row in ends.values() for end in row]
    sentences = [*_nearest(done), f"{runs.count('healthy')} of {len(runs)} runs were healthy at the end."]
    for end in dict.fromkeys(runs):
        where = [name for name, row in ends.items() if end in row]
        sentences += [] if end == "healthy" else [f"{end.capitalize()}: {some(where, 10)}."]
    return sentences


def _end(result: Mapping[str, Any]) -> str:
    """The monitor's last state, or a note that the run ended within its grace period."""
    state: str = result["monitor"]["state"]
    return "too short to be judged" if state == "healthy" and result["images"] <= result["monitor"]["grace"] else state


def _nearest(rows: Sequence[GANRow]) -> list[str]:
    """Which row has the lowest KID, if all are measured alike, on features from which none was trained."""
    measured = [result.get("distances") for row in rows for result in row.results]
    if not any(measured):
        return ["None is measured: model.features=NAME or judge=FOLDER does so."]
    leaking = [row.name for row in rows if any((result.get("distances") or {}).get("leaks") for result in row.results)]
    if leaking:
        return [
            f"The features that measure {some(leaking, 10)} trained its discriminator, so that KID does not compare: "
            "model.features=NAME takes another network."
        ]
    if len({one and one["features"] for one in measured}) > 1:
        return ["Not all are measured on the same features: model.features=NAME or judge=FOLDER does so."]
    if len(frozenset().union(*(row.real for row in rows))) > 1:
        return ["Not all are measured against the same test pictures at one size, so that KID does not compare."]
    name = next(one["features"] for one in measured if one)
    kid = {row.name: row.metrics()[f"gan/kid_{name}"] for row in rows}
    best, *others = sorted(kid, key=lambda row: statistics.fmean(kid[row]))
    floor = statistics.fmean(one["floor"]["kid"] for one in measured if one)
    after = f", before {others[0]}, {_spread(kid[others[0]])}" if others else ""
    lowest = f"{best} has the lowest KID on features of {name}: {_spread(kid[best])}{after}"
    return [
        f"{lowest}; real pictures have {floor:.3f} among themselves. Whether rows of so few seeds differ is not tested."
    ]


def _metrics(rows: Sequence[GANRow]) -> list[str]:
    return list(dict.fromkeys(name for row in rows for name in row.metrics()))


def _row(name: str, runs: Sequence[SweepRun]) -> GANRow:
    done = [run for run in runs if run.result]
    samples = [file for run in done if (file := run.folder.figures / "samples.png").is_file()]
    # A run that was killed after its last image and then resumed has no speed.
    speeds = [speed for run in done if (speed := run.provenance.get("seconds_per_1000_images"))]
    return GANRow(
        name,
        [run.seed for run in runs],
        [run.result for run in done if run.result],
        statistics.median(speeds) if speeds else None,
        frozenset(device(run.provenance) for run in done),
        samples[0] if samples else None,
        frozenset(_real_pictures(run) for run in done),
    )


def _real_pictures(run: SweepRun) -> tuple[frozenset[str], int]:
    """Ids of the test pictures of a finished run, and their side in pixels."""
    assert run.result is not None
    split = read_split(run.folder)
    return frozenset(split["id"][split["part"] == "test"]), run.result["representation"]["size"]


def _label(row: GANRow) -> str:
    """The row's name, with an asterisk if its features are random."""
    return f"{row.name}*" if row.random_features else row.name


def _runs(row: GANRow) -> str:
    done, planned = len(row.results), len(row.seeds)
    return str(done) if done == planned else f"{done} of {planned}"


def _first(row: GANRow, *keys: str) -> Any:
    value: Any = row.results[0] if row.results else None
    for key in keys:
        value = value[key] if value is not None else None
    return value


def _states(ends: Iterable[str]) -> str:
    """States at the end of the runs, with counts if they differ."""
    counts = Counter(ends)
    if len(counts) < 2:
        return next(iter(counts), ABSENT)
    return ", ".join(f"{state} {count}" for state, count in counts.most_common())


def _size(row: GANRow, part: str) -> str:
    count = _first(row, "parameters", part)
    return ABSENT if count is None else f"{count:,}"


def _images(row: GANRow) -> str:
    count = _first(row, "images")
    return "missing" if count is None else f"{count:,}"


def _spread(values: Sequence[float] | None) -> str:
    if not values:
        return ABSENT
    mean = f"{statistics.fmean(values):.3f}"
    return mean if len(values) == 1 else f"{mean} ± {statistics.stdev(values):.3f}"
