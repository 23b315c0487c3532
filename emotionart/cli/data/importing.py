"""`emotionart data import`: converts published data sets into tables."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emotionart.cli.console import show_messages
from emotionart.cli.data.arguments import train_command
from emotionart.data.tables.wording import some
from emotionart.errors import UserError
from emotionart.terminal import write_lines

if TYPE_CHECKING:
    from emotionart.data.tables.importers.imported import Imported, Written


@dataclass(frozen=True)
class Layout:
    """The file layout of a published data set.

    Attributes:
        source: help text: what SOURCE is and contains.
        reader: module and function in `emotionart.data.tables.importers`.
        takes_pictures: whether a folder of pictures may follow SOURCE.
        takes_block: whether the votes come in blocks (what annotators were shown), of which one is chosen.
    """

    source: str
    reader: tuple[str, str]
    takes_pictures: bool = False
    takes_block: bool = False


LAYOUTS = {
    "wikiart-emotions": Layout(
        "WikiArt-Emotions-*.tsv [PICTURES]: shares of 20 emotions; pictures are <ID>.jpg",
        ("wikiart_emotions", "read_wikiart_emotions"),
        takes_pictures=True,
        takes_block=True,
    ),
    "wikiart-annotations": Layout(
        "WikiArt-annotations.csv [PICTURES]: what each person answered; pictures are <ID>.jpg",
        ("wikiart_annotations", "read_wikiart_annotations"),
        takes_pictures=True,
        takes_block=True,
    ),
    "artemis": Layout(
        "artemis_dataset_*.csv [PICTURES]: a row a vote, or a histogram; pictures are <art_style>/<painting>.jpg",
        ("artemis", "read_artemis"),
        takes_pictures=True,
    ),
    "artelingo": Layout(
        "artelingo.csv [PICTURES]: as artemis, in several languages, whose votes are added",
        ("artemis", "read_artemis"),
        takes_pictures=True,
    ),
    "artphoto": Layout("FOLDER of <emotion>_<number>.jpg", ("artphoto", "read_artphoto")),
    "abstract": Layout(
        "ABSTRACT_groundTruth.csv [PICTURES]: counts of 8 emotions", ("abstract", "read_abstract"), takes_pictures=True
    ),
    "emoset": Layout("FOLDER with train.json, val.json, test.json, image/ and annotation/", ("emoset", "read_emoset")),
    "emotion6": Layout("FOLDER with ground_truth.txt and images/: shares of 7 emotions", ("emotion6", "read_emotion6")),
    "feelingblue": Layout(
        "feelingblue_relative_scores.csv [PICTURES]: best-worst scores for each emotion",
        ("feelingblue", "read_feelingblue"),
        takes_pictures=True,
    ),
    "folder": Layout(
        "FOLDER with a folder of pictures for each class, as FI has them", ("folder", "read_class_folders")
    ),
}


def add_to(actions: Any) -> None:
    """Adds the action to the parser of `emotionart data`."""
    listing = "\n".join(f"  {name:<21}{layout.source}" for name, layout in LAYOUTS.items())
    parser = actions.add_parser(
        "import",
        help="a published data set, or a folder, as a table",
        description="Makes a table of artworks, their votes, artists and tags. Layouts and what SOURCE is:\n" + listing,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("layout", choices=LAYOUTS, metavar="LAYOUT", help=", ".join(LAYOUTS))
    parser.add_argument(
        "source", type=Path, nargs="+", metavar="SOURCE", help="annotations, then the folder of pictures"
    )
    parser.add_argument("--out", type=Path, required=True, metavar="TABLE", help="to be written: .csv, .tsv, .parquet")
    parser.add_argument(
        "--block",
        choices=("ImageOnly", "TitleOnly", "Art"),
        default="ImageOnly",
        help="wikiart-*: what annotators saw; Art is both (default ImageOnly)",
    )
    parser.set_defaults(run=_import)


def _import(arguments: argparse.Namespace) -> None:
    from emotionart.data.tables.importers.imported import write_import

    show_messages()
    imported = _read(arguments)
    written = write_import(imported, arguments.out)
    write_lines(*_summary(imported, written, arguments.out), paths=[arguments.out])


def _read(arguments: argparse.Namespace) -> Imported:
    layout = LAYOUTS[arguments.layout]
    source, *rest = arguments.source
    if len(rest) > layout.takes_pictures:
        what = "one file and one folder" if layout.takes_pictures else "one folder"
        raise UserError(
            f"{arguments.layout} takes {what} as SOURCE.",
            where=" ".join(map(str, arguments.source)),
        )
    module, function = layout.reader
    read: Callable[..., Imported] = getattr(import_module(f"emotionart.data.tables.importers.{module}"), function)
    places = (source, rest[0] if rest else None) if layout.takes_pictures else (source,)
    return read(*places, **({"block": arguments.block} if layout.takes_block else {}))


def _summary(imported: Imported, written: Written, out: Path) -> list[str]:
    from emotionart.data.tables.importers.imported import VOTES

    frame = written.frame
    votes = [column for column in frame.columns if column.startswith(VOTES)]
    if imported.scores:
        counts = {column: float((frame[column] != "").sum()) for column in imported.scores}
    elif votes:
        counts = {column.removeprefix(VOTES): float(frame[column].sum()) for column in votes}
    else:
        labels = frame.loc[frame["label"] != "", "label"]
        if labels.empty:
            return _unlabelled_summary(len(frame), out)
        counts = {str(label): float(count) for label, count in labels.value_counts().items()}
    what = "scores" if imported.scores else "votes" if votes else "labels"
    named = ", ".join(f"{label} {count:,.0f}" for label, count in sorted(counts.items(), key=lambda item: -item[1]))
    lines = [f"{out}: {len(frame):,} artworks; {what}: {named}"]
    if written.missing:
        lines.append(
            f"{len(written.missing):,} pictures are not in {imported.pictures}: {some(written.missing)}; "
            f"all: {written.listing}"
        )
    columns = ["data.votes=votes:*"] if votes else []
    columns += [f"data.label={imported.scores[0]}"] if imported.scores else []
    usual = (("group", "artist"), ("tags", "tags"), ("split", "split"))
    columns += [f"data.{key}={name}" for key, name in usual if name in frame.columns]
    grouping = f"labels={imported.grouping}"
    chosen = [column for column in columns if column.startswith(("data.label=", "data.split="))]
    lines.append(f"to check it:    {shlex.join(['emotionart', 'data', 'check', str(out), *chosen, grouping])}")
    lines.append(f"to train on it: {train_command(out, *columns, grouping)}")
    return lines


def _unlabelled_summary(count: int, out: Path) -> list[str]:
    check = shlex.join(["emotionart", "data", "check", str(out)])
    return [
        f"{out}: {count:,} artworks; none has a label, since no picture lies in the folder of a class",
        f"to go on: write labels into its column 'label', and then: {check}",
    ]
