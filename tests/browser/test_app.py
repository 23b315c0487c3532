"""The page, driven as a user would."""

import csv
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from selenium.webdriver import Chrome, Keys
from selenium.webdriver.common.by import By

pytest.importorskip("gradio", reason="the page needs Gradio: pip install 'emotionart[app]'")

from emotionart.app.components import MOST_BYTES
from emotionart.app.page import Page
from emotionart.app.runs import Runs
from emotionart.app.votes import Votes
from emotionart.config.compose import compose
from emotionart.data.pictures.decode import load_picture
from emotionart.features.colour import LANDMARKS, landmark
from emotionart.files import read_json
from emotionart.pipeline import run
from emotionart.recolour.transfer import recolour
from tests.browser.app_user import (
    assert_fits,
    images,
    listens,
    open_tab,
    pixels,
    served,
    unused_port,
    upload,
    visit,
    wait,
)
from tests.conftest import TINY
from tests.integration.test_gan import TINY as TINY_GAN
from tests.processes import Command

_NETWORK = ("model=transfer", "model.backbone.name=squeezenet1_0", "model.backbone.weights=random")


def carry_out(folder: Path, cache: Path, *overrides: str) -> None:
    folder.mkdir(parents=True)
    asked = [*overrides, "logger=none", f"cache={cache}"]
    composed = compose(asked)
    run(composed, folder)


