"""`emotionart search`: searches pictures by the emotion that a classifier predicts, or by similarity."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from emotionart.cli.arguments import add_works
from emotionart.cli.pictures.works import read_works, show


def add_to(subparsers: Any) -> None:
    """Adds the subcommand to the parser of `emotionart`."""
    parser = subparsers.add_parser(
        "search", help="search pictures by the emotion that a run sees in them, or by similarity"
    )
    add_works(parser, count=24)
    wanted = parser.add_mutually_exclusive_group(required=True)
    wanted.add_argument("--emotion", metavar="CLASS", help="the pictures in which the run sees this class most")
    wanted.add_argument(
        "--like",
        type=Path,
        metavar="PICTURE",
        help="the other pictures most similar to this one, by the run's features",
    )
    parser.set_defaults(run=_search)


def _search(arguments: argparse.Namespace) -> None:
    from emotionart.works.collection import look_at
    from emotionart.works.search import by_class, by_likeness

    predictor, works = read_works(arguments)
    if arguments.emotion is not None:
        hits, score, title = by_class(works, arguments.emotion, arguments.n), "share", f"Most {arguments.emotion}"
    else:
        path = str(arguments.like)
        seen = path in works.image
        query = works.take([works.image.index(path)]) if seen else look_at(predictor, [path], arguments.cache)
        works = works.without(set(query.id))
        hits = by_likeness(works, query.features[0], arguments.n)
        score, title = "likeness", f"Like {arguments.like.name}"
    show(arguments, works, hits, score, title)
