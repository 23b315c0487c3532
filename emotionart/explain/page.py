"""An explanation for people: the gallery that opens in a browser, a sheet, and the rows of a table of pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from emotionart.explain.explanation import Finding
from emotionart.figures import heatmaps, plots
from emotionart.figures.page import embedded_file, embedded_picture, render
from emotionart.files import write_text

_ON_SHEET = 12

_METHODS = {
    "cam": "Class activation maps: each place's share of the logit; their mean plus the bias is the logit.",
    "gradcam": "Grad-CAM: channels weighed by their mean gradient; not faithful where gradients differ by place.",
    "hirescam": "HiResCAM: gradient times activation, place by place.",
    "integrated": "Integrated gradients: contributions of pixels, which add up to the logit's distance from that of "
    "the mean colour.",
    "features": "Integrated gradients: contributions of features, which add up to the logit's distance from that of "
    "the mean artwork.",
}


def table_rows(finding: Finding) -> tuple[list[str], list[list[Any]]]:
    """Columns and rows of a table of pictures, an artwork a row."""
    columns = ["artwork", "picture", "true", "predicted", "confidence", *(f"p({name})" for name in finding.classes)]
    columns += ["map: predicted", "map: true or next"] if finding.maps is not None else ["features"]
    rows = []
    for row, label in enumerate(finding.shown.label):
        share = finding.shown.probabilities[row]
        cells: list[Any] = [
            str(finding.shown.name[row]),
            finding.images[row],
            finding.classes[label] if label >= 0 else "",
            finding.classes[share.argmax()],
            float(share.max()),
            *share.tolist(),
        ]
        if finding.maps is not None:
            cells += list(finding.overlays[row])
        else:
            cells.append(", ".join(f"{name} {pair[0]:+.2f}" for name, pair in finding.strongest(row)))
        rows.append(cells)
    return columns, rows


def write_sheet(folder: Path, finding: Finding) -> None:
    """`heatmaps.png`: the first artworks, each beside its two maps; nothing where there are no maps."""
    if finding.maps is None:
        return
    rows = []
    for row in range(min(_ON_SHEET, len(finding.shown))):
        label = finding.shown.label[row]
        truth = f"truly {finding.classes[label]}" if label >= 0 else Path(str(finding.shown.name[row])).name
        captions = [truth, *finding.captions(row)]
        rows.append((np.concatenate([finding.images[[row]], finding.overlays[row]]), captions))
    title = "Orange speaks for the class, blue against it; one scale for each artwork"
    plots.save(heatmaps.sheet(rows, title), folder / "maps.png")


def write_page(folder: Path, finding: Finding, run: Path) -> None:
    """`gallery.html`: everything, in one file that filters."""
    cards = [_card(finding, row, cue) for row, cue in enumerate(finding.shown.cues())]
    pictures = {
        name: embedded_file(folder / f"{name}.png")
        for name in ("trust", "cues", "classes", "contributions")
        if (folder / f"{name}.png").exists()
    }
    page = render(
        "explanation.html",
        run=run.name,
        method=finding.method,
        layer=finding.layer,
        about=_METHODS[finding.method],
        sentences=finding.sentences(),
        classes=finding.classes,
        cues=sorted({card["cue"] for card in cards} - {""}),
        labelled=bool((finding.shown.label >= 0).any()),
        cards=cards,
        figures=pictures,
        trust=finding.numbers.get("trust"),
        ablation=finding.numbers.get("ablation") or {},
    )
    write_text(folder / "gallery.html", page)


def _card(finding: Finding, row: int, cue: str) -> dict[str, Any]:
    shown = finding.shown
    label, share = shown.label[row], shown.probabilities[row]
    predicted = int(share.argmax())
    votes = None if shown.votes is None else shown.votes[row]
    card: dict[str, Any] = {
        "name": str(shown.name[row]),
        "picture": embedded_picture(finding.images[row]),
        "true": finding.classes[label] if label >= 0 else "",
        "predicted": finding.classes[predicted],
        "verdict": "" if label < 0 else "right" if label == predicted else "wrong",
        "confidence": float(share.max()),
        "cue": cue,
        "shares": [
            {"name": name, "p": float(share[k]), "votes": None if votes is None else float(votes[k])}
            for k, name in enumerate(finding.classes)
        ],
        "maps": [],
        "features": [],
    }
    if finding.maps is not None:
        pair = zip(finding.overlays[row], finding.captions(row), strict=True)
        card["maps"] = [{"picture": embedded_picture(image), "caption": caption} for image, caption in pair]
    else:
        strongest = finding.strongest(row)
        largest = max((abs(value) for _, pair in strongest for value in pair), default=0.0) or 1.0
        card["captions"] = finding.captions(row)
        card["features"] = [
            {"name": name, "values": [{"value": value, "width": 50 * abs(value) / largest} for value in pair]}
            for name, pair in strongest
        ]
    return card
