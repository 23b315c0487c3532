"""The page, driven as a user would."""

import csv
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver import Chrome, Keys
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

pytest.importorskip("gradio", reason="the page needs Gradio: pip install 'emotionart[app]'")

import uvicorn

from emotionart.app.page import Page
from emotionart.app.runs import Runs
from emotionart.app.serve import build
from emotionart.app.votes import Votes

Run = tuple[Path, dict]

_PATIENCE = 60  # seconds


@pytest.fixture(scope="module")
def votes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("votes") / "votes.csv"


@pytest.fixture(scope="module")
def address(done_run: Run, votes: Path) -> Iterator[str]:
    page = Page(Runs(done_run[0].parent), (), Votes(votes), ())
    server = uvicorn.Server(uvicorn.Config(build(page, "127.0.0.1"), host="127.0.0.1", port=0, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.1)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = server.force_exit = True  # the browser keeps a connection open
    thread.join()


@pytest.fixture
def reader(browser: Chrome, address: str) -> Chrome:
    browser.get(address)
    WebDriverWait(browser, _PATIENCE).until(lambda page: page.find_elements(By.CSS_SELECTOR, "button[role=tab]"))
    return browser


def wait(reader: Chrome, script: str) -> object:
    """What a script gives as soon as it gives something."""
    return WebDriverWait(reader, _PATIENCE).until(lambda page: page.execute_script(f"return {script}"))


def open_tab(reader: Chrome, name: str) -> None:
    for tab in reader.find_elements(By.CSS_SELECTOR, "button[role=tab]"):
        if tab.text.strip() == name:
            reader.execute_script("arguments[0].click()", tab)
            return
    raise AssertionError(name)


def images(where: str) -> str:
    return f"[...document.querySelectorAll('{where} img')].filter(one => one.naturalWidth > 0).length"


def test_a_picture_is_uploaded_and_read_and_nothing_is_fetched_elsewhere(reader: Chrome, done_run: Run) -> None:
    folder, result = done_run
    image = next(csv.DictReader((folder / "split.csv").open()))["image"]
    wait(reader, "document.querySelector('#upload input[type=file]') !== null")
    reader.find_element(By.CSS_SELECTOR, "#upload input[type=file]").send_keys(image)
    for where in ("#picture", "#map", "#features"):
        wait(reader, f"{images(where)} === 1")
    said = reader.find_element(By.ID, "said").text
    assert any(f"Most likely {name}." in said for name in result["classes"])
    told = reader.find_element(By.ID, "emotions").text
    assert all(name in told for name in result["classes"])
    fetched = "performance.getEntriesByType('resource').filter(one => one.transferSize > 0).map(one => one.name)"
    assert {name.split("/")[2] for name in wait(reader, fetched) if name.startswith("http")} == {  # type: ignore[attr-defined]
        reader.current_url.split("/")[2]
    }


def test_what_is_no_picture_is_told_without_a_path(reader: Chrome, tmp_path: Path) -> None:
    (tmp_path / "bad.png").write_bytes(b"no picture")
    wait(reader, "document.querySelector('#upload input[type=file]') !== null")
    reader.find_element(By.CSS_SELECTOR, "#upload input[type=file]").send_keys(str(tmp_path / "bad.png"))
    wait(reader, "document.body.innerText.includes('This picture cannot be read: not a picture but a text file.')")
    assert str(tmp_path) not in reader.page_source


def test_pictures_are_browsed_by_emotion_on_a_phone(reader: Chrome, done_run: Run) -> None:
    screen = {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True}
    reader.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
    try:
        open_tab(reader, "Browse")
        rows = [row for row in csv.DictReader((done_run[0] / "predictions.csv").open()) if row["part"] == "test"]
        name = rows[0]["predicted"]
        wait(reader, f"document.querySelector('input[type=radio][value=\"{name}\"]') !== null")
        reader.execute_script(f"document.querySelector('input[type=radio][value=\"{name}\"]').click()")
        wait(reader, f"{images('#browsed')} >= {sum(row['predicted'] == name for row in rows)}")
        assert reader.execute_script("return document.documentElement.scrollWidth <= window.innerWidth")
    finally:
        reader.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_pictures_are_labelled_with_the_keys(reader: Chrome, done_run: Run, votes: Path) -> None:
    open_tab(reader, "Label")
    wait(reader, 'document.querySelector(\'input[placeholder^="a name"], textarea[placeholder^="a name"]\') !== null')
    name = reader.find_element(By.CSS_SELECTOR, "[placeholder^='a name']")
    name.send_keys("ana", Keys.ENTER)
    for key in ("1", "2"):
        already = int(key) - 1
        wait(
            reader, f"document.getElementById('told').innerText.startsWith('{already} voted') && {images('#to-label')}"
        )
        reader.execute_script("document.activeElement.blur()")
        reader.find_element(By.TAG_NAME, "body").send_keys(key)
    wait(reader, "document.getElementById('told').innerText.startsWith('2 voted')")
    rows = list(csv.DictReader(votes.open()))
    assert [(row["label"], row["annotator"]) for row in rows] == [(done_run[1]["classes"][n], "ana") for n in (0, 1)]
    assert len({row["image"] for row in rows}) == 2


def test_what_is_missing_is_named_with_the_command_that_makes_it(tmp_path: Path) -> None:
    page = Page(Runs(tmp_path), (), Votes(tmp_path / "votes.csv"), ()).build()
    said = str(page.get_config_file())
    for command in ("python train.py", "model=acgan", "emotionart app --pictures FOLDER", "python sweep.py"):
        assert command in said
