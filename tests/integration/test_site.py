"""The documentation as a site: it builds without a warning, and its made pages say what the code says."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    built = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", folder],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert built.returncode == 0, built.stderr
    return folder


def text(page: Path) -> str:
    return re.sub(r"<[^>]+>", "", page.read_text(encoding="utf-8"))


def test_every_page_of_docs_is_in_it(site: Path) -> None:
    pages = {page.stem for page in (ROOT / "docs").glob("*.md")} | {"configuration", "messages", "run-folder"}
    assert pages <= {page.parent.name for page in site.glob("*/index.html")}
    navigation = (site / "index.html").read_text(encoding="utf-8")
    assert all(f'href="{page}/"' in navigation for page in pages)


def test_nothing_is_fetched_from_elsewhere(site: Path) -> None:
    for page in site.rglob("*.html"):
        tags = re.findall(r"<(?:script|link|img)[^>]+>", page.read_text(encoding="utf-8"))
        assert tags
        assert not [tag for tag in tags if re.search(r'(src|href)="(https?:)?//', tag) and "canonical" not in tag]


def test_the_configuration_has_every_option_and_setting(site: Path) -> None:
    shown = text(site / "configuration" / "index.html")
    for file in (ROOT / "conf").rglob("*.yaml"):
        group = file.parent.relative_to(ROOT / "conf").as_posix()
        if group not in (".", "local") and not file.name.startswith("_"):
            assert f"{group}={file.stem}" in shown
    authors = shown.partition("What it eats")[0].rpartition("model=vgg16_authors")[2]
    assert re.search(r"backbone\.mean\s+\[123\.68, 116\.779, 103\.939\]\s+subtracted from 0\.\.255", authors)


def test_messages_are_those_of_the_code(site: Path) -> None:
    shown = text(site / "messages" / "index.html")
    assert re.search(r"This run is given twice\.\s+each run once", shown)
    assert "⟨source⟩ has no network ⟨name⟩." in shown
