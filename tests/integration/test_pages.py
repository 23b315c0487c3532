"""What the README and the docs show and link to is there."""

import csv
import re

import pytest

from docs import results_table
from tests.conftest import ROOT

PAGES = [ROOT / "README.md", *sorted(ROOT.glob("docs/*.md")), *sorted(ROOT.glob("studies/*.md"))]
TABLES = [(shown.page, name) for name, shown in results_table.TABLES.items()]
BRIEF = [(shown.in_brief, name) for name, shown in results_table.TABLES.items() if shown.in_brief]


def test_links_between_pages_lead_somewhere() -> None:
    checked = 0
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#]+)\)", page.read_text()):
            assert target.startswith("http") or (page.parent / target).exists(), (page.name, target)
            checked += 1
    assert checked >= 10


def test_every_page_that_a_figure_needs_is_there() -> None:
    python = re.findall(r"python (benchmarks/\S+|studies/\S+|docs/\S+)\b", "".join(page.read_text() for page in PAGES))
    assert python
    assert all((ROOT / name).exists() for name in python)


def shown_table(page: str, name: str) -> str:
    begin, end = (f"<!-- {name}: {edge} -->\n" for edge in ("begin", "end"))
    return (ROOT / page).read_text().partition(begin)[2].partition(end)[0]


@pytest.mark.parametrize(("page", "name"), BRIEF)
def test_a_table_without_notes_is_that_of_the_committed_result(page: str, name: str) -> None:
    committed = (ROOT / f"docs/results/{name}.md").read_text()
    rows = [line for line in committed.splitlines() if line.startswith(("|", "`"))]
    assert len(rows) >= 10
    assert [line for line in shown_table(page, name).splitlines() if line] == rows


@pytest.mark.parametrize(("page", "name"), TABLES)
def test_the_table_that_is_shown_is_the_committed_result(page: str, name: str) -> None:
    shown = shown_table(page, name)
    assert shown == (ROOT / f"docs/results/{name}.md").read_text()
    rows = list(csv.DictReader((ROOT / f"docs/results/{name}.csv").open()))
    assert len(rows) >= 10
    for row in (row for row in rows if not row["row"].endswith(", ensemble")):
        starts = (f"| {row['row']} |", f"| {row['row']}* |")
        (line,) = [line for line in shown.splitlines() if line.startswith(starts)]
        assert f"{100 * float(row['acc']):.1f}" in line
        assert (f"| {row['row']}* |" in line) == (row["random_features"] == "true")
