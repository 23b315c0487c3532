"""Make: pictures from a trained generator."""

from __future__ import annotations

from typing import Any

import gradio as gr

from emotionart.app.components import PRIVATE, WORK, gallery, show_errors
from emotionart.app.runs import Runs

_MADE = 8  # pictures per click


def build(runs: Runs) -> None:
    """Builds the tab."""
    generators = runs.generators
    if not generators:
        gr.Markdown("No generator has been trained yet: `python train.py model=acgan`, or `model=gan_projected`.")
        return
    name = gr.Dropdown(generators, value=generators[0], label="Run")

    def choices(chosen: str) -> gr.Dropdown:
        sampler = runs.sampler(chosen)
        return gr.Dropdown(["any", *sampler.classes], value="any", label=sampler.noun.capitalize())

    class_choice = choices(generators[0])
    seed = gr.Number(0, precision=0, minimum=0, label="Seed: another seed gives other pictures")
    truncation = gr.Slider(0.1, 1.0, 1.0, step=0.1, label="Truncation: lower values make pictures more alike")
    button = gr.Button("Make", variant="primary", elem_id="make")
    made = gallery(label="New pictures", elem_id="made", columns=4)

    @show_errors
    def paint(chosen: str, choice: str, start: int, scale: float) -> list[Any]:
        sampler, label = runs.sampler(chosen), None if choice == "any" else choice
        if label:
            sampler.require_class(label)
        return [sampler.pictures(sampler.draw(number, int(start), label, scale))[0] for number in range(_MADE)]

    name.change(choices, [name], [class_choice], **PRIVATE)
    button.click(paint, [name, class_choice, seed, truncation], [made], **WORK)
