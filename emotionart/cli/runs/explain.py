"""`emotionart explain`: explains a run's predictions."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from emotionart.cli.arguments import add_trust, require_range
from emotionart.cli.console import show_messages


def add_to(subparsers: Any) -> None:
    """Adds the subcommand to the parser of `emotionart`."""
    parser = subparsers.add_parser("explain", help="explain a run's predictions: maps, class pictures, reliability")
    parser.add_argument("folder", type=Path, metavar="RUN", help="folder of a classifier's run")
    parser.add_argument("--images", type=Path, metavar="FOLDER", help="pictures to explain instead of the test split")
    parser.add_argument("--n", type=int, default=64, help="artworks that are shown (default 64)")
    parser.add_argument("--method", help="cam, gradcam, hirescam or integrated (default: the most faithful there is)")
    parser.add_argument("--layer", help="of gradcam and hirescam (default: the last that has positions)")
    parser.add_argument(
        "--faithfulness",
        type=int,
        metavar="N",
        help="artworks on which it is measured how faithful the maps are; 0: none (default 32)",
    )
    parser.add_argument("--steps", type=int, default=64, help="of the class pictures; 0: none (default 64)")
    parser.add_argument(
        "--ablation",
        action=argparse.BooleanOptionalAction,
        help="take the class pictures' regularisers apart (default: unless pictures are large)",
    )
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="output folder (default: in the run's explain/)")
    add_trust(parser)
    parser.set_defaults(run=_explain)


def _explain(arguments: argparse.Namespace) -> None:
    from emotionart.explain.explain import Options, explain

    show_messages()
    for name, least in (("n", 1), ("faithfulness", 0), ("steps", 0)):
        require_range(arguments, name, least)
    explain(
        arguments.folder,
        Options(
            images=arguments.images,
            count=arguments.n,
            method=arguments.method,
            layer=arguments.layer,
            faithfulness=arguments.faithfulness,
            steps=arguments.steps,
            ablate=arguments.ablation,
            out=arguments.out,
            trust=arguments.trust,
        ),
    )
