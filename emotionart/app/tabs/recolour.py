"""Recolour: a picture in an emotion's colours, with predictions and features before and after."""

from __future__ import annotations

from typing import Any

import gradio as gr

from emotionart.app.components import WORK, gallery, image, picture_input, show_errors
from emotionart.app.pictures import Pictures
from emotionart.app.reading import limit_size
from emotionart.app.runs import Runs
from emotionart.data.pictures.decode import load_picture
from emotionart.features.colour import LANDMARKS
from emotionart.figures.recoloured import Reading
from emotionart.recolour.transfer import SKIN_ANGLE
from emotionart.works.recoloured import in_all_palettes, recolour_work

_MOST_PIXELS = 1024  # height and width; takes half a second


def build(runs: Runs, pictures: Pictures) -> None:
    """Builds the tab."""
    names = runs.classifiers
    content = picture_input(pictures, "recolour")
    palette = gr.Radio(list(LANDMARKS), value="calm", label="Colours", elem_id="palette")
    strength = gr.Slider(
        0, 1, 1, step=0.05, label="Strength: 0 leaves the picture as it is, 1 goes all the way", elem_id="strength"
    )
    judge = gr.Dropdown(names, value=names[0], label="Run that predicts both") if names else gr.State(None)
    with gr.Row():
        before = image(label="Before", interactive=False, format="png", elem_id="before")
        after = image(label="After", interactive=False, format="png", elem_id="after")
    gr.Markdown(
        f"Larger pictures are shrunk to {_MOST_PIXELS:,} pixels; `emotionart recolour` keeps their size. Skin turns "
        f"by at most {SKIN_ANGLE:.0f} degrees of hue. Nobody has shown that people feel what the colours say."
    )
    gr.Markdown("The picture in all eight: choose one to see it large.")
    strip = gallery(label="All eight", elem_id="strip", columns=8, allow_preview=False)
    with gr.Row():
        features = _table("feature", "features-read")
        classes = _table("class", "classes-read") if names else None
    if not names:
        gr.Markdown("With a classifier, the classes are read, too: `python train.py`.")
    outputs = [before, after, features, *([classes] if classes else [])]

    @show_errors
    def look(file: bytes | None, name: str, share: float, run: str | None) -> Any:
        if file is None:
            return gr.skip()
        predictor = runs.predictor(run) if run else None
        work = recolour_work(limit_size(file, _MOST_PIXELS), name, share, judge=predictor)
        return work.before, work.after, *map(_rows, work.readings, ("{:.3f}", "{:.0%}"))

    @show_errors
    def look_at_all(file: bytes | None, share: float) -> Any:
        if file is None:
            return gr.skip()
        _, versions = in_all_palettes(load_picture(limit_size(file, _MOST_PIXELS)), share)
        return [(version, name) for name, version in versions.items()]

    def choose(event: gr.SelectData) -> str:
        return tuple(LANDMARKS)[int(event.index)]

    inputs = [content, palette, strength, judge]
    recoloured = gr.on([content.change, strength.change], look, inputs, outputs, trigger_mode="always_last", **WORK)
    recoloured.success(look_at_all, [content, strength], [strip], **WORK)
    gr.on(
        [palette.change, *([judge.input] if names else [])], look, inputs, outputs, trigger_mode="always_last", **WORK
    )
    strip.select(choose, [], [palette], **WORK)


def _table(of: str, name: str) -> gr.Dataframe:
    return gr.Dataframe(headers=[of, "before", "after"], interactive=False, max_height=640, elem_id=name)


def _rows(reading: Reading, form: str) -> list[list[str]]:
    numbers = zip(reading.names, reading.before, reading.after, strict=True)
    return [[name, form.format(before), form.format(after)] for name, before, after in numbers]
