"""Makes the figures of tracking.md from what offline runs log: `python -m docs.tracking`, in a checkout."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from PIL import Image

from emotionart.figures import plots
from emotionart.figures.generated import save_sheet
from tests.wandb_log import OfflineRun, read_offline_runs

ROOT = Path(__file__).parents[1]
FIGURES = ROOT / "docs" / "figures"
SEEDS = (0, 1, 2)
MULTIRUN = ("-m", "model=cv_fc,shallow_arch1", "optimizer.lr=1e-3,1e-2", f"seed={','.join(map(str, SEEDS))}")
SMALL = ("augment=none", "trainer.max_epochs=12", "trainer.threads=1", "data.picture_size=64")
GAN = ("experiment=quick_gan", "trainer.threads=1", "model.report_every=6000")
COLUMNS = {
    "row": 0.26, "seed": 0.04, "best/epoch": 0.08, "val/loss": 0.07, "test/acc": 0.07, "test/acc_low": 0.09,
    "test/acc_high": 0.09,
}  # fmt: skip
"""Columns of the table of runs that are shown, with their widths; the name takes the rest."""
COLOURS = (plots.BLUE, plots.ORANGE, plots.GREEN, plots.GREY)
SHOWN = 5
"""Positions of the slider that are shown."""


def main() -> None:
    """Writes tracking-runs.png, tracking-curves.png, tracking-charts.png and tracking-samples.jpg."""
    with tempfile.TemporaryDirectory() as temporary:
        work = Path(temporary)
        train(work, *MULTIRUN, *SMALL, f"hydra.sweep.dir={work}/learning_rates")
        train(work, *GAN, f"hydra.run.dir={work}/gan")
        folders = sorted(work.glob("learning_rates/[0-9]*"), key=lambda folder: int(folder.name.partition("-")[0]))
        runs = [read_offline_runs(folder)[0] for folder in folders]
        save(runs_table(runs), "tracking-runs.png")
        save(by_row(runs), "tracking-curves.png")
        best = max(range(len(runs)), key=lambda number: runs[number].summary["test/acc"])
        save(charts(folders[best], runs[best].name), "tracking-charts.png")
        slider(work / "gan")


def train(work: Path, *overrides: str) -> None:
    """Runs `train.py` without a W&B account."""
    own = {"WANDB_MODE": "offline", "WANDB_DATA_DIR": str(work / "staged"), "NETRC": os.devnull}
    command = [sys.executable, "train.py", *overrides, f"cache={work}/cache"]
    subprocess.run(command, cwd=ROOT, env=os.environ | own, check=True)


def save(figure: Figure, name: str) -> None:
    """Writes a figure as a PNG of 64 colours, which is less than half as large."""
    file = BytesIO()
    plots.write_png(figure, file, dpi=120)
    with Image.open(file) as picture:
        picture.convert("RGB").quantize(64).save(FIGURES / name, optimize=True)


def runs_table(runs: Sequence[OfflineRun]) -> Figure:
    """The table of runs with some of its columns, from the configuration and the summary."""
    figure = Figure(figsize=(10, 0.26 * (len(runs) + 1) + 0.1))
    axes = figure.add_axes((0.005, 0.01, 0.99, 0.98))
    axes.set_axis_off()
    table = axes.table(
        [[run.name, *(_cell(run, column) for column in COLUMNS)] for run in runs],
        colLabels=["Name", *COLUMNS],
        colWidths=[1 - sum(COLUMNS.values()), *COLUMNS.values()],
        cellLoc="left",
        bbox=(0, 0, 1, 1),
    )
    table.auto_set_font_size(False)
    table.set_fontsize(7.5)
    for (row, _), cell in table.get_celld().items():
        cell.set(edgecolor="#dddddd", facecolor="#eeeeee" if row == 0 else "white")
        cell.PAD = 0.03
    return figure


def _cell(run: OfflineRun, column: str) -> str:
    value = run.summary.get(column, run.config.get(column))
    return f"{value:.3f}" if isinstance(value, float) else str(value)


def by_row(runs: Sequence[OfflineRun]) -> Figure:
    """`val/loss` over `epoch` and `test/acc`, grouped by `row`: mean and standard deviation over seeds."""
    rows: dict[str, list[OfflineRun]] = {}
    for run in runs:
        rows.setdefault(run.config["row"], []).append(run)
    figure = Figure(figsize=(10, 3.4), layout="constrained")
    left, right = figure.subplots(1, 2)
    for colour, (row, members) in zip(COLOURS, rows.items(), strict=True):
        losses = np.array([[point["val/loss"] for point in run.history if "val/loss" in point] for run in members])
        mean, deviation = losses.mean(axis=0), losses.std(axis=0)
        epochs = np.arange(len(mean))
        left.plot(epochs, mean, color=colour)
        left.fill_between(epochs, mean - deviation, mean + deviation, color=colour, alpha=0.15, linewidth=0)
        accuracies = [run.summary["test/acc"] for run in members]
        right.barh(row, np.mean(accuracies), xerr=np.std(accuracies), color=colour, height=0.6)
    left.set(title="val/loss", xlabel="epoch")
    right.set(title="test/acc", xlim=(0, 1))
    right.invert_yaxis()
    plots.open_axes(left)
    right.spines[["top", "right"]].set_visible(False)
    return figure


def charts(folder: Path, name: str) -> Figure:
    """W&B's confusion matrix and precision-recall curves, from the tables that they are made of."""
    figure = Figure(figsize=(10, 4), layout="constrained")
    left, right = figure.subplots(1, 2)
    _draw_confusion(left, _table(folder, "test/confusion_matrix_table"))
    curves: dict[str, list[tuple[float, float]]] = {}
    for point in _table(folder, "test/precision_recall_table"):
        curves.setdefault(point["class"], []).append((point["recall"], point["precision"]))
    for index, (label, points) in enumerate(curves.items()):
        right.plot(*zip(*points, strict=True), color=COLOURS[index], label=label)
    right.set(title="test/precision_recall", xlabel="recall", ylabel="precision", ylim=(0, 1.05))
    right.legend(frameon=False, fontsize=8)
    plots.open_axes(right)
    figure.suptitle(name, fontsize=9)
    return figure


