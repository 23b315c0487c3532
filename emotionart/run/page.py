"""The page of a run, `report.html`: findings, figures, tables, provenance, next commands."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from emotionart.counting import counted
from emotionart.figures.page import embedded_file, embedded_narrow, render
from emotionart.files import read_yaml, write_text
from emotionart.run.folder import RunFolder
from emotionart.run.stored import read_provenance

PAGE = "report.html"


@dataclass(frozen=True)
class Picture:
    """A picture in the page.

    Attributes:
        source: data URL, see `emotionart.figures.page`.
        text: alternative text.
        caption: lines of the caption.
        narrow: data URL of the same for a phone; "": the same one.
    """

    source: str
    text: str
    caption: Sequence[str] = ()
    narrow: str = ""


@dataclass(frozen=True)
class Section:
    """A part of the page.

    Attributes:
        title: heading.
        note: sentence below the heading.
        figures: large pictures, one below the other.
        cards: small pictures, side by side.
        headings: headings of a table.
        rows: rows of the table; a cell is text, or a number (to sort by) and its text.
        link: file or folder of the run, and the text of the link.
    """

    title: str
    note: str = ""
    figures: Sequence[Picture] = ()
    cards: Sequence[Picture] = ()
    headings: Sequence[str] = ()
    rows: Sequence[Sequence[str | tuple[float, str]]] = ()
    link: tuple[str, str] | None = None


def figure_section(
    folder: RunFolder, name: str, title: str, note: str = "", narrow: Callable[[], Figure] | None = None
) -> list[Section]:
    """The section of one figure; empty if it was not drawn.

    Args:
        folder: run folder.
        name: file in its `figures/`.
        title: heading.
        note: sentence below the heading.
        narrow: draws the same for a phone, where the figure's text would be too small.
    """
    file = folder.figures / name
    if not file.is_file():
        return []
    picture = Picture(embedded_file(file), title, narrow=embedded_narrow(narrow()) if narrow else "")
    return [Section(title, note, figures=[picture])]


def write_page(
    page: Path,
    name: str,
    findings: Sequence[str],
    sections: Sequence[Section],
    provenance: Sequence[tuple[str, str]],
    next: Sequence[str],
) -> None:
    """Writes a page.

    Args:
        page: output file.
        name: heading.
        findings: sentences, the most important first.
        sections: sections after the findings.
        provenance: names and values of the provenance.
        next: suggested next commands, each as "command  # what it does".
    """
    text = render(
        "run.html",
        name=name,
        findings=findings,
        sections=sections,
        provenance=provenance,
        commands=[line.partition("  # ") for line in next],
    )
    write_text(page, text)


def write_run_page(
    folder: RunFolder, findings: Sequence[str], sections: Sequence[Section], next: Sequence[str]
) -> None:
    """Writes `report.html` of a run that has a result; see `write_page`."""
    recorded, status = read_yaml(folder.overrides, "overrides", "choices"), folder.status()
    provenance = [
        ("command", shlex.join(["python", "train.py", *recorded["overrides"]])),
        *([("longer than", status["parent"])] if "parent" in status else []),
        *provenance_rows(read_provenance(folder.provenance)),
    ]
    write_page(folder.path / PAGE, folder.path.name, findings, sections, provenance, next)


def provenance_rows(origin: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Readable names and values from the contents of `provenance.json`."""
    machine, packages = origin["machine"], origin["packages"]
    shown = ("torch", "pytorch-lightning", "torchvision", "timm", "numpy")
    commit = origin["commit"] or "none"
    threads = counted(origin["threads"], "thread")
    return [
        ("seconds", f"{origin['seconds']:,.0f}, from {origin['started']} on"),
        ("machine", f"{machine['gpu'] or machine['processor']}, {threads}, {machine['system']}"),
        ("code", f"commit {commit}{', with uncommitted changes' if origin['diff'] else ''}; digest {origin['code']}"),
        ("data", f"digest {origin['data']}"),
        ("packages", ", ".join(f"{name} {packages[name]}" for name in shown if name in packages)),
    ]
