"""Puts the table of a finished sweep into the page that shows it: `python docs/results_table.py FOLDER`.

The folder of `sweep=results_table` goes into the README, that of `sweep=portraits` into docs/portraits.md.
"""

import argparse
import shutil
from pathlib import Path

from emotionart.compare.comparison import Comparison, read_comparison, write_table
from emotionart.compare.formats import as_markdown
from emotionart.compare.runs import read_runs

DOCS = Path(__file__).parent
PAGES = {
    "results_table": (DOCS.parent / "README.md", "the built-in gallery"),
    "portraits": (DOCS / "portraits.md", "the portraits"),
}
BEGIN, END = "<!-- results table: begin -->\n", "<!-- results table: end -->\n"


def caption(comparison: Comparison, sweep: str) -> str:
    """The command, and what it took."""
    done = [member for members in read_runs(comparison.folder).values() for member in members if member.result]
    minutes = sum(member.provenance["seconds"] for member in done) / 60
    devices, data = ", ".join(comparison.sheet.devices), PAGES[sweep][1]
    return f"`python sweep.py sweep={sweep}` on {data}: {len(done)} runs in {minutes:.0f} minutes ({devices}).\n"


def main() -> None:
    """Copies table and figure into the docs, and the table into its page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help=f"named {' or '.join(PAGES)}")
    folder = parser.parse_args().folder
    if folder.name not in PAGES:
        parser.error(f"no page shows a table of {folder.name!r}, but of {' and '.join(PAGES)}")
    comparison, page = read_comparison(folder), PAGES[folder.name][0]
    csv, _, _, png = write_table(comparison)
    shutil.copy(csv, DOCS / "results" / f"{folder.name}.csv")
    shutil.copy(png, DOCS / "figures" / f"{folder.name}.png")
    text = f"{caption(comparison, folder.name)}\n{as_markdown(comparison.sheet)}"
    (DOCS / "results" / f"{folder.name}.md").write_text(text)
    before, _, rest = page.read_text().partition(BEGIN)
    page.write_text(before + BEGIN + text + END + rest.partition(END)[2])


if __name__ == "__main__":
    main()
