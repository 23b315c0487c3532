"""The raw annotations of WikiArt Emotions (Mohammad and Kiritchenko 2018): one line per annotator's answers."""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import TYPE_CHECKING

from emotionart.data.tables.cells import read_cells
from emotionart.data.tables.formats.delimited import Format
from emotionart.data.tables.importers.imported import VOTES, Imported, find_column, pictures_beside
from emotionart.data.tables.importers.wikiart_emotions import Block, tags_of
from emotionart.errors import UserError

if TYPE_CHECKING:
    import pandas as pd

_INFO = "WikiArt-info.tsv"
_NEUTRAL = ("n", "neutral")


def read_wikiart_annotations(source: Path, pictures: Path | None, block: Block) -> Imported:
    """The artworks of `WikiArt-annotations.csv`, each with the number of people who named each emotion.

    A line holds one person's answers for five pictures alone, five titles alone, and five of both. A person may name
    several emotions, separated by line ends; each is a vote. The field for other emotions counts only if it says
    "neutral" or "n". Artists, titles and tags come from `WikiArt-info.tsv`, if it is in the same folder.

    Args:
        source: the file of annotations.
        pictures: folder of pictures `<ID>.jpg`; None for the file's own folder.
        block: which answers to read: to the picture alone, the title alone, or both.

    Raises:
        UserError: if there are no columns of IDs and emotions for the block.
    """
    import pandas as pd

    frame = read_cells(source, Format(padded=True, separator=","))
    works = _works(list(frame.columns), block)
    if not works:
        raise UserError(
            f"No columns of an ID and its emotions are called {block}.",
            where=str(source),
            suggestions=list(frame.columns[1:4]),
        )
    answers: list[tuple[str, str]] = []
    for columns in works:
        for number, named, other in frame[list(columns)].itertuples(index=False):
            answers += [(number, emotion) for emotion in _emotions(named, other) if number]
    if not answers:
        raise UserError("No line of this table holds an answer.", where=str(source))
    said_of = pd.DataFrame(answers, columns=["id", "emotion"])
    votes = pd.crosstab(said_of["id"], said_of["emotion"]).add_prefix(VOTES)
    artworks = pd.DataFrame({"image": votes.index + ".jpg"}, index=votes.index)
    info = source.with_name(_INFO)
    if info.is_file():
        artworks = artworks.join(_about(info))
    return Imported(artworks.fillna("").join(votes), pictures_beside(source, pictures), "wikiart_emotions")


def _works(columns: list[str], block: Block) -> list[tuple[str, str, str]]:
    """The columns of ID, emotions and other emotions of each work of a block, in the order of the file."""
    pattern = re.compile(rf"\b{block}(?![a-z])", re.IGNORECASE)
    ours = [column for column in columns if pattern.search(column.replace("_", " "))]
    others = [column for column in ours if "other" in column.casefold()]
    emotions = [column for column in ours if "emotion" in column.casefold() and column not in others]
    works = [
        column for column in ours if re.search(r"\bid\b", column.replace("_", " ").replace(".", " "), re.IGNORECASE)
    ]
    return list(zip(works, emotions, others, strict=False)) if len(works) == len(emotions) == len(others) else []


def _emotions(named: str, other: str) -> list[str]:
    """The emotions of an answer; from the field for other emotions, only "neutral"."""
    chosen = dict.fromkeys(emotion.strip().casefold() for emotion in re.split(r"[\r\n;,]+", named))
    emotions = [emotion for emotion in chosen if emotion and not emotion.startswith("other")]
    return [*emotions, "neutral"] if other.strip().casefold() in _NEUTRAL and "neutral" not in emotions else emotions


def _about(path: Path) -> pd.DataFrame:
    """Artist, title, year and tags of each work, by its ID."""
    frame = read_cells(path, Format(quote=None, padded=False, separator="\t"))
    columns = {name: find_column(frame, name, path) for name in ("ID", "Artist", "Title", "Year", "Style", "Category")}
    works = frame[[]].assign(
        title=frame[columns["Title"]].map(html.unescape),
        artist=frame[columns["Artist"]].map(html.unescape),
        year=frame[columns["Year"]],
        tags=tags_of(frame[[columns["Style"], columns["Category"]]]),
    )
    return works.set_axis(frame[columns["ID"]])[~frame[columns["ID"]].duplicated().to_numpy()]
