"""Parts of `emotionart search` and `emotionart suggest`: reading the pictures, showing the selected ones."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from emotionart.cli.arguments import require_range
from emotionart.cli.console import show_messages
from emotionart.files import atomic_write, ensure_absent
from emotionart.terminal import write_lines, write_rows

if TYPE_CHECKING:
    from emotionart.classifier.predictor import Predictor
    from emotionart.works.collection import Collection
    from emotionart.works.results import Ranking
    from emotionart.works.search import Hits


def read_works(
    arguments: argparse.Namespace, check: Callable[[Predictor], object] = lambda predictor: None
) -> tuple[Predictor, Collection]:
    """The run's classifier, and the pictures with its features and probabilities.

    Args:
        arguments: arguments of the command.
        check: called with the classifier before any picture is read; raises for a request that it cannot serve.
    """
    from emotionart.classifier.predictor import load_run
    from emotionart.inputs.feature_table import find_pictures
    from emotionart.works.collection import read_collection

    show_messages()
    require_range(arguments, "n", 1)
    if arguments.out is not None:
        ensure_absent(arguments.out)
    paths = find_pictures(arguments.images)
    predictor = load_run(arguments.run_folder, arguments.trust)
    check(predictor)
    return predictor, read_collection(predictor, paths, arguments.cache)


def show(arguments: argparse.Namespace, works: Collection, hits: Hits, ranking: Ranking) -> None:
    """Writes a table and a page, or prints the chosen works; then reports pictures that cannot be read."""
    from emotionart.data.pictures.unreadable import left_out

    if arguments.out is None:
        write_lines(ranking.note, stream=sys.stderr)
        first, second = max(len(ranking.column), len("0.000")), max(map(len, ("class", *works.classes)))
        write_rows(f"{ranking.column:<{first}}  {'class':<{second}}  picture")
        for row, value in zip(hits.row, hits.score, strict=True):
            predicted = works.classes[works.probabilities[row].argmax()]
            write_rows(f"{value:<{first}.3f}  {predicted:<{second}}  {works.image[row]}")
    else:
        from emotionart.run.folder import RunFolder
        from emotionart.run.names import Names
        from emotionart.works.results import PAGE, write_results

        with atomic_write(arguments.out) as partial:
            partial.mkdir()
            names = Names.of([RunFolder(arguments.run_folder)])
            write_results(partial, works, hits, ranking, names, arguments.spreadsheet)
        write_rows(f"{len(hits.row)} of {len(works.image):,} pictures: {arguments.out / PAGE}")
    if works.unreadable:
        raise left_out(works.unreadable, arguments.out)
