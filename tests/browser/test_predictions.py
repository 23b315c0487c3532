"""The page of predictions in a real browser."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select

from emotionart.figures.page import embedded_picture
from emotionart.predict.page import write_page
from emotionart.predict.prediction import Prediction
from emotionart.predict.tables import Columns
from emotionart.run.folder import RunFolder
from tests.browser.axe import faults

CLASSES = ("joy", "fear", "</script><b>awe")
COUNT = 1000


@pytest.fixture(scope="module")
def predictions() -> list[Prediction]:
    generator = np.random.default_rng(0)
    shares = generator.dirichlet([0.5] * 3, COUNT)
    colours = generator.integers(0, 256, (COUNT, 1, 1, 3), dtype=np.uint8)
    return [
        Prediction(f"art/{row}.jpg", "", tuple(share), row / COUNT, embedded_picture(np.tile(colour, (40, 60, 1))))
        for row, (share, colour) in enumerate(zip(shares.tolist(), colours, strict=True))
    ]


@pytest.fixture
def page(browser: Chrome, predictions: list[Prediction], tmp_path: Path) -> Chrome:
    file = tmp_path / "page.html"
    write_page(
        file,
        [*predictions, Prediction("bad.jpg", "truncated")],
        Columns(CLASSES, True, 0.3),
        [RunFolder(Path(name)) for name in ("a", "<i>b")],
        noun="emotion",
        level=0.9,
    )
    browser.set_window_size(1280, 900)
    browser.get_log("browser")
    browser.get(file.as_uri())
    return browser


def names(page: Chrome) -> list[str]:
    return [item.text for item in page.find_elements(By.CSS_SELECTOR, ".picture .name")]


def choose(page: Chrome, name: str, value: str) -> None:
    Select(page.find_element(By.NAME, name)).select_by_value(value)


def shown(page: Chrome) -> str:
    return page.find_element(By.ID, "shown").text


def test_pictures_are_sorted_and_filtered_by_class(page: Chrome, predictions: list[Prediction]) -> None:
    shares = np.array([prediction.probabilities for prediction in predictions]).round(6)
    assert shown(page) == "1000 of 1000 pictures"
    choose(page, "class", "1")
    fear = np.flatnonzero(shares.argmax(axis=1) == 1)
    assert shown(page) == f"{len(fear)} of 1000 pictures"
    first = [int(name.partition(".")[0]) for name in names(page)]
    np.testing.assert_array_equal(shares[first, 1], np.sort(shares[fear, 1])[::-1][: len(first)])
    choose(page, "which", "set")
    members = (shares[:, 1] >= 0.3) | (shares.argmax(axis=1) == 1)
    assert shown(page) == f"{members.sum()} of 1000 pictures"
    choose(page, "which", "all")
    choose(page, "order", "spread")
    assert names(page)[0] == "999.jpg"
    low = page.find_element(By.NAME, "low")
    low.clear()
    low.send_keys("90")
    assert shown(page) == f"{(shares[:, 1] >= 0.9).sum()} of 1000 pictures"
    assert page.get_log("browser") == []


def test_only_pictures_near_the_window_are_in_the_document(page: Chrome) -> None:
    choose(page, "order", "name")
    assert len(names(page)) < 100
    page.execute_script("window.scrollTo(0, document.body.scrollHeight)")
    page.execute_async_script("requestAnimationFrame(() => requestAnimationFrame(arguments[0]))")
    assert "999.jpg" in names(page)
    images = page.find_elements(By.CSS_SELECTOR, ".picture img")
    assert all(page.execute_script("return arguments[0].naturalWidth", image) == 60 for image in images)


def test_no_name_is_markup_and_a_phone_scrolls_in_one_direction(page: Chrome) -> None:
    assert "</script><b>awe" in page.find_element(By.CSS_SELECTOR, "select[name=class]").text
    assert "<i>b" in page.find_element(By.TAG_NAME, "main").text
    page.set_window_size(500, 900)
    assert page.execute_script("return document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.parametrize("width", [1280, 500])
def test_title_artist_and_file_are_read_without_a_tooltip(
    browser: Chrome, predictions: list[Prediction], tmp_path: Path, width: int
) -> None:
    one = replace(predictions[0], image=f"{tmp_path}/starry-night.jpg")
    row = f"1,{one.image},Vincent van Gogh,joy,test,1,The Starry Night"
    (tmp_path / "split.csv").write_text(f"id,image,group,class,part,unit,title\n{row}\n")
    write_page(tmp_path / "page.html", [one], Columns(CLASSES, True, 0.3), [RunFolder(tmp_path)], noun="emotion")
    browser.set_window_size(width, 900)
    browser.get((tmp_path / "page.html").as_uri())
    assert names(browser) == ["The Starry Night, Vincent van Gogh, starry-night.jpg"]
    for part in (".picture .name", ".picture"):
        assert browser.execute_script(
            f"const part = document.querySelector('{part}');"
            "return part.scrollHeight <= part.clientHeight && part.scrollWidth <= part.clientWidth"
        ), f"{part} is cut"


def test_the_page_is_whole(page: Chrome) -> None:
    content = json.loads(page.execute_script("return document.getElementById('content').textContent"))
    assert len(content["pictures"]) == COUNT, "without the one that cannot be read"
    assert content["classes"] == list(CLASSES)
    words = page.find_element(By.TAG_NAME, "main").text
    assert "1,000 pictures by emotion" in words
    assert "the mean of 2 runs: a, <i>b" in words
    assert "on average, 90 % of such sets hold the true emotion" in words
    assert faults(page) == []
