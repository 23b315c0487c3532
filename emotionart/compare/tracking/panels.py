"""W&B panels for the runs of a comparison: columns, bars, curves and pictures, by row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from emotionart.compare import gans
from emotionart.compare.rows import METRICS
from emotionart.compare.runs import SweepRun

ROW = "row"
"""The column of a run's configuration by which runs are grouped."""

_WIDTH = 24  # width of a report, in W&B's units


@dataclass(frozen=True)
class Shown:
    """The names of the metrics and pictures that W&B shows.

    Attributes:
        config: columns from the configuration.
        summary: columns from the summary.
        bars: metrics of the tested weights, drawn as bars.
        curves: metrics from the history, drawn as curves.
        axis: metric on the curves' x axis.
        media: keys of pictures.
    """

    config: tuple[str, ...]
    summary: tuple[str, ...]
    bars: tuple[str, ...]
    curves: tuple[str, ...]
    axis: str
    media: tuple[str, ...] = ()

    @property
    def columns(self) -> list[str]:
        """The columns of the table of runs, in W&B's notation."""
        return [*(f"config:{name}.value" for name in self.config), *(f"summary:{name}" for name in self.summary)]


def shown_of(members: Mapping[str, Sequence[SweepRun]]) -> Shown:
    """The metrics and pictures to show, for classifiers or for GANs."""
    if gans.are_generators(members):
        metrics = tuple(gans.shown_metrics(gans.read_generators(members)))
        return Shown(
            (ROW, "generator", "discriminator", "data", "seed"),
            metrics,
            metrics,
            ("gan/d_loss", "gan/g_loss"),
            "gan/images",
            ("gan/samples",),
        )
    results = [member.result for row in members.values() for member in row if member.result]
    metrics = tuple(f"test/{name}" for name in METRICS[1:] if all(name in result["test"] for result in results))
    return Shown(
        (ROW, "model", "head", "data", "seed", "split_seed", "fold"),
        ("test/acc", "test/acc_low", "test/acc_high", *metrics[1:], "best/epoch"),
        metrics,
        ("val/acc", "val/loss", "train/loss"),
        "epoch",
    )


def panels(members: Mapping[str, Sequence[SweepRun]]) -> list[Any]:
    """Panels: bars and curves of the mean and standard deviation over each row's runs, and pictures."""
    import wandb_workspaces.reports.v2 as wr

    shown, rows = shown_of(members), len(members)
    by_row = {"groupby": wr.Config(ROW), "groupby_aggfunc": "mean", "groupby_rangefunc": "stddev"}
    bars = [
        wr.BarPlot(title=f"{name}: mean and standard deviation", metrics=[name], max_bars_to_show=rows, **by_row)
        for name in shown.bars
    ]
    curves = [wr.LinePlot(title=name, x=shown.axis, y=[name], max_runs_to_show=rows, **by_row) for name in shown.curves]
    media = [
        wr.MediaBrowser(title=key, media_keys=[key], layout=wr.Layout(w=_WIDTH, h=_WIDTH // 2)) for key in shown.media
    ]
    return [*bars, *curves, *media]
