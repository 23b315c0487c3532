"""Renders an explanation as an HTML gallery, a sheet of maps, and rows of a table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from emotionart.data.artworks import caption
from emotionart.explain.explanation import Explanation
from emotionart.figures import heatmaps, plots
from emotionart.figures.page import embedded_file, embedded_picture, render
from emotionart.files import write_text
from emotionart.run.predictions import probability_columns

_ON_SHEET = 12

_METHODS = {
    "cam": "Class activation maps: the contribution of each cell; the logit is their mean plus the bias.",
    "gradcam": "Grad-CAM: channels weighted by their mean gradient; not faithful where gradients vary in space.",
    "hirescam": "HiResCAM: gradient times activation in each cell.",
    "integrated": "Integrated gradients: contributions of pixels, which sum to the difference between the logit and "
    "that of the mean colour.",
    "features": "Integrated gradients: contributions of features, which sum to the difference between the logit and "
    "that of the mean artwork.",
}


def table_rows(explanation: Explanation) -> tuple[list[str], list[list[Any]]]:
    """Columns and rows of a table of pictures, one artwork per row."""
    columns = ["artwork", "picture", "true", "predicted", "confidence", *probability_columns(explanation.classes)]
    columns += ["map: predicted", "map: true or next"] if explanation.maps is not None else ["features"]
    rows = []
    for row, label in enumerate(explanation.artworks.label):
        share = explanation.artworks.probabilities[row]
        cells: list[Any] = [
            explanation.names[row],
            explanation.images[row],
            explanation.classes[label] if label >= 0 else "",
            explanation.classes[share.argmax()],
            float(share.max()),
            *share.tolist(),
        ]
        if explanation.maps is not None:
            cells += list(explanation.overlays[row])
        else:
            cells.append(", ".join(f"{name} {pair[0]:+.2f}" for name, pair in explanation.strongest(row)))
        rows.append(cells)
    return columns, rows


def write_sheet(folder: Path, explanation: Explanation) -> None:
    """Writes `maps.png`: the first artworks, each beside its two maps; nothing without maps."""
    if explanation.maps is None:
        return
    rows = []
    for row in range(min(_ON_SHEET, len(explanation.artworks))):
        label = explanation.artworks.label[row]
        truth = f"truly {explanation.classes[label]}" if label >= 0 else Path(explanation.names[row]).name
        captions = [truth, *explanation.captions(row)]
        cells = np.concatenate([explanation.images[[row]], explanation.overlays[row]])
        rows.append((cells, captions, explanation.aspects[row]))
    title = "Orange supports the class, blue opposes it; one scale for each artwork"
    plots.save(heatmaps.sheet(rows, title), folder / "maps.png")


def write_page(folder: Path, explanation: Explanation, run: Path) -> None:
    """Writes `gallery.html`: the whole explanation in one page with filters."""
    cards = [_card(explanation, row, cue) for row, cue in enumerate(explanation.artworks.cues())]
    pictures = {
        name: embedded_file(folder / f"{name}.png")
        for name in ("reliability", "cues", "classes", "contributions")
        if (folder / f"{name}.png").exists()
    }
    page = render(
        "explanation.html",
        run=run.name,
        method=explanation.method,
        layer=explanation.layer,
        about=_METHODS[explanation.method],
        sentences=explanation.sentences(),
        classes=explanation.classes,
        cues=sorted({card["cue"] for card in cards} - {""}),
        labelled=bool((explanation.artworks.label >= 0).any()),
        cards=cards,
        figures=pictures,
        reliability=explanation.numbers.get("reliability"),
        ablation=explanation.numbers.get("ablation") or {},
    )
    write_text(folder / "gallery.html", page)


def _card(explanation: Explanation, row: int, cue: str) -> dict[str, Any]:
    artworks = explanation.artworks
    label, share = artworks.label[row], artworks.probabilities[row]
    predicted = int(share.argmax())
    votes = None if artworks.votes is None else artworks.votes[row]
    card: dict[str, Any] = {
        "name": caption(explanation.names[row], artworks.artist[row], artworks.title[row]),
        "picture": embedded_picture(explanation.images[row]),
        "aspect": f"{explanation.aspects[row]:.4f}",
        "true": explanation.classes[label] if label >= 0 else "",
        "predicted": explanation.classes[predicted],
        "verdict": "" if label < 0 else "right" if label == predicted else "wrong",
        "confidence": float(share.max()),
        "cue": cue,
        "shares": [
            {"name": name, "p": float(share[k]), "votes": None if votes is None else float(votes[k])}
            for k, name in enumerate(explanation.classes)
        ],
        "maps": [],
        "features": [],
    }
    if explanation.maps is not None:
        pair = zip(explanation.overlays[row], explanation.captions(row), strict=True)
        card["maps"] = [{"picture": embedded_picture(image), "caption": caption} for image, caption in pair]
    else:
        strongest = explanation.strongest(row)
        largest = max((abs(value) for _, pair in strongest for value in pair), default=0.0) or 1.0
        card["captions"] = explanation.captions(row)
        card["features"] = [
            {"name": name, "values": [{"value": value, "width": 50 * abs(value) / largest} for value in pair]}
            for name, pair in strongest
        ]
    return card
