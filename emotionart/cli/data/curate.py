"""`emotionart data curate`: finds the portraits among artworks, with a reason for each decision."""

from __future__ import annotations

import argparse
import shlex
import textwrap
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emotionart.cli.console import show_messages
from emotionart.cli.data.arguments import DataArguments, add_source, read_arguments, table_and_overrides
from emotionart.errors import UserError
from emotionart.files import ensure_absent, written_together
from emotionart.terminal import write_lines

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from emotionart.data.persons.curate import Decision, Rule
    from emotionart.data.persons.detection import Persons
    from emotionart.data.tables.table import ArtworkTable

_TAGS = "portrait,self-portrait,face,body"
_VERDICTS = {"yes": "kept", "doubtful": "doubtful", "no": "dropped"}
_SHOWN = 30  # pictures on a contact sheet
_SIDE = 200  # pixels, of each picture
_CAPTION = 30  # characters per line of the caption


def add_to(actions: Any) -> None:
    """Adds the action to the parser of `emotionart data`."""
    parser = actions.add_parser("curate", help="find the portraits: by a person in the picture, or by a tag")
    add_source(parser)
    parser.add_argument("--keep", choices=("portraits",), required=True, help="what is looked for")
    parser.add_argument("--out", type=Path, required=True, metavar="TABLE", help="to be written, with contact sheets")
    parser.add_argument(
        "--weights",
        default="yolov8n.pt",
        help="a YOLO detector: a file, or a name that ultralytics publishes, which is downloaded; none goes by tags "
        "(default yolov8n.pt)",
    )
    parser.add_argument("--confidence", type=float, default=0.3, help="minimum score of a person (default 0.3)")
    parser.add_argument(
        "--min-area", type=float, default=0.02, help="minimum share of the picture that a person covers (default 0.02)"
    )
    parser.add_argument(
        "--tags",
        default=_TAGS,
        help="any of these makes a portrait, among the tags and in columns that are called face/body, category, genre "
        f"or the like (default {_TAGS})",
    )
    parser.add_argument("--batch-size", type=int, default=16, help="pictures at a time (default 16)")
    parser.set_defaults(run=_curate)


def _curate(arguments: argparse.Namespace) -> None:
    from emotionart.data.persons.curate import Rule, as_text, decide, tags_in_columns
    from emotionart.data.source import Table
    from emotionart.data.tables.cells import read_cells
    from emotionart.data.tables.votes import fold

    show_messages()
    _require_sound(arguments)
    data = read_arguments(*table_and_overrides(arguments))
    if not isinstance(data.source, Table):
        raise UserError(
            "A folder has no table for the decisions.",
            where=str(data.table),
            fix=shlex.join(["emotionart", "data", "import", "folder", str(data.table), "--out", "table.csv"]),
        )
    rule = Rule(arguments.confidence, arguments.min_area, [fold(tag) for tag in arguments.tags.split(",")])
    table = _artworks(data)
    frame = read_cells(Path(data.source.path), data.source.form, data.cache / "embedded")
    frame = frame[frame[data.source.image] != ""]
    noted = tags_in_columns(frame, data.source.image)
    persons = _find(table, data, arguments)
    decisions = [
        decide(boxes, tags | more, reason, rule)
        for boxes, tags, more, reason in zip(persons.boxes, table.tags, noted.values(), persons.reason, strict=True)
    ]
    by_picture = {
        name: (decision, as_text(boxes, rule.confidence))
        for name, decision, boxes in zip(noted, decisions, persons.boxes, strict=True)
    }
    with written_together(arguments.out) as folder:
        made = folder / arguments.out.name
        start = arguments.out.resolve().parent
        _write_table(made, start, data.source, frame, by_picture, dict(zip(noted, table.image, strict=True)))
        sheets = _draw_sheets(table, decisions, persons, rule, made)
    _print_summary(decisions, persons, arguments.out, sheets)


def _require_sound(arguments: argparse.Namespace) -> None:
    from emotionart.data.tables.cells import require_table_name

    for name, low, high in (("confidence", 0.05, 1), ("min_area", 0, 1), ("batch_size", 1, 1024)):
        value = getattr(arguments, name)
        if not low <= value <= high:
            option = f"--{name.replace('_', '-')}"
            raise UserError(f"{option} must be from {low:g} to {high:g}, not {value:g}.", where=option)
    require_table_name(arguments.out)
    for path in (arguments.out, *(_sheet(arguments.out, word) for word in _VERDICTS.values())):
        ensure_absent(path)


def _sheet(out: Path, word: str) -> Path:
    return out.with_name(f"{out.stem}-{word}.png")


def _artworks(data: DataArguments) -> ArtworkTable:
    """The artworks, read without labels, which are not needed here."""
    from dataclasses import replace

    from emotionart.data.source import Table

    source = data.source
    assert isinstance(source, Table)
    every_row = {"where": None, "split": None, "on_missing": "error"}  # the output has every row
    return replace(source, label=None, votes=None, only=None, **every_row).read(data.cache)  # type: ignore[arg-type]


