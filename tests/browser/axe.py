"""What axe-core, the accessibility checker of browsers, finds wrong with a page."""

from axe_core_python.selenium import Axe
from selenium.webdriver import Chrome

_GRAVE = ("serious", "critical")


def faults(browser: Chrome) -> list[str]:
    """The serious faults of the page that is open, in light and in dark colours, with the first place of each."""
    found = []
    for scheme in ("light", "dark"):
        _prefer(browser, scheme)
        told = Axe().run(browser)
        assert len(told["passes"]) > 5, "axe-core has looked at nothing"
        found += [
            f"{scheme}: {fault['help']}: {fault['nodes'][0]['html'][:200]}"
            for fault in told["violations"]
            if fault["impact"] in _GRAVE
        ]
    _prefer(browser, "light")
    return found


def _prefer(browser: Chrome, scheme: str) -> None:
    preference = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", preference)
