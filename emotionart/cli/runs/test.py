"""`emotionart test`: tests a trained classifier on the artworks of another table."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emotionart.cli.arguments import add_trust
from emotionart.cli.console import show_messages
from emotionart.cli.data.arguments import add_source, name_of_table, read_arguments, table_and_overrides
from emotionart.files import ensure_absent
from emotionart.terminal import write_lines, write_rows

if TYPE_CHECKING:
    from emotionart.cli.data.arguments import DataArguments
    from emotionart.data.tables.labels import Grouping
    from emotionart.data.tables.measurement import Quantiles


def add_to(subparsers: Any) -> None:
    """Adds the subcommand to the parser of `emotionart`."""
    parser = subparsers.add_parser("test", help="test a classifier on another table of works that are new to it")
    parser.add_argument("run_folder", type=Path, metavar="RUN", help="folder of a classifier's run")
    add_source(parser)
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="output folder (default: RUN/tests/TABLE)")
    add_trust(parser)
    parser.set_defaults(run=_test)


def _test(arguments: argparse.Namespace) -> None:
    from emotionart.classifier.evaluation.external import run_external_test, run_grouping
    from emotionart.classifier.predictor import load_run
    from emotionart.run.page import PAGE

    show_messages()
    run: Path = arguments.run_folder
    table, overrides = table_and_overrides(arguments)
    out = arguments.out or run / "tests" / name_of_table(table)
    ensure_absent(out)
    predictor = load_run(run, arguments.trust)
    data = read_arguments(table, overrides)
    grouping = _grouping(data, overrides, run_grouping(run, predictor, arguments.trust))
    tested = run_external_test(run, predictor, data.source, grouping, data.cache)
    command = ["emotionart", "test", str(run), str(table), *overrides]
    tested.write(out, shlex.join(command))
    write_lines(*tested.lines())
    write_rows(f"report: {out / PAGE}")


def _grouping(data: DataArguments, overrides: Sequence[str], own: Grouping | Quantiles) -> Grouping | Quantiles:
    """The grouping of the arguments; else the run's own, with the keys that the overrides name."""
    named = [item.partition("=")[0] for item in overrides]
    if "labels" in named:
        return data.grouping
    keys = [key.removeprefix("labels.") for key in named if key.startswith("labels.")]
    return replace(own, **{key: getattr(data.grouping, key) for key in keys})
