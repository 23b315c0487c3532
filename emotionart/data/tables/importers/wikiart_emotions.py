"""WikiArt Emotions (Mohammad and Kiritchenko 2018): a TSV row per artwork, three blocks of emotion columns."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from emotionart.data.tables.cells import read_cells
from emotionart.data.tables.formats.delimited import Format
from emotionart.data.tables.importers.imported import Imported, find_column, pictures_beside, report_lines, votes_of
from emotionart.errors import UserError, suggest

if TYPE_CHECKING:
    import pandas as pd

Block = Literal["ImageOnly", "TitleOnly", "Art"]

_EMOTION = re.compile(r"(?P<block>[^:(]+?)\s*(?:\(.*\))?\s*:\s*(?P<label>.+)")


def read_wikiart_emotions(source: Path, pictures: Path | None, block: Block) -> Imported:
    """The artworks of one of the data set's files.

    Columns are found by name, since an older layout has three more. The file `-All` holds the share of annotators who
    named each emotion; `-Ag3` to `-Ag5` hold 1 for each emotion that enough of them named, so a row may hold none or
    several. Both become votes unchanged. Quotes have no meaning in this layout except around a whole field.

    Args:
        source: the file of annotations.
        pictures: folder of pictures `<ID>.jpg`; None for the file's own folder.
        block: what annotators saw: the picture alone, the title alone, or both.

    Raises:
        UserError: for a missing column, or if no line is complete.
    """
    frame = read_cells(source, Format(quote=None, padded=False, separator="\t")).map(_unquoted)
    frame.columns = frame.columns.map(_unquoted)
    named, style = find_column(frame, "ID", source), find_column(frame, "Style", source)
    artist, title = find_column(frame, "Artist", source), find_column(frame, "Title", source)
    emotions = {
        match["label"].casefold(): column
        for column in frame.columns
        if (match := _EMOTION.fullmatch(column)) and match["block"].casefold() == block.casefold()
    }
    if not emotions:
        raise UserError(
            f"The table has no column '{block}: EMOTION'.",
            where=str(source),
            suggestions=suggest(f"{block}: happiness", frame.columns) or list(frame.columns[:5]),
        )
    nameless = frame[named] == ""
    report_lines(frame.index[nameless].tolist(), "have no ID and are left out", source)
    frame = frame[~nameless]
    votes, whole = votes_of(frame, emotions, source)
    artworks = frame[[]].copy()
    artworks["image"] = frame[named] + ".jpg"
    artworks["title"] = frame[title].map(html.unescape)
    artworks["artist"] = frame[artist].map(html.unescape)
    for column in ("Year", "Is painting"):
        artworks[column.casefold().replace(" ", "_")] = frame[find_column(frame, column, source)]
    tags = [style, find_column(frame, "Category", source), find_column(frame, "Face/body", source)]
    artworks["tags"] = tags_of(frame[tags])
    return Imported(artworks.join(votes)[whole], pictures_beside(source, pictures), "wikiart_emotions")


def tags_of(cells: pd.DataFrame) -> pd.Series[str]:
    """The tags in each row's cells, which may hold several separated by commas, as one text per row."""
    tags: pd.Series[str] = cells.map(html.unescape).apply(_joined, axis=1)
    return tags


def _unquoted(cell: str) -> str:
    if len(cell) > 1 and cell[0] == cell[-1] == '"':
        return cell[1:-1].replace('""', '"').strip()
    return cell


def _joined(cells: Iterable[str]) -> str:
    named = [tag.strip() for cell in cells for tag in cell.replace(";", ",").split(",")]
    return ";".join(dict.fromkeys(tag for tag in named if tag.casefold() not in ("", "no", "none")))
