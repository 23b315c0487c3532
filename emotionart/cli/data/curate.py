"""`emotionart data curate`: finds the portraits among artworks, with a reason for each decision."""

from __future__ import annotations

import argparse
import os
import shlex
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emotionart.cli.arguments import require_range
from emotionart.cli.console import show_messages
from emotionart.cli.data.arguments import add_source, read_arguments, table_and_overrides
from emotionart.errors import UserError
from emotionart.files import ensure_absent, written_together
from emotionart.terminal import write_lines

if TYPE_CHECKING:
    import pandas as pd

    from emotionart.data.persons.curate import Candidate, Rule
    from emotionart.data.persons.detection import Persons
    from emotionart.data.source import Table
    from emotionart.data.tables.table import ArtworkTable

_TAGS = "portrait,self-portrait,face,body"
_VERDICTS = {"yes": "kept", "doubtful": "doubtful", "no": "dropped"}


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
    from emotionart.data.persons.curate import Rule
    from emotionart.data.source import Table
    from emotionart.data.tables.votes import fold

    show_messages()
    _check_options(arguments)
    data = read_arguments(*table_and_overrides(arguments))
    if not isinstance(data.source, Table):
        raise UserError(
            "A folder has no table for the decisions.",
            where=str(data.table),
            fix=shlex.join(["emotionart", "data", "import", "folder", str(data.table), "--out", "table.csv"]),
        )
    rule = Rule(arguments.confidence, arguments.min_area, [fold(tag) for tag in arguments.tags.split(",")])
    table = _read_artworks(data.source, data.cache)
    persons = _find_persons(table, arguments.weights, arguments.batch_size, data.cache)
    frame = _read_frame(data.source, data.cache)
    candidates = _decide(table, persons, frame, data.source.image, rule)
    out: Path = arguments.out
    with written_together(out) as folder:
        _write_table(frame, candidates, data.source.image, rule, folder / out.name, out.resolve().parent)
        sheets = _draw_sheets(candidates.values(), rule, folder / out.name)
    paths = [out, *(out.with_name(sheet) for sheet in sheets)]
    write_lines(*_summary(candidates.values(), out, sheets), paths=paths)


def _check_options(arguments: argparse.Namespace) -> None:
    from emotionart.data.tables.cells import require_table_name

    require_range(arguments, "confidence", 0.05, 1)
    require_range(arguments, "min_area", 0, 1)
    require_range(arguments, "batch_size", 1, 1024)
    require_table_name(arguments.out)
    for path in (arguments.out, *(_sheet(arguments.out, word) for word in _VERDICTS.values())):
        ensure_absent(path)


def _sheet(out: Path, word: str) -> Path:
    return out.with_name(f"{out.stem}-{word}.png")


def _read_frame(source: Table, cache: Path) -> pd.DataFrame:
    """The cells of the rows that name a picture, each file by the name in its first row.

    Without rows of missing pictures, if these are to be left out.
    """
    import numpy as np

    from emotionart.data.tables.cells import read_cells
    from emotionart.data.tables.layouts.artwork_rows import find_artworks
    from emotionart.run.log import suppress_messages

    frame = read_cells(Path(source.path), source.form, cache / "embedded")
    frame = frame[frame[source.image] != ""]
    with suppress_messages("emotionart.data.tables"):  # which the reading of the artworks has given
        found = find_artworks(frame, source.layout, Path(source.path))
    kept = ~found.files.missing[found.number]
    return frame.assign(**{source.image: np.array(found.names, dtype=object)[found.number]})[kept]


def _read_artworks(source: Table, cache: Path) -> ArtworkTable:
    """The artworks, read without labels, which are not needed here."""
    # The output has every row, but for missing pictures that are to be left out.
    return replace(source, label=None, votes=None, only=None, where=None, split=None).read(cache)


def _decide(table: ArtworkTable, persons: Persons, frame: pd.DataFrame, image: str, rule: Rule) -> dict[str, Candidate]:
    """Each artwork with the decision about it, by the name of its picture in the column `image`."""
    from emotionart.data.persons.curate import Candidate, decide, tags_in_columns

    notes = tags_in_columns(frame, image)
    artworks = zip(notes.items(), table.image, table.tags, persons.boxes, persons.reason, strict=True)
    return {
        name: Candidate(Path(path), boxes, reason, decide(boxes, tags | noted, reason, rule))
        for (name, noted), path, tags, boxes, reason in artworks
    }


def _find_persons(table: ArtworkTable, weights: str, batch_size: int, cache: Path) -> Persons:
    from emotionart.data.persons.detection import find_persons, no_persons
    from emotionart.data.persons.detector import load_detector

    if weights == "none":
        return no_persons(len(table))
    detector = load_detector(weights, cache / "ultralytics")
    return find_persons(list(table.image), detector, cache, batch_size=batch_size)


def _write_table(
    frame: pd.DataFrame, candidates: Mapping[str, Candidate], image: str, rule: Rule, file: Path, start: Path
) -> None:
    """Writes the table with the decisions.

    Args:
        frame: cells of the table.
        candidates: artworks by the name of their picture in the table.
        image: name of the picture column.
        rule: criteria of a portrait.
        file: file to write.
        start: folder to which the paths of pictures are relative in the end.
    """
    from emotionart.data.persons.curate import as_text, curated
    from emotionart.data.tables.cells import write_cells

    decisions = {
        name: (candidate.decision, as_text(candidate.boxes, rule.confidence)) for name, candidate in candidates.items()
    }
    table = curated(frame, decisions, image)
    table[image] = [Path(os.path.relpath(candidates[name].image, start)).as_posix() for name in table[image]]
    write_cells(table, file)


def _draw_sheets(candidates: Collection[Candidate], rule: Rule, out: Path) -> list[str]:
    """Draws a contact sheet for each verdict that occurs, beside the table, and returns the file names."""
    from emotionart.data.persons.contact_sheet import draw_contact_sheet

    for verdict, word in _VERDICTS.items():
        chosen = [candidate for candidate in candidates if candidate.decision.portrait == verdict]
        if chosen:
            title = f"{word}: {len(chosen):,}" + (_evidence(chosen) if verdict == "yes" else "")
            draw_contact_sheet(chosen, title, rule.confidence, _sheet(out, word))
    return [sheet.name for sheet in (_sheet(out, word) for word in _VERDICTS.values()) if sheet.exists()]


def _summary(candidates: Collection[Candidate], out: Path, sheets: Sequence[str]) -> list[str]:
    counts = Counter(candidate.decision.portrait for candidate in candidates)
    unreadable = sum(candidate.unreadable != "" for candidate in candidates)
    lines = [
        f"{out}: {counts['yes']:,} of {len(candidates):,} artworks are portraits{_evidence(candidates)}, "
        f"{counts['doubtful']:,} are doubtful, {counts['no']:,} are not"
    ]
    if unreadable:
        lines.append(f"{unreadable:,} pictures cannot be read, and are none")
    lines += [f"contact sheet: {out.with_name(sheet)}" for sheet in sheets]
    lines.append(
        "a verdict in the column 'portrait' can be changed by hand; to train on the portraits alone, add: "
        "data.only=portraits"
    )
    return lines


def _evidence(candidates: Iterable[Candidate]) -> str:
    """The number of portraits found by each kind of evidence, in parentheses; empty if there are none."""
    counts = Counter(candidate.decision.evidence for candidate in candidates if candidate.decision.evidence)
    return f" ({', '.join(f'{count:,} by {kind}' for kind, count in counts.most_common())})" if counts else ""
