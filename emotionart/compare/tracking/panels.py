"""W&B panels for the runs of a comparison: columns, bars, curves and pictures, by row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from emotionart.compare import gans
from emotionart.compare.classifiers.rows import METRICS
from emotionart.compare.runs import RunsByRow

ROW = "row"
"""The column of a run's configuration by which runs are grouped."""

_WIDTH = 24  # width of a report, in W&B's units


@dataclass(frozen=True)
class PanelKeys:
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


def panel_keys(runs_by_row: RunsByRow) -> PanelKeys:
    """The metrics and pictures to show, for classifiers or for GANs."""
    if gans.are_gans(runs_by_row):
        metrics = tuple(gans.shown_metrics(gans.read_gan_rows(runs_by_row)))
        return PanelKeys(
            (ROW, "generator", "discriminator", "data", "seed"),
            metrics,
            metrics,
            ("gan/d_loss", "gan/g_loss"),
            "gan/images",
            ("gan/samples",),
        )
    results = [run.result for row in runs_by_row.values() for run in row if run.result]
    metrics = tuple(f"test/{name}" for name in METRICS[1:] if all(name in result["test"] for result in results))
    return PanelKeys(
        (ROW, "model", "head", "data", "seed", "split_seed", "fold"),
        ("test/acc", "test/acc_low", "test/acc_high", *metrics[1:], "best/epoch"),
        metrics,
        ("val/acc", "val/loss", "train/loss"),
        "epoch",
    )


def panels(runs_by_row: RunsByRow) -> list[Any]:
    """Panels: bars and curves of the mean and standard deviation over each row's runs, and pictures."""
    import wandb_workspaces.reports.v2 as wr

    keys, rows = panel_keys(runs_by_row), len(runs_by_row)
    by_row = {"groupby": wr.Config(ROW), "groupby_aggfunc": "mean", "groupby_rangefunc": "stddev"}
    bars = [
        wr.BarPlot(title=f"{name}: mean and standard deviation", metrics=[name], max_bars_to_show=rows, **by_row)
        for name in keys.bars
    ]
    curves = [wr.LinePlot(title=name, x=keys.axis, y=[name], max_runs_to_show=rows, **by_row) for name in keys.curves]
    media = [
        wr.MediaBrowser(title=key, media_keys=[key], layout=wr.Layout(w=_WIDTH, h=_WIDTH // 2)) for key in keys.media
    ]
    return [*bars, *curves, *media]