def _draw_confusion(axes: Axes, cells: Sequence[Mapping[str, Any]]) -> None:
    classes = list(dict.fromkeys(cell["Actual"] for cell in cells))
    counts = np.array([int(cell["nPredictions"]) for cell in cells]).reshape(len(classes), len(classes))
    axes.imshow(counts, cmap="Blues", aspect="auto")
    for row, column in np.ndindex(counts.shape):
        dark = counts[row, column] > counts.max() / 2
        axes.text(column, row, str(counts[row, column]), ha="center", va="center", color="white" if dark else "black")
    axes.set(title="test/confusion_matrix", xlabel="predicted", ylabel="actual")
    axes.set_xticks(range(len(classes)), classes)
    axes.set_yticks(range(len(classes)), classes)


def _table(folder: Path, key: str) -> list[dict[str, Any]]:
    """The rows of a logged table."""
    (file,) = folder.glob(f"wandb/offline-run-*/files/media/table/{key}_*.json")
    table = json.loads(file.read_text())
    return [dict(zip(table["columns"], row, strict=True)) for row in table["data"]]


def slider(folder: Path) -> None:
    """Writes some positions of the slider `gan/samples`: the first pictures of each."""
    (run,) = read_offline_runs(folder)
    grids = [row for row in run.history if "gan/samples/path" in row]
    places = np.linspace(0, len(grids) - 1, SHOWN).round().astype(int)
    chosen = [grids[place] for place in places]
    pictures = []
    for row in chosen:
        (file,) = folder.glob(f"wandb/offline-run-*/files/{row['gan/samples/path']}")
        with Image.open(file) as grid:
            side = min(grid.size) // 2
            pictures.append(np.asarray(grid.convert("RGB").crop((0, 0, side, side)).resize((180, 180))))
    captions = [f"gan/images {row['gan/images']:,.0f}" for row in chosen]
    save_sheet(np.stack(pictures), len(pictures), folder / "strip.png", captions)
    with Image.open(folder / "strip.png") as strip:
        strip.save(FIGURES / "tracking-samples.jpg", quality=85)


if __name__ == "__main__":
    main()
