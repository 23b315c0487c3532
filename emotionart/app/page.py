"""The page: a tab for each thing to do, each said to be wanting what it lacks where there is no run for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial, wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import gradio as gr
import numpy as np
import pandas as pd
from PIL import Image

from emotionart.app import read
from emotionart.app.collection import Collection
from emotionart.app.runs import Runs
from emotionart.app.votes import Votes
from emotionart.data.pictures.decode import PictureError, read_file
from emotionart.errors import UserError

_THUMBNAIL_SIDE = 240
_MOST_SHOWN = 60  # pictures of an emotion
_MADE = 8
_KEYS = 9

KEYS = """
<script>
document.addEventListener("keydown", event => {
  if (!/^[1-9]$/.test(event.key) || event.target.matches("textarea, select, input:not([type=radio])")) return;
  const buttons = [...document.querySelectorAll("button.vote")].filter(button => button.offsetParent);
  buttons[event.key - 1]?.click();
});
</script>
"""
"""The keys 1 to 9 press the buttons of the tab Label, while it is shown and nothing is being typed."""

# Not "share", which would send a picture to a server elsewhere.
_image = partial(gr.Image, buttons=["download", "fullscreen"])
_gallery = partial(gr.Gallery, columns=4, buttons=["download", "fullscreen"])

_P = ParamSpec("_P")
_R = TypeVar("_R")


def _told(handler: Callable[_P, _R]) -> Callable[_P, _R]:
    """A handler whose mistakes are told on the page, without the place on this machine where they were made."""

    @wraps(handler)
    def told(*arguments: _P.args, **named: _P.kwargs) -> _R:
        try:
            return handler(*arguments, **named)
        except UserError as error:
            raise gr.Error(error.what, print_exception=False) from None
        except PictureError as error:
            raise gr.Error(f"This picture cannot be read: {error.reason}.", print_exception=False) from None

    return told


@dataclass(frozen=True)
class Page:
    """What the page works with.

    Attributes:
        runs: that it reads and makes pictures with.
        pictures: to be browsed and labelled; none takes those that the newest classifier was tested on.
        votes: where labels go.
        labels: that annotators choose from; none takes the newest classifier's classes.
    """

    runs: Runs
    pictures: tuple[Path, ...]
    votes: Votes
    labels: tuple[str, ...]

    def build(self) -> gr.Blocks:
        """The page itself."""
        newest = next(iter(self.runs.classifiers), None)
        predictor = self.runs.predictor(newest) if newest else None
        paths = self.pictures or tuple(self.runs.pictures(newest) if newest else ())
        collection = Collection(paths, predictor)
        with gr.Blocks(title="emotionart", analytics_enabled=False) as page:
            gr.Markdown(
                "# emotionart\nWhat pictures make people feel. It never tells what a person in a picture feels."
            )
            with gr.Tab("Read a picture"):
                self._read(collection)
            with gr.Tab("Browse"):
                _browse(collection)
            with gr.Tab("Make"):
                self._make()
            with gr.Tab("Label"):
                self._label(collection)
            with gr.Tab("Compare"):
                self._compare()
        return page

    def _read(self, collection: Collection) -> None:
        known = self.runs.classifiers
        if not known:
            gr.Markdown("No classifier has been trained yet: `python train.py`, or `python train.py model=transfer`.")
            return
        names = gr.Dropdown(known, value=known[:1], multiselect=True, label="Runs (several: how far they disagree)")
        with gr.Row():
            upload = gr.File(type="binary", label="A picture", file_types=["image"], elem_id="upload")
            example = gr.Button("An example", elem_id="example", interactive=bool(collection.paths))
        outputs = [
            gr.Markdown(elem_id="said"),
            gr.Dataframe(headers=["emotion", "probability", "over the runs"], interactive=False, elem_id="emotions"),
        ]
        with gr.Row():
            outputs.append(_image(label="the picture", interactive=False, elem_id="picture"))
            outputs.append(_image(label="orange speaks for the emotion, blue against it", elem_id="map"))
        outputs.append(_image(label="its 13 features", interactive=False, elem_id="features"))

        @_told
        def look(chosen: list[str], content: bytes | None) -> tuple[Any, ...]:
            if content is None:
                raise UserError("Choose a picture first.")
            predictors = [self.runs.predictor(name) for name in chosen]
            found = read.read(predictors, content)
            test = self.runs.results[chosen[0]]["test"]["acc"]
            first = max(found.mean, key=found.mean.__getitem__)
            said = (
                f"Most likely **{first}**. The first run is right on {test['value']:.0%} of the works that it was "
                "tested on; people disagree, too."
            )
            picture = read.shown(read.open_upload(content))
            return said, found.rows(), picture, read.map_of(predictors[0], content), read.features_of(content)

        @_told
        def look_at_example(chosen: list[str]) -> tuple[Any, ...]:
            path = collection.paths[int(np.random.default_rng().integers(len(collection.paths)))]
            return look(chosen, read_file(path))

        upload.upload(look, [names, upload], outputs, concurrency_id="model", api_visibility="private")
        example.click(look_at_example, [names], outputs, concurrency_id="model", api_visibility="private")

    def _make(self) -> None:
        known = self.runs.generators
        if not known:
            gr.Markdown("No generator has been trained yet: `python train.py model=acgan`, or `model=gan_projected`.")
            return
        name = gr.Dropdown(known, value=known[0], label="Run")

        def choices(chosen: str) -> gr.Dropdown:
            return gr.Dropdown(["any", *self.runs.sampler(chosen).classes], value="any", label="Emotion")

        emotion = choices(known[0])
        seed = gr.Number(0, precision=0, minimum=0, label="Seed: another one gives other pictures")
        truncation = gr.Slider(0.1, 1.0, 1.0, step=0.1, label="Truncation: less is more alike")
        button = gr.Button("Make", variant="primary", elem_id="make")
        gallery = _gallery(label="new pictures", elem_id="made")

        @_told
        def paint(chosen: str, wanted: str, start: int, scale: float) -> list[Any]:
            sampler, asked = self.runs.sampler(chosen), None if wanted == "any" else wanted
            if asked:
                sampler.require_class(asked)
            if scale < 1:
                sampler.require_truncation()
            return [sampler.pictures(sampler.draw(number, int(start), asked, scale))[0] for number in range(_MADE)]

        name.change(choices, [name], [emotion], api_visibility="private")
        given = [name, emotion, seed, truncation]
        button.click(paint, given, [gallery], concurrency_id="model", api_visibility="private")

    def _label(self, collection: Collection) -> None:
        labels = (self.labels or (collection.predictor.classes if collection.predictor else ()))[:_KEYS]
        if not collection.paths or len(labels) < 2:
            gr.Markdown("Nothing to label yet: `emotionart app --pictures FOLDER --classes joy,fear,calm`.")
            return
        annotator = gr.Textbox(label="Who are you?", placeholder="a name; each person votes once on a picture")
        order = gr.Radio(
            ["random", "most informative"] if collection.predictor else ["random"], value="random", label="Next picture"
        )
        with gr.Row():
            buttons = [
                gr.Button(f"{key} {label}", elem_classes="vote", min_width=80) for key, label in enumerate(labels, 1)
            ]
        told = gr.Markdown(elem_id="told")
        image = _image(label="What does it make you feel?", interactive=False, elem_id="to-label")
        current = gr.State(None)

        @_told
        def following(who: str, wanted: str) -> tuple[Any, ...]:
            if not who.strip():
                raise UserError("Say who you are first.")
            done = self.votes.labelled_by(who.strip())
            seen = {path.resolve() for path in done}
            queue = collection.by_entropy() if wanted == "most informative" else list(collection.paths)
            left = [path for path in queue if path.resolve() not in seen]
            if not left:
                return None, None, f"All {len(queue)} pictures have your vote: {self.votes.file.name}."
            place = 0 if wanted == "most informative" else int(np.random.default_rng().integers(len(left)))
            picture = read.shown(read.open_upload(read_file(left[place])))
            return left[place], picture, f"{len(done)} voted, {len(left)} left; keys 1 to {len(labels)}."

        def vote(label: str) -> Callable[..., tuple[Any, ...]]:
            @_told
            def cast(path: Path | None, who: str, wanted: str) -> tuple[Any, ...]:
                if path is not None and who.strip():
                    self.votes.add(path, label, who.strip())
                return following(who, wanted)

            return cast

        shown = [current, image, told]
        annotator.submit(following, [annotator, order], shown, api_visibility="private")
        order.input(following, [annotator, order], shown, api_visibility="private")
        for button, label in zip(buttons, labels, strict=True):
            button.click(vote(label), [current, annotator, order], shown, api_visibility="private")

    def _compare(self) -> None:
        known = self.runs.sweeps
        if not known:
            gr.Markdown("No sweep has ended in a table yet: `python sweep.py sweep=results_table`.")
            return
        name = gr.Dropdown(known, value=known[0], label="Sweep")

        @_told
        def look(chosen: str) -> tuple[Any, ...]:
            folder = self.runs.sweep(chosen)
            figure = folder / "table.png"
            return pd.read_csv(folder / "table.csv"), Image.open(figure).convert("RGB") if figure.exists() else None

        table, figure = look(known[0])
        outputs = [
            gr.Dataframe(table, interactive=False, elem_id="table"),
            _image(figure, interactive=False, label="accuracy", elem_id="figure"),
        ]
        name.change(look, [name], outputs, api_visibility="private")


def _browse(collection: Collection) -> None:
    if collection.predictor is None or not collection.paths:
        gr.Markdown("Browsing needs a classifier (`python train.py`) and pictures: `emotionart app --pictures FOLDER`.")
        return
    emotion = gr.Radio(list(collection.predictor.classes), label=f"Which of {len(collection.paths):,} pictures say")
    gallery = _gallery(label="the surest first", elem_id="browsed")

    @_told
    def look(wanted: str) -> list[Any]:
        found = collection.of_class(wanted, _MOST_SHOWN)
        return [
            (read.shown(read.open_upload(read_file(path)), _THUMBNAIL_SIDE), f"{share:.0%}") for path, share in found
        ]

    emotion.input(look, [emotion], [gallery], concurrency_id="model", api_visibility="private")
