"""Browse: pictures by the class that a run predicts, and pictures similar to a chosen one."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import gradio as gr

from emotionart.app.components import WORK, gallery, show_errors
from emotionart.app.pictures import Pictures, likeliest
from emotionart.app.reading import thumbnail
from emotionart.app.runs import Runs
from emotionart.errors import UserError
from emotionart.works.collection import Collection
from emotionart.works.search import Hits, by_likeness

_MOST_SHOWN = 60  # pictures per class
_MOST_ALIKE = 12
_ALIKE = "The most similar first, with the cosine of the features (1: the same) and the most probable class."


def build(runs: Runs, pictures: Pictures) -> None:
    """Builds the tab."""
    classifiers = runs.classifiers
    if not classifiers or not pictures.paths:
        gr.Markdown("Browsing needs a classifier (`python train.py`) and pictures: `emotionart app --pictures FOLDER`.")
        return
    run = gr.Dropdown(classifiers, value=classifiers[0], label="Run")

    def choices(name: str) -> gr.Radio:
        predictor = runs.predictor(name)
        return gr.Radio(list(predictor.classes), value=None, label=predictor.noun.capitalize(), elem_id="class")

    class_choice = choices(classifiers[0])
    message = gr.Markdown(f"{len(pictures.paths):,} pictures.", elem_id="browsing")
    shown = gallery(label="The surest first", elem_id="browsed", columns=6)
    rows = gr.State([])
    alike = gr.Markdown("Choose one, then a picture to see which others are like it.", elem_id="alike")
    similar = gallery(label="The most similar first", elem_id="similar", columns=6)

    @show_errors
    def look(name: str, chosen: str) -> tuple[Any, ...]:
        works = pictures.collection_of(name)
        hits = likeliest(works, chosen)
        first = Hits(hits.row[:_MOST_SHOWN], hits.score[:_MOST_SHOWN])
        counted = f"Most likely **{chosen}**: {len(hits.row):,} of {len(works.image):,} pictures, most confident first"
        counted += f"; {_MOST_SHOWN} are shown" if len(hits.row) > _MOST_SHOWN else ""
        counted += f"; {len(works.unreadable):,} cannot be read" if works.unreadable else ""
        captions = (f"{share:.0%}" for share in first.score)
        return f"{counted}.", _thumbnails(works, first, captions), first.row.tolist(), None

    @show_errors
    def compare(name: str, known_rows: list[int], event: gr.SelectData) -> tuple[Any, ...]:
        works, row = pictures.collection_of(name), known_rows[event.index]
        try:
            hits = by_likeness(works, works.features[row], _MOST_ALIKE + 1)
        except UserError as error:
            return f"{error.what} Choose {error.fix}.", None
        others = Hits(hits.row[hits.row != row], hits.score[hits.row != row])
        captions = (
            f"{cosine:.2f} {works.classes[works.probabilities[other].argmax()]}"
            for other, cosine in zip(*others, strict=True)
        )
        return _ALIKE, _thumbnails(works, others, captions)

    run.input(show_errors(choices), [run], [class_choice], **WORK)
    class_choice.input(look, [run, class_choice], [message, shown, rows, similar], **WORK)
    shown.select(compare, [run, rows], [alike, similar], **WORK)


def _thumbnails(works: Collection, hits: Hits, captions: Iterable[str]) -> list[tuple[Any, str]]:
    return [
        (thumbnail(Path(works.image[row])), caption) for row, caption in zip(hits.row.tolist(), captions, strict=True)
    ]
