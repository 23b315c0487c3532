"""`emotionart data report`: writes one page about a data set."""

from __future__ import annotations

import argparse
import shlex
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emotionart.cli.console import show_messages
from emotionart.cli.data.arguments import DataArguments, add_source, name_of_table, read_arguments, table_and_overrides
from emotionart.errors import raise_together
from emotionart.files import ensure_absent, write_text
from emotionart.terminal import write_rows

if TYPE_CHECKING:
    from emotionart.data.survey.check import Checked
    from emotionart.data.survey.report import Described
    from emotionart.data.survey.survey import Survey
    from emotionart.data.tables.table import ArtworkTable


def add_to(actions: Any) -> None:
    """Adds the action to the parser of `emotionart data`."""
    parser = actions.add_parser("report", help="one HTML page about labels, votes, tags, pictures, artists and leaks")
    add_source(parser)
    parser.add_argument("--out", type=Path, metavar="FILE", help="to be written (default TABLE-report.html)")
    parser.set_defaults(run=_report)


def _report(arguments: argparse.Namespace) -> None:
    from emotionart.data.survey.check import check_artworks
    from emotionart.data.survey.report import report
    from emotionart.data.tables.labels import Grouping

    show_messages()
    table, overrides = table_and_overrides(arguments)
    out = arguments.out or table.parent / f"{name_of_table(table)}-report.html"
    ensure_absent(out)
    data = read_arguments(table, overrides)
    checked = check_artworks(data.source, data.grouping, data.cache)
    if checked.table is None or checked.survey is None:
        raise_together(checked.mistakes)
        raise AssertionError("a table that cannot be read has a mistake")
    artworks = checked.table
    if checked.histogram is None:
        # Some labels belong to no class: the report shows them all, so that a grouping can be written.
        data = replace(data, grouping=Grouping(None, "error", "votes"))
        artworks = replace(artworks, measurement=None)
    command = shlex.join(["emotionart", "data", "report", str(table), *overrides])
    write_text(out, report(_describe(data, artworks, checked.survey, checked, command)))
    write_rows(f"{out}: {len(artworks):,} artworks, {out.stat().st_size / 1e6:.1f} MB")


def _describe(data: DataArguments, table: ArtworkTable, survey: Survey, checked: Checked, command: str) -> Described:
    import numpy as np

    from emotionart.data.survey.check import divide
    from emotionart.data.survey.colours import find_colours
    from emotionart.data.survey.report import Described
    from emotionart.data.tables.labels import hard_labels

    classes, histogram = data.grouping.group(table)
    alone = replace(table, split=None, group=np.full(len(table), "", dtype=object))
    return Described(
        name="/".join(data.table.resolve().parts[-2:]),
        table=table,
        survey=survey,
        colours=find_colours(list(table.image), data.cache),
        classes=classes,
        votes=histogram,
        members=data.grouping.labels_by_class(table.labels),
        label=hard_labels(histogram, table.ids(survey.id)),
        ordered=data.grouping.ordered,
        part=divide(table, survey, checked.cluster, histogram, data.source),
        by_picture=divide(alone, survey, np.arange(len(table)), histogram, data.source),
        cluster=checked.cluster,
        compared=data.source.near_duplicates is not None,
        mistakes=tuple(map(str, checked.mistakes)),
        warnings=checked.warnings,
        command=command,
    )
