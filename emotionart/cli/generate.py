"""`emotionart generate`: new pictures by a trained GAN."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from emotionart.cli.arguments import add_trust
from emotionart.errors import UserError
from emotionart.files import atomic_write, ensure_absent

_COLUMNS = 8


def add_to(subparsers: Any) -> None:
    """Adds the subcommand to the parser of `emotionart`."""
    parser = subparsers.add_parser("generate", help="new pictures by a trained GAN, judged by a classifier if wanted")
    parser.add_argument("run_folder", type=Path, metavar="RUN", help="folder of a GAN's run")
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="to be made")
    parser.add_argument("--n", type=int, default=64, help="pictures (default 64)")
    parser.add_argument("--seed", type=int, default=0, help="another one gives other pictures (default 0)")
    parser.add_argument("--class", dest="wanted", metavar="NAME", help="to ask for, of a run of model=acgan")
    parser.add_argument("--judge", type=Path, metavar="RUN", help="a classifier's run, which says what it sees in them")
    add_trust(parser)
    parser.set_defaults(run=_generate)


def _generate(arguments: argparse.Namespace) -> None:
    """Writes `images/`, `sheet.png` and `labels.csv`: a folder that `data=table` can take."""
    import numpy as np
    import pandas as pd

    from emotionart.classifier.predictor import load_run
    from emotionart.data.pictures.encode import png_files
    from emotionart.data.tables.cells import write_cells
    from emotionart.figures.generated import save_sheet
    from emotionart.gan.sampler import load_sampler
    from emotionart.progress import progress_bar
    from emotionart.run.predictions import probability_cells
    from emotionart.statistics.image_quality import classification_report

    out = arguments.out
    if arguments.n < 1:
        raise UserError(f"--n must be at least 1, not {arguments.n}.", where="--n")
    ensure_absent(out)
    sampler = load_sampler(arguments.run_folder, trust=arguments.trust)
    judge = load_run(arguments.judge, arguments.trust) if arguments.judge else None
    painted = list(
        progress_bar(sampler.sample(arguments.n, arguments.seed, arguments.wanted), "painting pictures", arguments.n)
    )
    pictures = np.stack([picture for picture, _ in painted])
    names, files = [f"images/{number:06d}.png" for number in range(len(painted))], png_files(pictures)
    rows = [{"image": name} | ({"label": told} if told else {}) for name, (_, told) in zip(names, painted, strict=True)]
    if judge:
        shares = judge.predict(files)
        cells: list[dict[str, str]] = probability_cells(shares, judge.classes).to_dict("records")  # type: ignore[assignment]
        for row, share, values in zip(rows, shares, cells, strict=True):
            row["seen"] = judge.classes[share.argmax()]
            row |= values
    with atomic_write(out) as partial:
        (partial / "images").mkdir(parents=True)
        for name, file in zip(names, files, strict=True):
            (partial / name).write_bytes(file)
        save_sheet(pictures, min(_COLUMNS, len(pictures)), partial / "sheet.png")
        write_cells(pd.DataFrame(rows), partial / "labels.csv")
    if judge:
        told = ", ".join(
            f"{name} {share:.0%}" for name, share in classification_report(shares, judge.classes)["shares"].items()
        )
        sys.stdout.write(f"the judge sees {told}\n")
    sys.stdout.write(f"{len(rows):,} pictures: {out}, all in {out / 'sheet.png'}\n")
