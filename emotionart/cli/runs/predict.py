"""`emotionart predict`: class probabilities of any pictures, by trained classifiers."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from itertools import chain, takewhile
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any

from emotionart.cli.arguments import add_engine, add_spreadsheet, add_trust, require_engine
from emotionart.cli.console import show_messages
from emotionart.counting import counted
from emotionart.errors import UserError
from emotionart.files import ensure_absent, written_together
from emotionart.terminal import write_lines, write_rows

if TYPE_CHECKING:
    from emotionart.classifier.ensemble import Ensemble
    from emotionart.data.tables.noun import Noun
    from emotionart.predict.journal import Journal
    from emotionart.predict.prediction import Prediction
    from emotionart.predict.tables import Columns

_FEW = 4  # pictures, up to which a corrected command names them


def add_to(subparsers: Any) -> None:
    """Adds the subcommand to the parser of `emotionart`."""
    parser = subparsers.add_parser("predict", help="class probabilities of any pictures, by trained classifiers")
    parser.add_argument(
        "paths",
        nargs="+",
        metavar="RUN_OR_PICTURES",
        help="folders of runs, whose probabilities are averaged; then files, folders, patterns, and tables of pictures",
    )
    parser.add_argument(
        "--out",
        type=Path,
        metavar="FILE",
        help="keep them as .csv, .tsv, .parquet or .jsonl; a folder with --engine ray",
    )
    parser.add_argument("--page", type=Path, metavar="FILE.html", help="keep them as a page of thumbnails by class")
    parser.add_argument("--sets", type=_level, metavar="0.9", help="sets of classes that hold the true one so often")
    parser.add_argument(
        "--image", default="image", metavar="COLUMN", help="of a table: names the pictures, or holds them"
    )
    add_engine(parser)
    add_trust(parser)
    add_spreadsheet(parser)
    parser.set_defaults(run=_predict)


def _level(text: str) -> float:
    level = float(text)
    if not 0 < level < 1:
        raise argparse.ArgumentTypeError("a share above 0 and below 1, such as 0.9")
    return level


def _predict(arguments: argparse.Namespace) -> None:
    from emotionart.classifier.ensemble import load_ensemble
    from emotionart.data.pictures.unreadable import warn_of_unreadable
    from emotionart.predict.page import require_few
    from emotionart.predict.pictures import resolve_pictures
    from emotionart.predict.sets import runs_threshold
    from emotionart.predict.tables import Columns, require_ending

    show_messages(logging.WARNING)
    runs, named = _runs_and_pictures(arguments.paths)
    require_engine(arguments, named)
    if arguments.engine == "ray":
        _predict_on_ray(arguments, runs, named)
        return
    for option in ("out", "page"):
        if (path := getattr(arguments, option)) is not None:
            ensure_absent(path, f"--{option}")
    if arguments.out is not None:
        require_ending(arguments.out)
    images = resolve_pictures(named, arguments.image)
    if arguments.page is not None:
        require_few(len(images))
    ensemble = load_ensemble(runs, arguments.trust)
    _warn_of_unfinished(runs)
    _warn_of_learnt(runs, images)
    threshold = None if arguments.sets is None else runs_threshold(runs, arguments.sets)
    columns = Columns(ensemble.classes, len(runs) > 1, threshold)
    if arguments.out is None and arguments.page is None:
        bad = _print(_stream(ensemble, images, thumbnails=False), columns)
    else:
        bad = _keep(arguments, runs, ensemble, images, columns)
    reasons = {one.image: one.reason for one in bad}
    warn_of_unreadable(reasons, len(images) - len(bad), arguments.on_bad, arguments.out or arguments.page)


def _predict_on_ray(arguments: argparse.Namespace, runs: Sequence[Path], named: Sequence[str]) -> None:
    from emotionart.classifier.ensemble import load_ensemble
    from emotionart.data.pictures.unreadable import warn_of_unreadable
    from emotionart.predict.journal import weights_digests
    from emotionart.predict.parallel.engine import run_on_ray
    from emotionart.predict.parallel.sources import find_sources
    from emotionart.predict.parallel.workers import PredictionWorker
    from emotionart.predict.sets import runs_threshold

    if arguments.page is not None:
        raise UserError("A page is made without Ray.", where="--page", fix="no --engine ray")
    sources = find_sources(named, arguments.image)
    ensemble = load_ensemble(runs, arguments.trust)  # its mistakes are reported before Ray starts
    _warn_of_unfinished(runs)
    _warn_of_learnt(runs, sources.files)
    threshold = None if arguments.sets is None else runs_threshold(runs, arguments.sets)
    folders = [folder.absolute() for folder in runs]
    basis = {
        "pictures": list(named),
        "column": arguments.image,
        "weights": weights_digests(runs),
        "threshold": threshold,
    }
    worker = partial(PredictionWorker, folders, arguments.trust, threshold)
    # Only frozen networks run on a GPU.
    frozen = any(one.representation.describe()["kind"] == "frozen backbone" for one in ensemble.members)
    with run_on_ray(sources, worker, arguments.out, basis, arguments.workers, gpus=frozen) as job:
        rows, bad = job.rows(), job.reasons()
        job.finish()
    if rows:
        write_rows(f"{counted(rows, 'picture')}: {arguments.out}")
    warn_of_unreadable(bad, rows, arguments.on_bad, arguments.out)


def _runs_and_pictures(paths: Sequence[str]) -> tuple[list[Path], list[str]]:
    """The folders of runs that come first, and the rest.

    Raises:
        UserError: if there are no runs, if they do not come first, or if nothing is left.
    """
    from emotionart.run.folder import no_run

    runs = [Path(path) for path in takewhile(_is_run, paths)]
    pictures = list(paths[len(runs) :])
    if runs and pictures:
        return runs, pictures
    if runs:
        raise UserError("No pictures are given.", where=" ".join(paths), fix="emotionart predict RUN… PICTURES…")
    later = list(filter(_is_run, paths))
    first = Path(paths[0])
    none = no_run(first)
    if not later or (none.suggestions and not first.exists()):  # a run that is mistyped
        raise none
    others = [quote(path) for path in paths if path not in later]
    shown = others if len(others) <= _FEW else ["PICTURES…"]
    raise UserError(
        "The folders of runs come first, then the pictures.",
        where=paths[0],
        fix=" ".join(["emotionart predict", *map(quote, later), *shown]),
    )


def _is_run(path: str) -> bool:
    from emotionart.run.folder import RunFolder
    from emotionart.run.training.checkpoint import BEST

    run = RunFolder(Path(path))
    return run.config.is_file() or (run.checkpoints / BEST).is_file()  # of weights that came without the rest


def _warn_of_unfinished(runs: Sequence[Path]) -> None:
    from emotionart.run.folder import RunFolder
    from emotionart.run.state import State, state_of

    for folder in runs:
        if state_of(RunFolder(folder)) is not State.DONE:
            write_lines(
                f"{folder}: This run has not finished; its best weights so far are used, which have not been tested.",
                stream=sys.stderr,
                paths=[folder],
            )


def _warn_of_learnt(runs: Sequence[Path], images: Sequence[str]) -> None:
    """Warns of files from which a run has learnt; those inside shards and tables have no paths to know them by."""
    from emotionart.run.folder import RunFolder
    from emotionart.run.split import count_learnt

    for folder, count in zip(runs, count_learnt([RunFolder(folder) for folder in runs], images), strict=True):
        if count:
            write_lines(
                f"{folder}: This run has learnt from {count:,} of these {len(images):,} pictures; what it predicts for "
                "them does not tell how good it is.",
                stream=sys.stderr,
                paths=[folder],
            )


def _stream(ensemble: Ensemble, images: Sequence[str], *, thumbnails: bool) -> Iterator[list[Prediction]]:
    from emotionart.predict.prediction import BATCH, stream_predictions
    from emotionart.progress import progress_bar

    batches = stream_predictions(ensemble, images, thumbnails=thumbnails)
    return progress_bar(batches, "looking at pictures", len(images), BATCH)


def _print(batches: Iterable[Sequence[Prediction]], columns: Columns) -> list[Prediction]:
    """Prints a line for each picture, and returns those that cannot be read."""
    width = max(map(len, columns.classes))
    bad = []
    for prediction in chain.from_iterable(batches):
        if prediction.reason:
            bad.append(prediction)
            continue
        pairs = zip(columns.classes, prediction.probabilities, strict=True)
        shares = "  ".join(f"{name} {share:.0%}" for name, share in pairs)
        row = columns.row(prediction)
        spread = f"  runs disagree by {prediction.mutual_information:.3f} nats" if columns.ensemble else ""
        members = f"  {{{', '.join(row['set'])}}}" if "set" in row else ""
        write_rows(f"{row['class']:<{width}}  {prediction.image}  ({shares}){members}{spread}")
    return bad


def _keep(
    arguments: argparse.Namespace, runs: Sequence[Path], ensemble: Ensemble, images: Sequence[str], columns: Columns
) -> list[Prediction]:
    """Writes table and page, and returns the unreadable pictures; a killed command continues from its journal."""
    from emotionart.predict.journal import open_journal

    thumbnails = arguments.page is not None
    with open_journal(arguments.out or arguments.page, runs, thumbnails=thumbnails) as journal:
        predicted = {prediction.image for prediction in journal}
        missing = [image for image in images if image not in predicted]
        if len(missing) < len(images):
            write_lines(
                f"{len(images) - len(missing):,} of {len(images):,} pictures were predicted before.", stream=sys.stderr
            )
        for batch in _stream(ensemble, missing, thumbnails=thumbnails):
            journal.append(batch)
        bad = [prediction for prediction in journal.of(images) if prediction.reason]
        if len(bad) < len(images):
            _write_outputs(arguments, runs, ensemble.noun, journal, images, columns)
            if arguments.out is not None:
                write_rows(f"{counted(len(images) - len(bad), 'picture')}: {arguments.out}")
            if arguments.page is not None:
                write_rows(f"{arguments.page}")
        journal.remove()
    return bad


def _write_outputs(
    arguments: argparse.Namespace,
    runs: Sequence[Path],
    noun: Noun,
    journal: Journal,
    images: Sequence[str],
    columns: Columns,
) -> None:
    from emotionart.predict.page import write_page
    from emotionart.predict.tables import write_table
    from emotionart.run.folder import RunFolder

    with ExitStack() as both:  # table and page appear together, or neither does
        if arguments.out is not None:
            table = both.enter_context(written_together(arguments.out)) / arguments.out.name
            write_table(table, journal.of(images), columns, arguments.spreadsheet)
        if arguments.page is not None:
            page = both.enter_context(written_together(arguments.page)) / arguments.page.name
            folders = [RunFolder(folder) for folder in runs]
            write_page(page, journal.of(images), columns, folders, noun=noun, level=arguments.sets)