@pytest.fixture(scope="module")
def folder(cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of a run of a network that has features."""
    made = tmp_path_factory.mktemp("outputs") / "transfer"
    carry_out(made, cache, *TINY, *_NETWORK, "model.backbone.size=64")
    return made


@pytest.fixture(scope="module")
def classes(folder: Path) -> list[str]:
    return list(read_json(folder / "result.json")["classes"])


@pytest.fixture(scope="module")
def votes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("votes") / "votes.csv"


@pytest.fixture(scope="module")
def address(folder: Path, votes: Path, cache: Path) -> Iterator[str]:
    with served(Page(Runs(folder.parent), (), Votes(votes), (), cache)) as address:
        yield address


@pytest.fixture
def reader(browser: Chrome, address: str) -> Chrome:
    visit(browser, address)
    return browser


@pytest.fixture
def phone(reader: Chrome) -> Iterator[Chrome]:
    """The page on a screen of 390 x 844."""
    screen = {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True}
    reader.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
    yield reader
    reader.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_a_picture_is_uploaded_and_read_and_nothing_is_fetched_elsewhere(
    reader: Chrome, folder: Path, classes: list[str]
) -> None:
    image = next(csv.DictReader((folder / "split.csv").open()))["image"]
    upload(reader, "read", image)
    for where in ("#picture", "#map", "#features"):
        wait(reader, f"{images(where)} === 1")
    said = reader.find_element(By.ID, "said").text
    assert any(f"Most likely {name}." in said for name in classes)
    told = reader.find_element(By.ID, "classes").text
    assert all(name in told for name in classes)
    fetched = "performance.getEntriesByType('resource').filter(one => one.transferSize > 0).map(one => one.name)"
    assert {name.split("/")[2] for name in wait(reader, fetched) if name.startswith("http")} == {  # type: ignore[attr-defined]
        reader.current_url.split("/")[2]
    }


def test_what_is_no_picture_is_told_without_a_path(reader: Chrome, tmp_path: Path) -> None:
    (tmp_path / "bad.png").write_bytes(b"no picture")
    upload(reader, "read", tmp_path / "bad.png")
    wait(reader, "document.body.innerText.includes('This picture cannot be read: not a picture but a text file.')")
    assert str(tmp_path) not in reader.page_source


def test_pictures_are_browsed_by_class_and_by_likeness_on_a_phone(phone: Chrome, folder: Path) -> None:
    open_tab(phone, "Browse")
    rows = [row for row in csv.DictReader((folder / "predictions.csv").open()) if row["part"] == "test"]
    name = rows[0]["predicted"]
    wait(phone, f"document.querySelector('#class input[value=\"{name}\"]') !== null")
    phone.execute_script(f"document.querySelector('#class input[value=\"{name}\"]').click()")
    count = sum(row["predicted"] == name for row in rows)
    wait(phone, f"{images('#browsed')} === {min(count, 60)}")
    assert f"{count} of {len(rows)} pictures" in phone.find_element(By.ID, "browsing").text
    assert_fits(phone, "browsed")
    phone.execute_script("document.querySelector('#browsed .thumbnail-item').click()")
    wait(phone, f"{images('#similar')} === 12")
    captions = [
        one.get_attribute("textContent") for one in phone.find_elements(By.CSS_SELECTOR, "#similar .caption-label")
    ]
    cosines = [float(caption.split()[0]) for caption in captions]
    assert cosines == sorted(cosines, reverse=True)
    assert len(cosines) == 12
    assert_fits(phone, "similar")


def test_a_picture_is_recoloured_and_read_before_and_after_on_a_phone(
    phone: Chrome, folder: Path, classes: list[str]
) -> None:
    open_tab(phone, "Recolour")
    image = Path(next(csv.DictReader((folder / "split.csv").open()))["image"])
    upload(phone, "recolour", image)
    picture = load_picture(image)
    wait(phone, f"{images('#strip')} === 8")
    np.testing.assert_array_equal(pixels(phone, "#before"), picture)
    np.testing.assert_array_equal(pixels(phone, "#after"), recolour(picture, landmark("calm")))
    for name, words in (("features-read", ["brightness", "palette_violet"]), ("classes-read", classes)):
        table = phone.find_element(By.ID, name).text
        assert all(word in table for word in words)
    assert_fits(phone, "strip")
    earlier = phone.find_element(By.CSS_SELECTOR, "#after img").get_attribute("src")
    place = list(LANDMARKS).index("angry")
    phone.execute_script("document.querySelectorAll('#strip .thumbnail-item')[arguments[0]].click()", place)
    wait(phone, f"document.querySelector('#after img').src !== '{earlier}' && {images('#after')} === 1")
    assert phone.find_element(By.CSS_SELECTOR, "#palette input[value=angry]").is_selected()
    np.testing.assert_array_equal(pixels(phone, "#after"), recolour(picture, landmark("angry")))


def test_pictures_are_labelled_with_the_keys(reader: Chrome, classes: list[str], votes: Path) -> None:
    open_tab(reader, "Label")
    wait(reader, 'document.querySelector(\'input[placeholder^="a name"], textarea[placeholder^="a name"]\') !== null')
    name = reader.find_element(By.CSS_SELECTOR, "[placeholder^='a name']")
    name.send_keys("ana", Keys.ENTER)
    for key in ("1", "2"):
        already = int(key) - 1
        wait(
            reader,
            f"document.getElementById('progress').innerText.startsWith('{already} voted') && {images('#to-label')}",
        )
        reader.execute_script("document.activeElement.blur()")
        reader.find_element(By.TAG_NAME, "body").send_keys(key)
    wait(reader, "document.getElementById('progress').innerText.startsWith('2 voted')")
    rows = list(csv.DictReader(votes.open()))
    assert [(row["label"], row["annotator"]) for row in rows] == [(classes[n], "ana") for n in (0, 1)]
    assert len({row["image"] for row in rows}) == 2


def test_what_is_missing_is_named_with_the_command_that_makes_it(tmp_path: Path) -> None:
    page = Page(Runs(tmp_path), (), Votes(tmp_path / "votes.csv"), (), tmp_path).build()
    said = str(page.get_config_file())
    for command in ("python train.py", "model=acgan", "emotionart app --pictures FOLDER", "python sweep.py"):
        assert command in said


@pytest.fixture(scope="module")
def studio(folder: Path, cache: Path, votes: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a page with a generator besides."""
    outputs = tmp_path_factory.mktemp("studio")
    shutil.copytree(folder, outputs / "transfer")
    carry_out(outputs / "acgan", cache, *TINY_GAN, "model=acgan")
    with served(Page(Runs(outputs), (), Votes(outputs / "votes.csv"), (), cache)) as address:
        yield address


@pytest.mark.slow
def test_pictures_are_made(browser: Chrome, studio: str) -> None:
    visit(browser, studio)
    open_tab(browser, "Make")
    wait(browser, "document.querySelector('#make') !== null")
    browser.execute_script("document.querySelector('#make').click()")
    wait(browser, f"{images('#made')} === 8")


@pytest.mark.slow
def test_two_users_at_once_get_each_their_own(browser: Chrome, studio: str, tmp_path: Path) -> None:
    first = browser.current_window_handle
    colours = {"red": (200, 30, 30), "blue": (30, 30, 200)}
    windows = {}
    for name, colour in colours.items():
        Image.new("RGB", (40, 30), colour).save(tmp_path / f"{name}.png")
        browser.switch_to.new_window("tab")
        windows[name] = browser.current_window_handle
        visit(browser, studio)
        open_tab(browser, "Recolour")
        wait(browser, "document.querySelector('#recolour-upload input[type=file]') !== null")
    for name, window in windows.items():
        browser.switch_to.window(window)
        upload(browser, "recolour", tmp_path / f"{name}.png")
    for name, window in windows.items():
        browser.switch_to.window(window)
        wait(browser, f"{images('#strip')} === 8")
        assert tuple(pixels(browser, "#before")[0, 0]) == colours[name]
        browser.close()
    browser.switch_to.window(first)


@pytest.mark.slow
def test_a_file_of_200_mb_is_refused_and_the_page_works_on(browser: Chrome, studio: str, tmp_path: Path) -> None:
    with (tmp_path / "large.png").open("wb") as large:
        large.truncate(4 * MOST_BYTES)
    visit(browser, studio)
    upload(browser, "read", tmp_path / "large.png")
    wait(browser, "document.querySelector('#read-upload .error')?.innerText === 'Error'")
    Image.new("RGB", (40, 30)).save(tmp_path / "small.png")
    visit(browser, studio)
    upload(browser, "read", tmp_path / "small.png")
    wait(browser, f"{images('#features')} === 1")


@pytest.mark.slow
def test_twenty_pictures_are_labelled_and_trained_on(
    browser: Chrome, folder: Path, classes: list[str], cache: Path, tmp_path: Path
) -> None:
    table = tmp_path / "votes.csv"
    with served(Page(Runs(folder.parent), (), Votes(table), (), cache)) as address:
        visit(browser, address)
        open_tab(browser, "Label")
        wait(browser, "document.querySelector('[placeholder^=\"a name\"]') !== null")
        browser.find_element(By.CSS_SELECTOR, "[placeholder^='a name']").send_keys("ana", Keys.ENTER)
        wait(browser, "document.getElementById('progress').innerText.startsWith('0 voted')")
        browser.execute_script("document.querySelector('input[value=\"most informative\"]').click()")
        browser.execute_script("document.activeElement.blur()")
        for number in range(20):
            wait(browser, f"document.getElementById('progress').innerText.startsWith('{number} voted')")
            browser.find_element(By.TAG_NAME, "body").send_keys(str(1 + number % 2))
        wait(browser, "document.getElementById('progress').innerText.startsWith('20 voted')")
    assert len({row["image"] for row in csv.DictReader(table.open())}) == 20
    asked = ["data=table", f"data.path={table}", "data.rows=votes", "labels=as_is", "trainer.max_epochs=1"]
    carry_out(tmp_path / "run", cache, *asked, "model.representation.size=16", "batch_size=8", "figures=later")
    assert read_json(tmp_path / "run/result.json")["classes"] == sorted(classes[:2])


@pytest.mark.slow
def test_without_a_run_the_page_starts_says_what_to_train_and_recolours(browser: Chrome, tmp_path: Path) -> None:
    Image.new("RGB", (40, 30), "teal").save(tmp_path / "art.png")
    port = unused_port()
    command = Command("main", "app", "--outputs", f"{tmp_path}/none", "--port", str(port), cwd=tmp_path)
    command.wait_for(lambda: listens(port))
    visit(browser, f"http://127.0.0.1:{port}")
    wait(browser, "document.body.innerText.includes('No classifier has been trained yet: python train.py')")
    open_tab(browser, "Recolour")
    upload(browser, "recolour", tmp_path / "art.png")
    wait(browser, f"{images('#strip')} === 8 && {images('#after')} === 1")
    browser.get("about:blank")
    command.kill(signal.SIGINT)
    assert command.finish().returncode == 130
