"""Read a picture: its classes, an attribution map of the most probable one, and its 13 features."""

from __future__ import annotations

from typing import Any

import gradio as gr

from emotionart.app import reading
from emotionart.app.components import WORK, image, picture_input, show_errors
from emotionart.app.pictures import Pictures
from emotionart.app.runs import Runs
from emotionart.data.pictures.decode import decode


def build(runs: Runs, pictures: Pictures) -> None:
    """Builds the tab."""
    classifiers = runs.classifiers
    if not classifiers:
        other = "python train.py model=transfer model.backbone.name=resnet18"
        gr.Markdown(f"No classifier has been trained yet: `python train.py`, or `{other}`.")
        return
    names = gr.Dropdown(
        classifiers, value=classifiers[:1], multiselect=True, label="Runs (several: how far they disagree)"
    )
    content = picture_input(pictures, "read")
    outputs = [
        gr.Markdown(elem_id="said"),
        gr.Dataframe(headers=["class", "probability", "range"], interactive=False, elem_id="classes"),
    ]
    with gr.Row():
        outputs.append(image(label="The picture", interactive=False, elem_id="picture"))
        outputs.append(image(label="Orange supports the most probable class, blue opposes it", elem_id="map"))
    outputs.append(image(label="Its 13 features", interactive=False, elem_id="features"))

    @show_errors
    def look(chosen: list[str], file: bytes | None) -> Any:
        if file is None:
            return gr.skip()
        predictors = [runs.predictor(name) for name in chosen]
        result = reading.read(predictors, file)
        test = runs.results[chosen[0]]["test"]["acc"]
        first = max(result.mean, key=result.mean.__getitem__)
        message = (
            f"Most likely **{first}**. The first run is right on {test['value']:.0%} of the works that it was "
            "tested on; people disagree, too."
        )
        picture = reading.display_copy(decode(file))
        evidence = reading.attribution_map(predictors[0], file)
        where = gr.Image(evidence, visible=evidence is not None)
        return message, result.rows(), picture, where, reading.draw_features(file)

    gr.on([content.change, names.input], look, [names, content], outputs, **WORK)
