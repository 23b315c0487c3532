"""The page of a run in a real browser."""

from pathlib import Path
from typing import Any

import pytest
from selenium.webdriver import Chrome

from tests.browser.axe import faults


@pytest.mark.parametrize("width", [390, 1280])
def test_a_runs_page_is_whole_and_usable_by_all(
    browser: Chrome, done_run: tuple[Path, dict[str, Any]], width: int
) -> None:
    browser.set_window_size(width, 900)
    browser.get((done_run[0] / "report.html").as_uri())
    assert f"{done_run[1]['test']['acc']['value']:.1%}" in browser.page_source
    assert faults(browser) == []
    assert all(browser.execute_script("return [...document.images].map(image => image.naturalWidth)"))
    overflow = "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert browser.execute_script(overflow) <= 0
    assert browser.get_log("browser") == []
    browser.set_window_size(1280, 900)