def _find(table: ArtworkTable, data: DataArguments, arguments: argparse.Namespace) -> Persons:
    from emotionart.data.persons.detection import find_persons, no_persons
    from emotionart.data.persons.detector import load_detector

    if arguments.weights == "none":
        return no_persons(len(table))
    detector = load_detector(arguments.weights, data.cache / "ultralytics")
    return find_persons(list(table.image), detector, data.cache, batch_size=arguments.batch_size)


def _write_table(
    out: Path,
    start: Path,
    source: Any,
    frame: pd.DataFrame,
    by_picture: Mapping[str, tuple[Decision, str]],
    files: Mapping[str, str],
) -> None:
    import os

    from emotionart.data.persons.curate import curated
    from emotionart.data.tables.cells import write_cells

    made = curated(frame, by_picture, source.image)
    made[source.image] = [Path(os.path.relpath(files[name], start)).as_posix() for name in made[source.image]]
    write_cells(made, out)


def _evidence(decisions: Sequence[Decision]) -> str:
    """The number of portraits found by each kind of evidence, in parentheses; empty if there are none."""
    counts = Counter(decision.evidence for decision in decisions if decision.evidence)
    return f" ({', '.join(f'{count:,} by {kind}' for kind, count in counts.most_common())})" if counts else ""


def _draw_sheets(
    table: ArtworkTable, decisions: Sequence[Decision], persons: Persons, rule: Rule, out: Path
) -> list[str]:
    """Draws a contact sheet for each verdict that occurs, beside the table, and returns the file names."""
    for verdict, word in _VERDICTS.items():
        rows = [row for row, decision in enumerate(decisions) if decision.portrait == verdict]
        if rows:
            title = f"{word}: {len(rows):,}" + (_evidence(decisions) if verdict == "yes" else "")
            _draw(table, decisions, persons, rows, title, rule, _sheet(out, word))
    return [sheet.name for sheet in (_sheet(out, word) for word in _VERDICTS.values()) if sheet.exists()]


def _print_summary(decisions: Sequence[Decision], persons: Persons, out: Path, sheets: Sequence[str]) -> None:
    counts = Counter(decision.portrait for decision in decisions)
    unreadable = int((persons.reason != "").sum())
    lines = [
        f"{out}: {counts['yes']:,} of {len(decisions):,} artworks are portraits{_evidence(decisions)}, "
        f"{counts['doubtful']:,} are doubtful, {counts['no']:,} are not"
    ]
    if unreadable:
        lines.append(f"{unreadable:,} pictures cannot be read, and are none")
    lines += [f"contact sheet: {out.with_name(sheet)}" for sheet in sheets]
    lines.append(
        "a verdict in the column 'portrait' can be changed by hand; to train on the portraits alone, add: "
        "data.only=portraits"
    )
    write_lines(*lines)


def _caption(name: str, reason: str) -> list[str]:
    """The file name and the reason for the decision, in at most three lines."""
    shown = name if len(name) <= _CAPTION else f"{name[: _CAPTION - 1]}…"
    return [shown, *textwrap.wrap(reason.replace(" of the picture", ""), _CAPTION)[:2]]


def _draw(
    table: ArtworkTable, decisions: Sequence[Decision], persons: Persons, rows: Sequence[int], title: str, rule: Rule,
    path: Path,
) -> None:  # fmt: skip
    """Draws a contact sheet of up to 30 of these artworks, always the same ones, with boxes around persons."""
    import numpy as np

    from emotionart.draws import artwork_keys
    from emotionart.figures import plots

    order = np.argsort(artwork_keys(Path(table.image[row]).name for row in rows))
    shown = [rows[place] for place in order if not persons.reason[rows[place]]][:_SHOWN]
    if not shown:
        return
    pictures = np.stack([_thumbnail(Path(table.image[row]), persons.boxes[row], rule) for row in shown])
    captions = ["\n".join(_caption(Path(table.image[row]).name, decisions[row].reason)) for row in shown]
    if len(shown) < len(rows):
        title += f", of which {len(shown)} are shown"
    plots.save(plots.sheet(pictures, captions, title), path)


def _thumbnail(path: Path, boxes: NDArray[np.float32], rule: Rule) -> NDArray[np.uint8]:
    """A picture centred on white, (200, 200, 3), with a frame around each certain or doubtful person."""
    import numpy as np
    from PIL import Image, ImageDraw

    from emotionart.data.pictures.decode import decode, read_file
    from emotionart.figures.plots import BLUE, ORANGE

    picture = decode(read_file(path), _SIDE)
    picture.thumbnail((_SIDE, _SIDE))
    pen = ImageDraw.Draw(picture)
    for *corners, score in boxes.tolist():
        if score >= rule.confidence / 2:
            scaled = [corner * side for corner, side in zip(corners, picture.size * 2, strict=True)]
            pen.rectangle(scaled, outline=BLUE if score >= rule.confidence else ORANGE, width=2)
    square = Image.new("RGB", (_SIDE, _SIDE), "white")
    square.paste(picture, ((_SIDE - picture.width) // 2, (_SIDE - picture.height) // 2))
    return np.asarray(square)
