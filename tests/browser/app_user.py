"""What a user does on the page of `emotionart app`: opens a tab, uploads a file, waits for an answer."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import uvicorn
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from emotionart.app.page import Page
from emotionart.app.serve import build

PATIENCE = 60  # seconds


@contextmanager
def served(page: Page) -> Iterator[str]:
    """Serves a page; its address."""
    server = uvicorn.Server(uvicorn.Config(build(page, "127.0.0.1"), host="127.0.0.1", port=0, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.1)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = server.force_exit = True  # the browser keeps a connection open
    thread.join()


def visit(browser: Chrome, address: str) -> None:
    browser.get(address)
    WebDriverWait(browser, PATIENCE).until(lambda page: page.find_elements(By.CSS_SELECTOR, "button[role=tab]"))


def wait(reader: Chrome, script: str) -> object:
    """What a script gives as soon as it gives something."""
    return WebDriverWait(reader, PATIENCE).until(lambda page: page.execute_script(f"return {script}"))


def open_tab(reader: Chrome, name: str) -> None:
    """Presses a tab, on a narrow screen in the menu of those that have no room.

    It is found and pressed in one script, since the page may draw its tabs again in between.
    """
    tabs = ", ".join(
        f"...document.querySelectorAll('{where}')" for where in ("button[role=tab]", ".overflow-dropdown button")
    )
    wait(reader, f"[{tabs}].filter(tab => tab.textContent === {name!r}).slice(0, 1).map(tab => tab.click()).length")


def images(where: str) -> str:
    return f"[...document.querySelectorAll('{where} img')].filter(one => one.naturalWidth > 0).length"


def unused_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def listens(port: int) -> bool:
    with socket.socket() as asking:
        return asking.connect_ex(("127.0.0.1", port)) == 0


def upload(reader: Chrome, tab: str, file: str | Path) -> None:
    wait(reader, f"document.querySelector('#{tab}-upload input[type=file]') !== null")
    reader.find_element(By.CSS_SELECTOR, f"#{tab}-upload input[type=file]").send_keys(str(file))


def pixels(reader: Chrome, where: str) -> np.ndarray:
    """A shown picture (h, w, 3), as the browser has decoded it."""
    width, height, values = reader.execute_script(
        "const shown = document.querySelector(arguments[0] + ' img'), canvas = document.createElement('canvas');"
        "[canvas.width, canvas.height] = [shown.naturalWidth, shown.naturalHeight];"
        "const drawn = canvas.getContext('2d'); drawn.drawImage(shown, 0, 0);"
        "return [canvas.width, canvas.height, [...drawn.getImageData(0, 0, canvas.width, canvas.height).data]]",
        where,
    )
    return np.array(values, dtype=np.uint8).reshape(height, width, 4)[..., :3]


def assert_fits(phone: Chrome, *galleries: str) -> None:
    """Neither the page nor a gallery is wider than the screen."""
    assert phone.execute_script("return document.documentElement.scrollWidth <= window.innerWidth")
    for name in galleries:
        grid = f"document.querySelector('#{name} .grid-wrap')"
        assert phone.execute_script(f"return {grid}.scrollWidth <= {grid}.clientWidth"), name
