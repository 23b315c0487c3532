"""Compare: the tables and figures of sweeps."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr
import pandas as pd
from PIL import Image

from emotionart.app.components import PRIVATE, image, show_errors
from emotionart.app.runs import Runs


def build(runs: Runs) -> None:
    """Builds the tab."""
    sweeps = runs.sweeps
    if not sweeps:
        gr.Markdown("No sweep has been run yet: `python sweep.py sweep=results_table`.")
        return
    name = gr.Dropdown(sweeps, value=sweeps[0], label="Sweep")

    @show_errors
    def look(chosen: str) -> tuple[Any, ...]:
        folder = runs.sweep(chosen)
        return pd.read_csv(folder / "table.csv"), _open_figure(folder / "table.png")

    table, figure = look(sweeps[0])
    outputs = [
        gr.Dataframe(table, interactive=False, elem_id="table"),
        image(figure, interactive=False, label="Accuracy", elem_id="figure"),
    ]
    name.change(look, [name], outputs, **PRIVATE)


def _open_figure(file: Path) -> Image.Image | None:
    if not file.exists():
        return None
    with Image.open(file) as figure:
        return figure.convert("RGB")
