"""`emotionart suggest`: suggests which pictures to label next."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from emotionart.cli.arguments import add_works
from emotionart.cli.pictures.works import read_works, show


def add_to(subparsers: Any) -> None:
    """Adds the subcommand to the parser of `emotionart`."""
    parser = subparsers.add_parser("suggest", help="suggest which pictures to label next: uncertain and different ones")
    add_works(parser, count=50)
    parser.set_defaults(run=_suggest)


def _suggest(arguments: argparse.Namespace) -> None:
    from emotionart.run.folder import RunFolder
    from emotionart.run.predictions import Predictions
    from emotionart.works.suggest import suggest_labels

    _, works = read_works(arguments)
    labelled = RunFolder(arguments.run_folder).predictions
    if labelled.exists():
        known = Predictions.read(labelled)
        works = works.without(set(known.id), {str(Path(path).resolve()) for path in known.image if path})
    hits = suggest_labels(works.features, works.probabilities, arguments.n)
    show(arguments, works, hits, "value", "To label next")
