"""`emotionart search`: searches pictures by the class that a classifier predicts, or by similarity."""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emotionart.cli.arguments import add_works
from emotionart.cli.pictures.works import read_works, show
from emotionart.errors import UserError

if TYPE_CHECKING:
    from emotionart.classifier.predictor import Predictor


def add_to(subparsers: Any) -> None:
    """Adds the subcommand to the parser of `emotionart`."""
    parser = subparsers.add_parser(
        "search", help="search pictures by the class that a run sees in them, or by similarity"
    )
    add_works(parser, count=24)
    query = parser.add_mutually_exclusive_group(required=True)
    query.add_argument(
        "--emotion", "--class", metavar="CLASS", help="the pictures in which the run sees this class most"
    )
    query.add_argument(
        "--like",
        type=Path,
        metavar="PICTURE",
        help="the other pictures most similar to this one, by the run's features",
    )
    parser.set_defaults(run=_search)


def _search(arguments: argparse.Namespace) -> None:
    from emotionart.works.collection import compute_collection
    from emotionart.works.results import Ranking
    from emotionart.works.search import by_class, by_likeness

    predictor, works = read_works(arguments, partial(_check, arguments))
    if arguments.emotion is not None:
        hits = by_class(works, arguments.emotion, arguments.n)
        felt = ", not what a person feels" if predictor.noun == "emotion" else ""
        note = f"Sorted by the probability of {arguments.emotion}, which is a classifier's opinion{felt}."
        ranking = Ranking(f"Most {arguments.emotion}", "share", note, shown=False)
    else:
        path = str(arguments.like)
        included = path in works.image
        query = (
            works.take([works.image.index(path)])
            if included
            else compute_collection(predictor, [path], arguments.cache)
        )
        works = works.without(set(query.id))
        hits = by_likeness(works, query.features[0], arguments.n)
        note = "Likeness is the cosine of the features: 1 for the same."
        ranking = Ranking(f"Like {arguments.like.name}", "likeness", note)
    show(arguments, works, hits, ranking)


def _check(arguments: argparse.Namespace, predictor: Predictor) -> None:
    """Refuses what the run cannot find: a class that it does not have, a picture that is not there, or one by likeness
    if it has no features.
    """
    from emotionart.inputs.representation import Pixels
    from emotionart.works.search import find_class, no_features

    if arguments.emotion is not None:
        find_class(predictor.classes, arguments.emotion)
    elif not arguments.like.is_file():
        raise UserError("There is no such picture.", where=f"--like {arguments.like}")
    elif isinstance(predictor.representation, Pixels):
        raise no_features()
