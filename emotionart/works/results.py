"""Search results as a table and as an HTML page."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from emotionart.data.pictures.decode import read_file
from emotionart.data.survey.thumbnails import embedded_thumbnail
from emotionart.data.tables.cells import spreadsheet_cell
from emotionart.figures.page import render
from emotionart.files import relative_names, write_text
from emotionart.run.names import Names
from emotionart.run.predictions import probability_cells
from emotionart.works.collection import Collection
from emotionart.works.search import Hits

TABLE, PAGE = "works.csv", "works.html"
_SIDE = 240  # longer side in pixels of a picture on the page


@dataclass(frozen=True)
class Ranking:
    """What works are sorted by.

    Attributes:
        title: title of the page.
        column: name of the score's column.
        note: sentence that explains the score.
        shown: whether the page shows the score with each work; not where it is a class's probability, which it shows.
    """

    title: str
    column: str
    note: str
    shown: bool = True


def _table(works: Collection, hits: Hits, score: str, spreadsheet: bool) -> pd.DataFrame:
    """A table with a row for each result: rank, image, score, class and the probabilities of all classes.

    Args:
        works: collection that was searched.
        hits: results of the search.
        score: name of the score column.
        spreadsheet: whether names that a spreadsheet would read as formulas get an apostrophe.
    """
    shown = spreadsheet_cell if spreadsheet else str
    chosen = works.probabilities[hits.row]
    table = probability_cells(chosen, works.classes)
    table.insert(0, "rank", np.arange(1, len(hits.row) + 1))
    table.insert(1, "image", [shown(works.image[row]) for row in hits.row])
    table.insert(2, score, [f"{value:.6g}" for value in hits.score])
    table.insert(3, "class", [shown(works.classes[index]) for index in chosen.argmax(axis=1)])
    return table


def write_results(
    folder: Path, works: Collection, hits: Hits, ranking: Ranking, artworks: Names, spreadsheet: bool
) -> None:
    """Writes `works.csv` and `works.html` into a folder.

    Args:
        folder: an existing one.
        works: collection that was searched.
        hits: results of the search.
        ranking: what they are sorted by.
        artworks: titles and artists of known works.
        spreadsheet: whether names that a spreadsheet would read as formulas get an apostrophe.
    """
    table = _table(works, hits, ranking.column, spreadsheet)
    write_text(folder / TABLE, table.to_csv(index=False, lineterminator="\n"))
    names = relative_names([works.image[row] for row in hits.row.tolist()])
    cards = [
        {
            "image": works.image[row],
            "name": artworks.caption(works.image[row], name),
            "picture": embedded_thumbnail(read_file(Path(works.image[row])), _SIDE),
            "score": f"{ranking.column} {value:.2f}" if ranking.shown else "",
            "classes": [
                (works.classes[index], f"{works.probabilities[row, index]:.0%}")
                for index in np.argsort(-works.probabilities[row])[:3]
            ],
        }
        for row, value, name in zip(hits.row.tolist(), hits.score.tolist(), names, strict=True)
    ]
    page = render("works.html", title=ranking.title, note=ranking.note, cards=cards, total=len(works.image))
    write_text(folder / PAGE, page)
