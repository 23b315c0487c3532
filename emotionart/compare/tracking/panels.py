"""What W&B shows of the runs of a comparison: columns, bars, curves and pictures, by row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from emotionart.compare import gans
from emotionart.compare.rows import METRICS
from emotionart.compare.runs import SweepRun

ROW = "row"
"""The column of a run's configuration by which runs are grouped."""

_WIDTH = 24  # of a report, in W&B's units


@dataclass(frozen=True)
class Shown:
    """What is shown of the runs, by the names that it has in W&B.

    Attributes:
        config: columns of the configuration.
        summary: columns of the summary.
        bars: metrics of the tested weights.
        curves: of the history.
        axis: of the curves.
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
        """Those of the table of runs, as W&B writes them."""
        return [*(f"config:{name}.value" for name in self.config), *(f"summary:{name}" for name in self.summary)]


def shown_of(members: Mapping[str, Sequence[SweepRun]]) -> Shown:
    """What is shown of classifiers, or of GANs."""
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
    """Bars of the mean over a row's runs with their standard deviation, curves likewise, and pictures."""
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
