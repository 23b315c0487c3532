"""The pages of runs, of GANs side by side, and of found works in a real browser."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from selenium.webdriver import Chrome

from emotionart.cli.main import main
from emotionart.run.names import Names
from emotionart.works.collection import Collection
from emotionart.works.results import PAGE, Ranking, write_results
from emotionart.works.search import Hits
from tests.browser.axe import faults
from tests.conftest import TINY_PIXELS, carry_out

GAN = ("model=gan", "generator.width=8", "discriminator.width=8", "model.images=32", "model.report_every=16")


@pytest.fixture(params=[390, 1280])
def sized(browser: Chrome, request: pytest.FixtureRequest) -> Iterator[Chrome]:
    """The browser on a phone, and on a desk."""
    browser.set_window_size(request.param, 900)
    yield browser
    browser.set_window_size(1280, 900)


@pytest.fixture(scope="module")
def gan(cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("gans") / "gan"
    carry_out(folder, cache, [*TINY_PIXELS, "logger=csv", *GAN, "figures=now"])
    return folder


def require_whole_and_usable(browser: Chrome, page: Path) -> None:
    browser.get(page.as_uri())
    assert faults(browser) == []
    pictures = browser.execute_script("return [...document.images].map(image => image.naturalWidth)")
    assert pictures
    assert all(pictures)
    overflow = "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert browser.execute_script(overflow) <= 0
    assert browser.get_log("browser") == []


def test_a_runs_page_is_whole_and_usable_by_all(sized: Chrome, done_run: tuple[Path, dict[str, Any]]) -> None:
    require_whole_and_usable(sized, done_run[0] / "report.html")
    assert f"{done_run[1]['test']['acc']['value']:.1%}" in sized.page_source


def test_so_is_that_of_a_gan(sized: Chrome, gan: Path) -> None:
    require_whole_and_usable(sized, gan / "report.html")
    assert "deconv against cnn: 32 images seen" in sized.page_source


def test_so_are_gans_side_by_side(sized: Chrome, gan: Path, tmp_path: Path) -> None:
    other = shutil.copytree(gan, tmp_path / "another one")
    assert main(["compare", str(gan), str(other), "--out", str(tmp_path / "both")]) == 0
    require_whole_and_usable(sized, tmp_path / "both/report.html")


def test_so_are_found_works_whatever_their_names(sized: Chrome, tmp_path: Path) -> None:
    paths = [tmp_path / f"{'a-very-long-name-' * 8}{number}.png" for number in range(2)]
    for path in paths:
        Image.fromarray(np.random.default_rng(0).integers(0, 256, (40, 60, 3), dtype=np.uint8)).save(path)
    image, shares = tuple(map(str, paths)), np.array([[0.9, 0.1], [0.2, 0.8]])
    works = Collection(image, np.array(["0", "1"], dtype=object), np.empty((2, 0), np.float32), shares, ("a", "b"), {})
    known = Names({str(paths[1].resolve()): ("<i>Ann</i>", "Dusk & dawn")})
    hits = Hits(np.array([1, 0]), np.array([0.8, 0.1]))
    write_results(tmp_path, works, hits, Ranking("Most b", "share", "Sorted by share."), known, spreadsheet=True)
    require_whole_and_usable(sized, tmp_path / PAGE)
    shown = sized.find_element("css selector", "figcaption").text
    assert f"Dusk & dawn, <i>Ann</i>, {paths[1].name}" in shown
