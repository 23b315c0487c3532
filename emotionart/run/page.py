"""A run on one page, `report.html`: findings, figures, tables, provenance, and how to go on."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from emotionart.figures.page import embedded_file, render
from emotionart.files import read_json, read_yaml, write_text
from emotionart.run.folder import RunFolder


@dataclass(frozen=True)
class Picture:
    """A picture within the page.

    Attributes:
        source: its address, as `emotionart.figures.page` embeds it.
        text: what it shows, for those who do not see it.
        caption: below it, a line each.
    """

    source: str
    text: str
    caption: Sequence[str] = ()


@dataclass(frozen=True)
class Section:
    """A part of the page.

    Attributes:
        title: its heading.
        note: a sentence below the heading.
        figures: large pictures, one below the other.
        cards: small pictures, side by side.
        headings: of a table.
        rows: of the table; a cell is text, or a number with what it is shown as.
        link: a file or folder of the run, and the words that lead to it.
    """

    title: str
    note: str = ""
    figures: Sequence[Picture] = ()
    cards: Sequence[Picture] = ()
    headings: Sequence[str] = ()
    rows: Sequence[Sequence[str | tuple[float, str]]] = ()
    link: tuple[str, str] | None = None


def figure_section(folder: RunFolder, name: str, title: str, note: str = "") -> list[Section]:
    """The section of one figure; none where it was not drawn."""
    file = folder.figures / name
    return [Section(title, note, figures=[Picture(embedded_file(file), title)])] if file.is_file() else []


def write_page(folder: RunFolder, findings: Sequence[str], sections: Sequence[Section], next: Sequence[str]) -> Path:
    """Writes `report.html`, and returns its path.

    Args:
        folder: of a run that has a result.
        findings: sentences, the most important first.
        sections: after them.
        next: commands by which one can go on, each as "command  # what it does".
    """
    page = folder.path / "report.html"
    text = render(
        "run.html",
        name=folder.path.name,
        findings=findings,
        sections=sections,
        provenance=_provenance(folder),
        commands=[line.partition("  # ") for line in next],
    )
    write_text(page, text)
    return page


def _provenance(folder: RunFolder) -> list[tuple[str, str]]:
    """Where the result comes from, as names and values."""
    origin: dict[str, Any] = read_json(folder.provenance)
    asked = read_yaml(folder.overrides, "overrides", "choices")
    machine, packages = origin["machine"], origin["packages"]
    shown = ("torch", "pytorch-lightning", "torchvision", "timm", "numpy")
    commit = origin["commit"] or "none"
    return [
        ("command", shlex.join(["python", "train.py", *asked["overrides"]])),
        *([("longer than", folder.status()["parent"])] if "parent" in folder.status() else []),
        ("seconds", f"{origin['seconds']:,.0f}, from {origin['started']} on"),
        ("machine", f"{machine['gpu'] or machine['processor']}, {origin['threads']} threads, {machine['system']}"),
        ("code", f"commit {commit}{', with uncommitted changes' if origin['diff'] else ''}; digest {origin['code']}"),
        ("data", f"digest {origin['data']}"),
        ("packages", ", ".join(f"{name} {packages[name]}" for name in shown if name in packages)),
    ]
