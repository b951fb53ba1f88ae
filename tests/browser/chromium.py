"""A headless Chromium that tests drive, and that tells what went wrong in its pages."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from selenium import webdriver
from selenium.common.exceptions import (
    StaleElementReferenceException,
    TimeoutException,
    WebDriverException,
)
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import Select, WebDriverWait

T = TypeVar("T")

#: Seconds within which a page has to be there.
PATIENCE = 15

_BROWSERS = ("chromium", "google-chrome-stable", "google-chrome", "chromium-browser")
_FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    # Dialogs are there at once, instead of fading in and out.
    "--force-prefers-reduced-motion",
    "--window-size=1280,800",
)

# What is shown of all that fits, looked for in the page itself: to ask about one after another takes seconds.
_SHOWN = """
    const words = one => one.innerText.trim();
    const shown = [...document.querySelectorAll(arguments[0])].filter(
        one => one.checkVisibility({visibilityProperty: true}) && one.getClientRects().length);
"""


class Browser:
    """One window. `base` is the address pages are opened under; `expected`: statuses that are not taken for faults.

    `led_to`: addresses besides, to which pages may lead.
    """

    def __init__(self, driver: webdriver.Chrome, base: str) -> None:
        self.driver = driver
        self.base = base
        self.expected: set[int] = set()
        self.led_to: set[str] = set()
        self._known: dict[str, list[dict[str, Any]]] = {}

    # -------------------------------------------------------------------------------------------------- moving

    def open(self, path: str) -> None:
        """Open a page by its path under the base, or by its whole address."""
        self.driver.get(path if "://" in path else self.base + path)

    def sign_in(self, login: str, password: str) -> None:
        """Sign in to the console as somebody, whoever was signed in before."""
        self.driver.delete_all_cookies()
        self.open("/console/login")
        self.fill("username", login)
        self.fill("password", password)
        self.press("Sign in")

    def come_as(self, login: str, password: str) -> None:
        """Be signed in to the console as somebody; only the first time by way of the page."""
        if login not in self._known:
            self.sign_in(login, password)
            self.seen("h1")
            self._known[login] = self.driver.get_cookies()
            return
        self.driver.delete_all_cookies()
        for cookie in self._known[login]:
            self.driver.add_cookie(cookie)

    def fill(self, name: str, value: str) -> None:
        """Type into the visible input of that name."""
        field = self.seen(f"[name='{name}']")
        if field.get_attribute("type") != "file":
            field.clear()
        field.send_keys(value)

    def choose(self, name: str, words: str) -> None:
        """Pick from a drop-down by its words."""
        Select(self.seen(f"select[name='{name}']")).select_by_visible_text(words)

    def click(self, words: str, within: str = "body") -> None:
        """Click the visible button or link with these words; no other page is waited for."""
        self.button(words, within).click()

    def press(self, words: str, within: str = "body") -> None:
        """Click the visible button or link with these words, and wait for the page it leads to."""
        with self.leaving():
            self.click(words, within)

    def confirm(self, words: str) -> None:
        """Press a button of the dialog that is open."""
        self.press(words, ".modal.show")

    @contextmanager
    def leaving(self) -> Iterator[None]:
        """Wait until the page that is shown now has gone, and the next is there."""
        page = self.driver.find_element(By.TAG_NAME, "html")
        yield
        self.wait(lambda: _is_gone(page), "another page")
        self.wait(
            lambda: self.driver.execute_script("return document.readyState") == "complete", "the whole page"
        )

    def make(self, width: int, height: int) -> None:
        """Make the page so large, and wait until it is laid out anew."""
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        self.wait(
            lambda: self.driver.execute_script("return innerWidth") == width or None, f"width of {width}"
        )

    # -------------------------------------------------------------------------------------------------- looking

    def seen(self, css: str) -> WebElement:
        """Return the first visible element that fits."""
        return self.wait(lambda: self._visible(css), css)

    def button(self, words: str, within: str = "body") -> WebElement:
        """Return the visible button or link with these words."""
        css = f"{within} button, {within} a, {within} input[type=submit]"

        def find() -> WebElement | None:
            fitting = "return shown.find(one => [words(one), one.value].includes(arguments[1])) ?? null"
            found: WebElement | None = self.driver.execute_script(_SHOWN + fitting, css, words)
            return found

        return self.wait(find, f"a button “{words}”")

    def buttons(self) -> set[str]:
        """Return the words of all buttons and links that are shown."""
        found: list[str] = self.driver.execute_script(_SHOWN + "return shown.map(words)", "button, a")
        return {*found} - {""}

    @property
    def text(self) -> str:
        """All that can be read on the page."""
        return str(self.driver.find_element(By.TAG_NAME, "body").text)

    def row(self, words: str) -> WebElement:
        """Return the line of a table that holds these words."""
        rows = self.driver.find_elements(By.CSS_SELECTOR, "tbody tr")
        return next(row for row in rows if words in row.text)

    def wait(self, look: Callable[[], T | None], what: str) -> T:
        """Look until there is something, for a limited time."""

        def found(_driver: Any) -> T | None:
            try:
                return look()
            except StaleElementReferenceException:
                return None

        try:
            seen = WebDriverWait(self.driver, PATIENCE, 0.05).until(found)
        except TimeoutException:
            raise AssertionError(f"There is no {what}:\n{self.text[:2000]}") from None
        assert seen is not None
        return seen

    def _visible(self, css: str) -> WebElement | None:
        found: WebElement | None = self.driver.execute_script(_SHOWN + "return shown[0] ?? null", css)
        return found

    # ------------------------------------------------------------------------------------------------- afterwards

    def faults(self) -> list[str]:
        """Return errors the pages logged since the last call, and what was fetched from another host."""
        lines = self.driver.get_log("browser")  # type: ignore[no-untyped-call]
        # What is less than a warning is advice.
        logged = [str(line["message"]) for line in lines if line["level"] in ("SEVERE", "WARNING")]
        let_through = [f"status of {status}" for status in self.expected]
        found = [line for line in logged if not any(words in line for words in let_through)]
        self.expected.clear()
        for line in self.driver.get_log("performance"):  # type: ignore[no-untyped-call]
            event = json.loads(line["message"])["message"]
            if event["method"] == "Network.requestWillBeSent":
                url = event["params"]["request"]["url"]
                if not url.startswith((self.base, *self.led_to, "data:", "about:", "chrome:")):
                    found.append(f"fetched {url}")
        self.led_to.clear()
        return found


def _is_gone(element: WebElement) -> bool:
    try:
        return not element.is_enabled()
    except (StaleElementReferenceException, WebDriverException):
        return True


@contextmanager
def chromium(profile: Path) -> Iterator[webdriver.Chrome]:
    """Start a browser with an empty profile in that folder. Raises RuntimeError where there is none."""
    options = webdriver.ChromeOptions()
    for flag in (*_FLAGS, f"--user-data-dir={profile}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    binary = next((found for name in _BROWSERS if (found := shutil.which(name))), None)
    if binary:
        options.binary_location = binary
    # Debian's driver where there is one; elsewhere Selenium looks for the one that fits the installed Chrome.
    driver = shutil.which("chromedriver")
    try:
        started = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
    except WebDriverException as error:
        raise RuntimeError(
            "These tests need Chrome or Chromium with its driver. On Debian `make test` installs them"
            f" (chromium, chromium-driver); elsewhere install Google Chrome. {error.msg}"
        ) from error
    try:
        yield started
    finally:
        started.quit()
