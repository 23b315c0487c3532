"""The report on a data set, as a reader sees it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By

from emotionart.cli.main import main
from tests.browser.axe import faults
from tests.cli.data.test_report import write


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    table = write(tmp_path_factory.mktemp("art"))
    table.write_text(table.read_text().replace(",artist 1\n", ",Circle of Rembrandt Harmenszoon van Rijn\n"))
    out = table.parent / "page.html"
    assert main(["data", "report", str(table), f"cache={table.parent / 'cache'}", "--out", str(out)]) == 0
    return Path(out).as_uri()


@pytest.fixture(params=[(1280, "light"), (390, "dark")], ids=["wide", "narrow and dark"])
def reader(browser: Chrome, address: str, request: pytest.FixtureRequest) -> Iterator[Chrome]:
    width, scheme = request.param
    screen = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
    media = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
    browser.get_log("browser")
    browser.get(address)
    yield browser
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def test_everything_is_there_and_nothing_overflows(reader: Chrome) -> None:
    assert faults(reader) == []
    width = "return document.documentElement.scrollWidth <= window.innerWidth"
    assert reader.execute_script(width)
    broken = "return [...document.images].filter(one => !one.complete || one.naturalWidth === 0).length"
    assert reader.execute_script(broken) == 0
    assert len(reader.find_elements(By.CSS_SELECTOR, "#sheets img")) > 40
    links = reader.find_elements(By.CSS_SELECTOR, "nav a")
    assert links
    for link in links:
        assert reader.find_element(By.ID, link.get_attribute("href").partition("#")[2])
    assert not [entry for entry in reader.get_log("browser") if entry["level"] == "SEVERE"]


def test_long_names_leave_the_numbers_in_sight_and_ticks_are_legible(reader: Chrome) -> None:
    right = "return document.querySelector('#artists td.number').getBoundingClientRect().right <= window.innerWidth"
    assert reader.execute_script(right)
    tick = "return parseFloat(getComputedStyle(document.querySelector('.histogram small')).fontSize)"
    assert reader.execute_script(tick) >= 12


def test_tables_are_sorted_by_their_headings(reader: Chrome) -> None:
    heading = reader.find_element(By.CSS_SELECTOR, "#artists th:nth-child(2) button")
    reader.execute_script("arguments[0].scrollIntoView(); arguments[0].click()", heading)
    works = [cell.text for cell in reader.find_elements(By.CSS_SELECTOR, "#artists tbody td:nth-child(2)")]
    assert works == sorted(works)
    classes = reader.find_element(By.CSS_SELECTOR, "#classes th:nth-child(1) button")
    reader.execute_script("arguments[0].click(); arguments[0].click()", classes)
    names = [cell.text for cell in reader.find_elements(By.CSS_SELECTOR, "#classes tbody th")]
    assert names == ["love", "joy", "fear"]
