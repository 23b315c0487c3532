"""The sections of the page of a classifier's run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from shlex import quote
from typing import Any

import numpy as np

from emotionart.classifier.evaluation.figures import draw_curves, worst_mistakes
from emotionart.classifier.unlabelled.report import round_table
from emotionart.data.artworks import Artworks, caption
from emotionart.data.pictures.decode import PictureError, read_file
from emotionart.data.survey.thumbnails import embedded_thumbnail
from emotionart.figures.page import embedded_file, embedded_picture
from emotionart.run.folder import RunFolder
from emotionart.run.page import Picture, Section, figure_section
from emotionart.run.predictions import Predictions

_ABSENT = "–"
_THUMBNAIL_SIDE = 256  # longer side in pixels

_FEATURE_FIGURES = {
    "importance.png": "What each feature is worth",
    "coefficients.png": "What the features say about each class",
    "distributions.png": "How the features differ between classes",
}


def classifier_sections(
    folder: RunFolder,
    result: Mapping[str, Any],
    artworks: Artworks,
    tested: Predictions,
    history: Sequence[Mapping[str, float]] = (),
) -> list[Section]:
    """The sections of the page.

    Args:
        folder: run folder, with its figures.
        result: contents of `result.json`.
        artworks: artworks of all parts.
        tested: predictions for the test split.
        history: one row of metrics per epoch.
    """
    features = [section for name, title in _FEATURE_FIGURES.items() for section in figure_section(folder, name, title)]
    return [
        *figure_section(
            folder, "curves.png", "How training went", narrow=partial(draw_curves, result, history, stacked=True)
        ),
        *_prompts(result),
        *_unlabelled(result),
        *figure_section(folder, "confusion.png", "Confusion matrix"),
        Section(
            "Each class",
            "Of the tested artworks; recall with its 95 % interval.",
            headings=["class", "artworks", "recall", "interval", "precision", "most often taken for"],
            rows=_class_rows(result),
        ),
        Section("The most confident mistakes", "Of the tested artworks.", cards=_mistakes(artworks, tested)),
        *features,
        *_explanation(folder),
        *figure_section(folder, "views.png", "What training saw", "Each artwork is a column, and each view a row."),
    ]


def classifier_commands(folder: RunFolder, longer: str | None, epochs: int) -> list[str]:
    """Suggested next commands for a classifier's run.

    Args:
        folder: run folder.
        longer: override that extends the run, if it can be extended.
        epochs: epochs of training, 0 if nothing was trained.
    """
    run = quote(str(folder.path))
    return [
        f"emotionart predict {run} PICTURES  # runs it on other pictures",
        f"emotionart explain {run}  # shows why it predicts what it predicts",
        *([f"{folder.resume_command} {longer}  # trains on"] if longer else []),
        *([f"{folder.start_command} …  # starts a new run from its weights"] if epochs else []),
        f"emotionart compare {run} RUN  # compares it with another run",
    ]


def _class_rows(result: Mapping[str, Any]) -> list[list[str | tuple[float, str]]]:
    confusion = np.array(result["test"]["confusion"])
    rows: list[list[str | tuple[float, str]]] = []
    for index, name in enumerate(result["classes"]):
        recall = result["test"]["recall"][name]
        others = np.delete(confusion[index], index)
        rival = (
            np.delete(np.array(result["classes"], dtype=object), index)[others.argmax()] if others.sum() else _ABSENT
        )
        guessed = confusion[:, index].sum()
        precision = confusion[index, index] / guessed if guessed else None
        bounds = [recall.get(end) for end in ("low", "high")]
        interval = f"{bounds[0]:.0%} to {bounds[1]:.0%}" if None not in bounds else _ABSENT
        rows.append(
            [
                name,
                (recall["support"], f"{recall['support']:,}"),
                _share(recall["value"]),
                interval,
                _share(precision),
                str(rival),
            ]
        )
    return rows


def _share(value: float | None) -> str | tuple[float, str]:
    return _ABSENT if value is None else (float(value), f"{value:.1%}")


def _mistakes(artworks: Artworks, tested: Predictions) -> list[Picture]:
    cards = []
    for one in worst_mistakes(artworks, tested):
        verdict = f"{one.truth}, taken for {one.predicted} ({one.confidence:.0%})"
        about = caption(one.name, artworks.group[one.row], artworks.title[one.row])
        source, lacking = _thumbnail(Path(str(artworks.image[one.row]))), []
        if source is None:
            source = embedded_picture(one.picture)
            lacking = ["The file cannot be read any more: this is the network's view of it."]
        cards.append(Picture(source, f"{about}: {verdict}", [verdict, about, *lacking]))
    return cards


def _thumbnail(file: Path) -> str | None:
    """The picture of a file at its own aspect; None if it cannot be read."""
    try:
        return embedded_thumbnail(read_file(file), _THUMBNAIL_SIDE)
    except PictureError:
        return None


def _prompts(result: Mapping[str, Any]) -> list[Section]:
    """The prompts of the classes, for an image-text model."""
    rows = [[name, "; ".join(texts)] for name, texts in result.get("prompts", {}).items()]
    note = "The prompts of each class; nothing was trained."
    return [Section("Prompts", note, headings=["class", "prompts"], rows=rows)] if rows else []


def _unlabelled(result: Mapping[str, Any]) -> list[Section]:
    """The rounds of training on pictures without labels, if there were any."""
    unlabelled = result.get("unlabelled")
    if not unlabelled or not unlabelled["rounds"]:
        return []
    headings, rows = round_table(unlabelled, result["classes"], result["monitor"]["name"])
    note = (
        "How many of each class every round took for labelled ones, and validation before and after it. The first "
        "round without a gain is the last, and is not kept."
    )
    return [Section("Rounds on pictures without labels", note, headings=headings, rows=rows)]


def _explanation(folder: RunFolder) -> list[Section]:
    """The newest explanation, if there is one."""
    explanations = sorted((folder.path / "explain").glob("*/explain.json"))
    if not explanations:
        return []
    place = explanations[-1].parent
    maps = next((place / name for name in ("maps.png", "contributions.png") if (place / name).exists()), None)
    figures = [Picture(embedded_file(maps), "Maps of the evidence for and against classes")] if maps else []
    link = ((place / "gallery.html").relative_to(folder.path).as_posix(), "All explanations")
    return [Section("Why", figures=figures, link=link)]
