"""The gallery of an explanation in a real browser."""

from pathlib import Path

import numpy as np
import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import Select, WebDriverWait

from emotionart.config.compose import compose
from emotionart.explain.explain import Options, explain
from emotionart.pipeline import run
from tests.browser.axe import faults
from tests.conftest import TINY_PIXELS


@pytest.fixture(scope="module")
def folder(cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    asked = [
        *TINY_PIXELS, "model.network.pool=true", "data.global_cues=0.5", "data.local_cues=0.5", "logger=none",
        f"cache={cache}",
    ]  # fmt: skip
    composed = compose(asked)
    path = tmp_path_factory.mktemp("explained")
    run(composed, path)
    return explain(path, Options(count=16, faithfulness=8, steps=4))


@pytest.fixture
def page(browser: Chrome, folder: Path) -> Chrome:
    browser.set_window_size(1280, 900)
    browser.get((folder / "gallery.html").as_uri())
    return browser


def visible(page: Chrome) -> list[WebElement]:
    return [artwork for artwork in page.find_elements(By.CSS_SELECTOR, ".artworks .artwork") if artwork.is_displayed()]


def facts(artworks: list[WebElement], name: str) -> set[str]:
    return {str(artwork.get_attribute(f"data-{name}")) for artwork in artworks}


def choose(page: Chrome, name: str, value: str) -> None:
    Select(page.find_element(By.NAME, name)).select_by_value(value)


@pytest.mark.parametrize("name", ["true", "predicted", "verdict", "cue"])
def test_each_filter_leaves_what_it_names(page: Chrome, name: str) -> None:
    everything = visible(page)
    assert len(everything) == 16
    for value in facts(everything, name):
        expected = sum(artwork.get_attribute(f"data-{name}") == value for artwork in everything)
        choose(page, name, value)
        shown = visible(page)
        assert facts(shown, name) == {value}
        assert len(shown) == expected
        assert page.find_element(By.ID, "shown").text == f"{expected} of 16 artworks"
    page.find_element(By.CSS_SELECTOR, "#filters button").click()
    WebDriverWait(page, 10).until(lambda page: len(visible(page)) == 16)


def test_filters_work_together_and_confidence_has_two_ends(page: Chrome) -> None:
    confidence = [float(artwork.get_attribute("data-confidence") or 0) for artwork in visible(page)]
    middle = round(100 * float(np.median(confidence)))
    field = page.find_element(By.NAME, "low")
    field.clear()
    field.send_keys(str(middle))
    assert len(visible(page)) == sum(value >= middle / 100 for value in confidence)
    field.clear()
    field.send_keys("0")
    high = page.find_element(By.NAME, "high")
    high.clear()
    high.send_keys(str(middle))
    choose(page, "verdict", "wrong")
    shown = visible(page)
    assert facts(shown, "verdict") <= {"wrong"}
    assert all(float(artwork.get_attribute("data-confidence") or 1) <= middle / 100 for artwork in shown)


def test_an_artwork_opens_and_the_next_one_follows_by_keyboard(page: Chrome) -> None:
    first, second = visible(page)[:2]
    page.execute_script("arguments[0].focus()", first)
    page.switch_to.active_element.send_keys(Keys.ARROW_RIGHT)
    assert page.switch_to.active_element == second
    page.switch_to.active_element.send_keys(Keys.ARROW_LEFT, Keys.ENTER)
    large = page.find_element(By.ID, "large")
    assert large.is_displayed()
    label = large.find_element(By.CSS_SELECTOR, ".artwork").get_attribute("aria-label")
    assert label == first.get_attribute("aria-label")
    page.switch_to.active_element.send_keys(Keys.ARROW_RIGHT)
    label = large.find_element(By.CSS_SELECTOR, ".artwork").get_attribute("aria-label")
    assert label == second.get_attribute("aria-label")
    page.switch_to.active_element.send_keys(Keys.ESCAPE)
    assert not large.is_displayed()
    assert page.switch_to.active_element == second


def test_all_pictures_are_inside_and_nothing_complains(page: Chrome) -> None:
    assert faults(page) == []
    widths = page.execute_script(
        "return [...document.images].map(image => [image.naturalWidth, image.src.slice(0, 5)])"
    )
    assert len(widths) == 3 * 16 + 3, "three views of each artwork, and the figures of reliability, cues and classes"
    assert all(width and source == "data:" for width, source in widths)
    verdict = page.find_element(By.CSS_SELECTOR, ".verdict").text
    assert verdict.startswith("This network is not clearly above chance")
    assert len(page.find_elements(By.CSS_SELECTOR, "#ablation tbody tr")) == 8
    assert page.get_log("browser") == []


@pytest.mark.parametrize("width", [360, 700, 1280, 1920])
def test_the_page_fits_narrow_and_wide_windows(page: Chrome, width: int) -> None:
    page.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False},
    )
    try:
        assert page.execute_script("return document.documentElement.scrollWidth") <= width
        for name in ("rivals", "regularisers"):
            text = page.find_element(By.ID, name).rect
            assert text["x"] + text["width"] <= width, "what stands above a table is read without scrolling"
        box = page.find_element(By.CSS_SELECTOR, "[aria-labelledby=rivals]")
        scrolls = page.execute_script("return arguments[0].scrollWidth > arguments[0].clientWidth", box)
        assert scrolls or width > 900
        tops = {artwork.location["y"] for artwork in visible(page)}
        assert (len(tops) < 16) == (width > 900)
    finally:
        page.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
