"""The page of a run's units in a real browser."""

from pathlib import Path
from typing import Any

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By

from emotionart.explain.units.concept_report import section
from emotionart.explain.units.concepts import ConceptScore
from emotionart.explain.units.dissection import DETECTS, Detector
from emotionart.explain.units.units import Options, write_units
from emotionart.figures.page import render
from emotionart.files import write_text
from tests.browser.axe import faults

EMPTY = {"run": "a run", "layer": "trunk", "warning": None, "total": 64, "works": 40, "steps": 0, "cards": [],
         "least": DETECTS}  # fmt: skip


def test_a_page_of_units_shows_works_and_losses(
    browser: Chrome, done_run: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    page = write_units(done_run[0], tmp_path / "units", Options(count=3, steps=2))
    browser.get(page.as_uri())
    units = browser.find_elements(By.CSS_SELECTOR, ".unit")
    assert len(units) == 3
    assert "not clearly above chance" in browser.find_element(By.CSS_SELECTOR, ".verdict").text
    for unit in units:
        assert unit.find_element(By.CSS_SELECTOR, ".synthetic figcaption").text.startswith("synthetic")
        assert "mean probability of the true class" in unit.text
        for picture in unit.find_elements(By.TAG_NAME, "img"):
            assert browser.execute_script("return arguments[0].naturalWidth", picture) > 0
    assert faults(browser) == []


@pytest.mark.parametrize("width", [1280, 400])
def test_planted_objects_fit_the_window(browser: Chrome, tmp_path: Path, width: int) -> None:
    objects = [Detector("dagger", 11, 7, 0.12, 0.4, 0.15, 0.01), Detector("skull", 9, 3, 0.02, 0.1, 0.03, 0.02)]
    page = tmp_path / "units.html"
    write_text(
        page,
        render("units.html", **EMPTY, objects=objects, concepts=None),
    )
    browser.set_window_size(width, 900)
    browser.get(page.as_uri())
    rows = browser.find_elements(By.CSS_SELECTOR, "tbody tr")
    assert [row.text.split()[0] for row in rows] == ["dagger", "skull"]
    assert [row.text.split()[-1] for row in rows] == ["yes", "no"]
    assert browser.execute_script("return document.documentElement.scrollWidth <= window.innerWidth")
    assert faults(browser) == []
    browser.set_window_size(1280, 900)


@pytest.mark.parametrize("width", [1280, 400])
def test_concepts_fit_the_window(browser: Chrome, tmp_path: Path, width: int) -> None:
    scores = [
        ConceptScore(concept, 20, name, 30, 1.0, 0.5, 0.45, push, -1.9, 2.0, p_value, 0.9)
        for concept, push, p_value in (("skulls", 4.2, 0.01), ("anything at all", -0.3, 1.0))
        for name in ("positive", "negative")
    ]
    page = tmp_path / "units.html"
    text = render("units.html", **EMPTY, objects=[], concepts=section(scores))
    write_text(page, text)
    browser.set_window_size(width, 900)
    browser.get(page.as_uri())
    lines = [line.text for line in browser.find_elements(By.CSS_SELECTOR, "li")]
    assert "pushes towards positive (+4.2" in lines[0]
    assert lines[1].endswith("not distinguishable from random folders")
    assert len(browser.find_elements(By.CSS_SELECTOR, "tbody tr")) == 4
    picture = browser.find_element(By.CSS_SELECTOR, "figure img")
    assert browser.execute_script("return arguments[0].naturalWidth", picture) > 0
    assert browser.execute_script("return document.documentElement.scrollWidth <= window.innerWidth")
    assert faults(browser) == []
    browser.set_window_size(1280, 900)
