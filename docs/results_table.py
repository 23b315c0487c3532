"""Copies the table of a finished sweep into the pages that show it: `python docs/results_table.py NAME FOLDER`.

NAME is one of `TABLES`. The study's table gets a column with the test accuracies that the study published, for emotions
on other portraits.
"""

import argparse
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

from emotionart.compare.classifiers.ensembles import SUFFIX
from emotionart.compare.comparison import Comparison, read_comparison, write_table
from emotionart.compare.formats import ABSENT, FormattedTable, as_markdown
from emotionart.compare.runs import read_runs

DOCS = Path(__file__).parent
STUDY = {
    "ShallNet-Arch1": "27.6",
    "ShallNet-Arch2": "25.4",
    "VGG16-TL-Arch1": "40.0",
    "VGG16-TL-Arch2": "48.1",
    "VGG16-TL-Arch2 (other hyperparameters)": "57.4",
    "CV-FC": "56.3",
}


@dataclass(frozen=True)
class Shown:
    """A table in the docs.

    Attributes:
        page: where it stands with its notes.
        sweep: the option of the group `sweep`.
        data: in words.
        beside: a column of published values.
        in_brief: a page that shows it without its notes.
    """

    page: str
    sweep: str
    data: str
    beside: dict[str, str] | None = None
    in_brief: str | None = None


TABLES = {
    "cross_validation": Shown("docs/gallery.md", "cross_validation", "the built-in gallery"),
    "study_table": Shown(
        "docs/portraits.md", "study_table", "500 portraits, labelled by century", STUDY, in_brief="README.md"
    ),
    "study_table_all": Shown("docs/portraits.md", "study_table", "all 3,689 portraits", STUDY),
}


def caption(comparison: Comparison, shown: Shown) -> str:
    """The caption: command, data, number of runs, time and devices."""
    done = [run for runs in read_runs(comparison.folder).values() for run in runs if run.result]
    minutes = sum(run.provenance["seconds"] for run in done) / 60
    work = f"{len(done)} runs in {minutes:.0f} minutes ({', '.join(comparison.table.devices)})"
    return f"`python sweep.py sweep={shown.sweep}` on {shown.data}: {work}.\n"


def without_ensembles(table: FormattedTable) -> FormattedTable:
    """The table without the rows of ensembles, whose gains are in its notes."""
    return replace(table, rows=[cells for cells in table.rows if not cells[0].rstrip("*").endswith(SUFFIX)])


def with_study(table: FormattedTable, figures: dict[str, str]) -> FormattedTable:
    """The table with a column of the study's accuracies."""
    place = table.headings.index("test acc.") + 1

    def insert(cells: tuple[str, ...], cell: str) -> tuple[str, ...]:
        return (*cells[:place], cell, *cells[place:])

    rows = [insert(tuple(cells), figures.get(cells[0].rstrip("*"), ABSENT)) for cells in table.rows]
    left = frozenset(column + (column >= place) for column in table.left_aligned)
    return replace(table, headings=insert(tuple(table.headings), "in the study"), rows=rows, left_aligned=left)


def in_brief(table: str) -> str:
    """The table's text without the notes below it."""
    return table.partition("\n- ")[0]


def insert(page: Path, name: str, text: str) -> None:
    """Puts a table between its marks in a page."""
    begin, end = (f"<!-- {name}: {edge} -->\n" for edge in ("begin", "end"))
    before, _, rest = page.read_text().partition(begin)
    page.write_text(before + begin + text + end + rest.partition(end)[2])


def main() -> None:
    """Copies table and figure into the docs, and the table into its pages."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", choices=TABLES)
    parser.add_argument("folder", type=Path, help="of the finished sweep")
    asked = parser.parse_args()
    name, comparison, shown = asked.name, read_comparison(asked.folder), TABLES[asked.name]
    csv, _, _, png = write_table(comparison)
    shutil.copy(csv, DOCS / "results" / f"{name}.csv")
    shutil.copy(png, DOCS / "figures" / f"{name}.png")
    table = without_ensembles(comparison.table)
    table = with_study(table, shown.beside) if shown.beside else table
    text = f"{caption(comparison, shown)}\n{as_markdown(table)}"
    (DOCS / "results" / f"{name}.md").write_text(text)
    insert(DOCS.parent / shown.page, name, text)
    if shown.in_brief:
        insert(DOCS.parent / shown.in_brief, name, in_brief(text))


if __name__ == "__main__":
    main()
