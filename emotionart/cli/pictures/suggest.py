"""`emotionart suggest`: suggests which pictures to label next."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from emotionart.cli.arguments import add_works
from emotionart.cli.pictures.works import read_works, show
from emotionart.errors import UserError


def add_to(subparsers: Any) -> None:
    """Adds the subcommand to the parser of `emotionart`."""
    parser = subparsers.add_parser("suggest", help="suggest which pictures to label next: uncertain and different ones")
    add_works(parser, count=50)
    parser.set_defaults(run=_suggest)


def _suggest(arguments: argparse.Namespace) -> None:
    from emotionart.run.folder import RunFolder
    from emotionart.run.predictions import Predictions
    from emotionart.works.results import Ranking
    from emotionart.works.suggest import suggest_labels

    _, works = read_works(arguments)
    every = len(works.image)
    labelled = RunFolder(arguments.run_folder).predictions
    if labelled.exists():
        predictions = Predictions.read(labelled)
        works = works.without(set(predictions.id), {str(Path(path).resolve()) for path in predictions.image if path})
    if not works.image:
        raise UserError(
            f"The run has labels for all {every:,} pictures, so there is none to suggest.",
            where=" ".join(map(str, arguments.images)),
            fix="pictures without labels",
        )
    hits = suggest_labels(works.features, works.probabilities, arguments.n)
    note = "Value is the uncertainty of the prediction: its entropy, from 0 for certain to 1 for equal probabilities"
    if works.features.shape[1]:
        note += ", times the distance (1 minus the cosine of the features) to the most similar work before it."
    else:
        note += ". A run on pixels has no features, so works may be alike."
    if known := every - len(works.image):
        note += f" Left out, because the run has labels for them: {known:,} pictures."
    show(arguments, works, hits, Ranking("To label next", "value", note))
