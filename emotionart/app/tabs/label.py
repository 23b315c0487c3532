"""Label: votes on one picture after another, by buttons or keys."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import gradio as gr

from emotionart.app import reading
from emotionart.app.components import WORK, image, show_errors
from emotionart.app.pictures import Pictures
from emotionart.app.runs import Runs
from emotionart.app.votes import Votes
from emotionart.data.pictures.decode import PictureError, decode, read_file
from emotionart.errors import UserError
from emotionart.works.suggest import suggest_labels

_KEYS = 9
_RANDOM, _INFORMATIVE = "random", "most informative"

KEYS = """
<script>
document.addEventListener("keydown", event => {
  if (!/^[1-9]$/.test(event.key) || event.target.matches("textarea, select, input:not([type=radio])")) return;
  const buttons = [...document.querySelectorAll("button.vote")].filter(button => button.offsetParent);
  buttons[event.key - 1]?.click();
});
</script>
"""
"""Script: the keys 1 to 9 press the tab's buttons while it is shown and no text is being typed."""


def build(runs: Runs, pictures: Pictures, votes: Votes, labels: Sequence[str], *, emotions: bool) -> None:
    """Builds the tab; without `labels`, annotators choose from the newest run's classes.

    Args:
        runs: runs whose newest classifier sorts the pictures.
        pictures: pictures to label.
        votes: table of the answers.
        labels: possible answers.
        emotions: whether annotators are asked what they feel.
    """
    newest = next(iter(runs.classifiers), None)
    labels = labels or (runs.predictor(newest).classes if newest else ())
    if not pictures.paths or len(labels) < 2:
        gr.Markdown("Nothing to label yet: `emotionart app --pictures FOLDER --classes joy,fear,calm`.")
        return
    annotator = gr.Textbox(label="Who are you?", placeholder="a name; each person votes once on a picture")
    order = gr.Radio([_RANDOM, _INFORMATIVE] if newest else [_RANDOM], value=_RANDOM, label="Next picture")
    with gr.Row():
        buttons = [
            gr.Button(f"{key} {label}" if key <= _KEYS else label, elem_classes="vote", min_width=80)
            for key, label in enumerate(labels, 1)
        ]
    message = gr.Markdown(elem_id="progress")
    question = "What does it make you feel?" if emotions else "Which of these fits it best?"
    shown = image(label=question, interactive=False, elem_id="to-label")
    current = gr.State(None)

    @show_errors
    def following(who: str, mode: str) -> tuple[Any, ...]:
        if not who.strip():
            raise UserError("Enter your name first.")
        done = {path.resolve() for path in votes.labelled_by(who.strip())}
        bad: set[Path] = set()  # passed over: an error would leave the last picture to be voted on again
        while True:
            path, left = _next_picture(pictures, done | bad, newest if mode == _INFORMATIVE else None)
            if path is None:
                rest = f" {len(bad)} cannot be read." if bad else ""
                return None, None, f"You have voted on all pictures: {votes.file.name}.{rest}"
            try:
                picture = reading.display_copy(decode(read_file(path)))
            except PictureError:
                bad.add(path.resolve())
            else:
                return path, picture, f"{len(done)} voted, {left} left; keys 1 to {min(len(labels), _KEYS)}."

    def vote(label: str) -> Callable[..., tuple[Any, ...]]:
        @show_errors
        def cast(path: Path | None, who: str, mode: str) -> tuple[Any, ...]:
            if path is not None and who.strip():
                votes.add(path, label, who.strip())
            return following(who, mode)

        return cast

    outputs = [current, shown, message]
    annotator.submit(following, [annotator, order], outputs, **WORK)
    order.input(following, [annotator, order], outputs, **WORK)
    for button, label in zip(buttons, labels, strict=True):
        button.click(vote(label), [current, annotator, order], outputs, **WORK)


def _next_picture(pictures: Pictures, done: set[Path], run: str | None) -> tuple[Path | None, int]:
    """A picture to vote on, and how many are left; None if there is none.

    Args:
        pictures: pictures to label.
        done: resolved paths of the pictures that the annotator has voted on, or that cannot be read.
        run: run to which the picture is the most informative; None for a random picture.
    """
    if run is None:
        left = [path for path in pictures.paths if path.resolve() not in done]
        return (random.choice(left) if left else None), len(left)
    works = pictures.collection_of(run).without(set(), set(map(str, done)))
    rows = suggest_labels(works.features, works.probabilities, 1).row
    return (Path(works.image[rows[0]]) if len(rows) else None), len(works.image)
