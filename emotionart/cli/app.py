"""`emotionart app`: a page in the browser that reads, browses, generates, recolours and labels pictures."""

from __future__ import annotations

import argparse
import importlib.util
import sys
from pathlib import Path
from typing import Any

from emotionart.cli.arguments import add_cache, add_trust
from emotionart.errors import UserError
from emotionart.terminal import write_lines


def add_to(subparsers: Any) -> None:
    """Adds the subcommand to the parser of `emotionart`."""
    parser = subparsers.add_parser("app", help="a page in the browser: read, browse, make, recolour, label, compare")
    parser.add_argument("--outputs", type=Path, default=Path("outputs"), help="folder of the runs (default outputs)")
    parser.add_argument("--pictures", type=Path, metavar="FOLDER", help="to browse and label (default: a run's own)")
    parser.add_argument(
        "--labels", type=Path, default=Path("votes.csv"), metavar="FILE.csv", help="where votes go (default votes.csv)"
    )
    parser.add_argument("--classes", metavar="A,B,…", help="to vote for (default: those of the newest run)")
    add_cache(parser)
    add_trust(parser)
    parser.add_argument(
        "--host",
        default="127.0.0.1",
        help="address to serve on (default: only this machine; 0.0.0.0: all of its addresses)",
    )
    parser.add_argument("--port", type=int, default=7860, help="default 7860")
    parser.set_defaults(run=_app)


def _app(arguments: argparse.Namespace) -> None:
    if importlib.util.find_spec("gradio") is None:
        raise UserError("The page needs Gradio, which is not installed.", fix="pip install 'emotionart[app]'")
    from emotionart.app.page import Page
    from emotionart.app.runs import Runs
    from emotionart.app.serve import public_name, serve
    from emotionart.app.votes import Votes
    from emotionart.inputs.feature_table import find_pictures

    votes = Votes(arguments.labels.absolute())
    votes.read()  # a table of another kind is refused before anybody labels
    pictures = find_pictures([arguments.pictures]) if arguments.pictures else []
    classes = tuple(name.strip() for name in (arguments.classes or "").split(",") if name.strip())
    runs = Runs(arguments.outputs, arguments.trust)
    page = Page(runs, tuple(map(Path, pictures)), votes, classes, arguments.cache)
    write_lines(f"http://{public_name(arguments.host)}:{arguments.port}   Ctrl-C ends it")
    sys.stdout.flush()
    serve(page, arguments.host, arguments.port)
