"""`emotionart data import`: published data sets as tables."""

from __future__ import annotations

import argparse
import logging
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emotionart.cli.data.arguments import train_command
from emotionart.data.tables.wording import some
from emotionart.errors import UserError

if TYPE_CHECKING:
    from emotionart.data.tables.importers.imported import Imported, Written

LAYOUTS = {
    "wikiart-emotions": "WikiArt-Emotions-*.tsv [PICTURES]: shares of 20 emotions; pictures are <ID>.jpg",
    "artemis": "artemis_dataset_*.csv [PICTURES]: a row a vote; pictures are <art_style>/<painting>.jpg",
    "artphoto": "FOLDER of <emotion>_<number>.jpg",
    "abstract": "ABSTRACT_groundTruth.csv [PICTURES]: counts of 8 emotions",
    "folder": "FOLDER with a folder of pictures for each class",
}


def add_to(actions: Any) -> None:
    """Adds the action to the parser of `emotionart data`."""
    listing = "\n".join(f"  {name:<18}{text}" for name, text in LAYOUTS.items())
    parser = actions.add_parser(
        "import",
        help="a published data set, or a folder, as a table",
        description="Makes a table of artworks, their votes, artists and tags. Layouts and what SOURCE is:\n" + listing,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("layout", choices=LAYOUTS, metavar="LAYOUT", help=", ".join(LAYOUTS))
    parser.add_argument("source", type=Path, nargs="+", metavar="SOURCE", help="annotations, then folder of pictures")
    parser.add_argument("--out", type=Path, required=True, metavar="TABLE", help="to be written: .csv, .tsv, .parquet")
    parser.add_argument(
        "--block",
        choices=("ImageOnly", "TitleOnly", "Art"),
        default="ImageOnly",
        help="wikiart-emotions: what annotators saw; Art is both (default ImageOnly)",
    )
    parser.set_defaults(run=_import)


def _import(arguments: argparse.Namespace) -> None:
    from emotionart.data.tables.importers.imported import write_import

    logging.basicConfig(level=logging.INFO, format="%(message)s")
    imported = _read(arguments)
    written = write_import(imported, arguments.out)
    sys.stdout.write("\n".join(_summary(imported, written, arguments.out)) + "\n")


def _read(arguments: argparse.Namespace) -> Imported:
    layout: str = arguments.layout
    source: Path = arguments.source[0]
    rest: list[Path] = arguments.source[1:]
    takes_pictures = layout in ("wikiart-emotions", "artemis", "abstract")
    if len(rest) > takes_pictures:
        raise UserError(
            f"{layout} takes {'annotations and one folder' if takes_pictures else 'one folder'} as SOURCE.",
            where=" ".join(map(str, arguments.source)),
        )
    pictures = rest[0] if rest else None
    if layout == "wikiart-emotions":
        from emotionart.data.tables.importers.wikiart_emotions import read_wikiart_emotions

        return read_wikiart_emotions(source, pictures, arguments.block)
    if layout == "artemis":
        from emotionart.data.tables.importers.artemis import read_artemis

        return read_artemis(source, pictures)
    if layout == "abstract":
        from emotionart.data.tables.importers.abstract import read_abstract

        return read_abstract(source, pictures)
    if layout == "artphoto":
        from emotionart.data.tables.importers.artphoto import read_artphoto

        return read_artphoto(source)
    from emotionart.data.tables.importers.folder import read_class_folders

    return read_class_folders(source)


def _summary(imported: Imported, written: Written, out: Path) -> list[str]:
    from emotionart.data.tables.importers.imported import VOTES

    frame = written.frame
    votes = [column for column in frame.columns if column.startswith(VOTES)]
    if votes:
        counts = {column.removeprefix(VOTES): float(frame[column].sum()) for column in votes}
    else:
        counts = {str(label): float(count) for label, count in frame["label"].value_counts().items()}
    named = ", ".join(f"{label} {count:,.0f}" for label, count in sorted(counts.items(), key=lambda item: -item[1]))
    lines = [f"{out}: {len(frame):,} artworks; votes: {named}"]
    if written.missing:
        lines.append(
            f"{len(written.missing):,} pictures are not in {imported.pictures}: {some(written.missing)}; "
            f"all: {written.listing}"
        )
    columns = ["data.votes=votes:*"] if votes else []
    columns += [f"data.{key}={name}" for key, name in (("group", "artist"), ("tags", "tags")) if name in frame.columns]
    grouping = f"labels={imported.grouping}"
    lines.append(f"to check it:    {shlex.join(['emotionart', 'data', 'check', str(out), grouping])}")
    lines.append(f"to train on it: {train_command(out, *columns, grouping)}")
    return lines
