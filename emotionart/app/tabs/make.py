"""Make: pictures from a trained generator."""

from __future__ import annotations

from typing import Any

import gradio as gr

from emotionart.app.components import PRIVATE, WORK, gallery, told
from emotionart.app.runs import Runs

_MADE = 8  # pictures per click


def build(runs: Runs) -> None:
    """Builds the tab."""
    known = runs.generators
    if not known:
        gr.Markdown("No generator has been trained yet: `python train.py model=acgan`, or `model=gan_projected`.")
        return
    name = gr.Dropdown(known, value=known[0], label="Run")

    def choices(chosen: str) -> gr.Dropdown:
        sampler = runs.sampler(chosen)
        return gr.Dropdown(["any", *sampler.classes], value="any", label=sampler.noun.capitalize())

    asked = choices(known[0])
    seed = gr.Number(0, precision=0, minimum=0, label="Seed: another seed gives other pictures")
    truncation = gr.Slider(0.1, 1.0, 1.0, step=0.1, label="Truncation: lower values make pictures more alike")
    button = gr.Button("Make", variant="primary", elem_id="make")
    made = gallery(label="New pictures", elem_id="made", columns=4)

    @told
    def paint(chosen: str, wanted: str, start: int, scale: float) -> list[Any]:
        sampler, label = runs.sampler(chosen), None if wanted == "any" else wanted
        if label:
            sampler.require_class(label)
        return [sampler.pictures(sampler.draw(number, int(start), label, scale))[0] for number in range(_MADE)]

    name.change(choices, [name], [asked], **PRIVATE)
    button.click(paint, [name, asked, seed, truncation], [made], **WORK)
