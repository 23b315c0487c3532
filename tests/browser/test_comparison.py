"""The page of a sweep in a real browser."""

from pathlib import Path

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from tests.browser.axe import faults
from tests.sweeps.conftest import arguments


@pytest.fixture(scope="module")
def page(cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    from emotionart.cli.sweep import main

    folder = tmp_path_factory.mktemp("page")
    assert main(arguments(cache, folder, "logger=none", sweep="test_odd")) == 1
    return folder / "test_odd/report.html"


def column(browser: Chrome, number: int) -> list[str]:
    return [cell.text for cell in browser.find_elements(By.CSS_SELECTOR, f"#comparison tbody td:nth-child({number})")]


def test_the_table_can_be_sorted_by_mouse_and_keyboard(browser: Chrome, page: Path) -> None:
    browser.get(page.as_uri())
    heading = browser.find_element(By.XPATH, "//th[contains(., 'test acc.')]/button")
    heading.click()
    accuracies = column(browser, 4)
    numbers = [float(text.split()[0]) for text in accuracies if text != "missing"]
    assert numbers == sorted(numbers)
    assert accuracies[-3:] == ["missing"] * 3
    heading.send_keys(Keys.ENTER)
    assert [float(text.split()[0]) for text in column(browser, 4) if text != "missing"] == numbers[::-1]


def test_failures_are_told_and_every_link_and_picture_is_there(browser: Chrome, page: Path) -> None:
    browser.get(page.as_uri())
    assert "failed, this network is broken" in browser.find_element(By.TAG_NAME, "body").text
    for link in browser.find_elements(By.CSS_SELECTOR, ".models a"):
        assert Path(link.get_attribute("href").removeprefix("file://")).is_dir()
    widths = browser.execute_script("return [...document.images].map(image => image.naturalWidth)")
    assert len(widths) == 2
    assert all(widths)
    assert browser.get_log("browser") == []
    assert faults(browser) == []


def test_a_narrow_window_scrolls_the_table_and_not_the_page(browser: Chrome, page: Path) -> None:
    browser.set_window_size(500, 900)
    browser.get(page.as_uri())
    assert browser.execute_script("return document.documentElement.scrollWidth <= window.innerWidth")
    browser.set_window_size(1280, 900)
