"""A running product with the demo's book and login, and one Chromium whose console must stay empty."""

import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
from dash.testing.browser import Browser
from requests.adapters import HTTPAdapter
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait
from urllib3.util.retry import Retry

from tests.conftest import two_free_ports

ROOT = Path(__file__).parents[2]
SECONDS = 40
SETTLED = """
    const all = (css) => [...document.querySelectorAll(css)];
    const filled = (grid) => {
      const rows = ':is(.ag-center-cols-container, .ag-pinned-left-cols-container)';
      const names = [...grid.querySelectorAll(`${rows} .ag-cell[aria-colindex="1"]`)];
      return names.length > 0 && names.every((name) => name.textContent.trim());
    };
    return document.readyState === 'complete'
      && all('.panel, .message').length > 0
      && !document.querySelector('._dash-loading, .skeleton, [data-dash-is-loading]')
      && all('.chart').every((chart) => chart.querySelector('.main-svg'))
      && all('.grid').every(filled);
"""
ROWS = """
    const sorted = (parts, by) => [...parts].sort((a, b) => a.getAttribute(by) - b.getAttribute(by));
    const rows = document.querySelectorAll('#' + arguments[0] + ' .ag-center-cols-container .ag-row');
    return sorted(rows, 'row-index')
      .map((row) => sorted(row.querySelectorAll('.ag-cell'), 'aria-colindex'))
      .map((cells) => cells.map((cell) => cell.textContent.replace(/[▾▸→\\n]/g, '').trim()));
"""


def pytest_collection_modifyitems(items):
    """Every test in this folder drives a browser."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker("browser")


@pytest.fixture(scope="session")
def running(tmp_path_factory):
    """The address of `parapet demo` with a book of its own."""
    port = two_free_ports()
    home = tmp_path_factory.mktemp("demo")
    command = [sys.executable, "-m", "app", "demo", "--home", str(home), "--port", str(port)]
    with (
        (home / "log.txt").open("w+") as log,
        subprocess.Popen(
            command, cwd=ROOT, stdout=log, stderr=subprocess.PIPE, text=True, env=os.environ | {"PARAPET_PREPARE": "no"}
        ) as process,
    ):
        try:
            assert any("no password" in line for line in iter(process.stderr.readline, "")), "the demo did not start"
            asking = requests.Session()
            asking.mount("http://", HTTPAdapter(max_retries=Retry(connect=9, backoff_factor=0.1)))
            assert asking.get(f"http://localhost:{port}/health", timeout=10).json()["snapshot"]
            asking.close()
            yield f"http://localhost:{port}"
        finally:
            process.send_signal(signal.SIGINT)


class Desk:
    """A reader at a browser."""

    def __init__(self, browser, address):
        self.browser = browser
        self.driver = browser.driver
        self.address = address
        self.user = ""

    def sign_in(self, user):
        """Choose a reader on the demo's login page, unless that reader is signed in."""
        if self.user == user:
            return
        self.driver.get(f"{self.address}/logout")
        self.driver.delete_all_cookies()
        self.driver.get(f"{self.address}/")
        self.find(f"#user-{user}").click()
        self.settle()
        self.user = user

    def open(self, address):
        """Open a page of the app and wait until all of it is drawn."""
        self.driver.get(f"{self.address}{address}")
        self.settle()

    def settle(self):
        """Wait until nothing is loading and nothing has changed for a moment: a grid draws its cells twice."""
        seen = [None] * 3

        def still():
            seen.append(self.run(SETTLED) and self.run("return document.body.innerText"))
            return seen[-1] and seen[-1] == seen[-2] == seen[-3]

        self.until(still, "the page did not settle")

    def until(self, condition, message=""):
        """Wait for what is true, and give it back; what was drawn anew while it was read is read again."""
        wait = WebDriverWait(self.driver, SECONDS, 0.05, ignored_exceptions=[StaleElementReferenceException])
        return wait.until(lambda _: condition(), message)

    def run(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def find(self, css):
        return self.browser.wait_for_element(css, timeout=SECONDS)

    def click(self, css):
        self.until(lambda: self.find(css).click() is None)

    def follow(self, text):
        """Click the link with that text."""
        self.until(lambda: self.driver.find_element(By.LINK_TEXT, text).click() is None)

    def press(self, *keys):
        for key in keys:
            ActionChains(self.driver).send_keys(key).perform()

    def text(self, css):
        (text,) = self.until(lambda: [self.find(css).text])
        return text

    def texts(self, css):
        (texts,) = self.until(lambda: [[found.text for found in self.driver.find_elements(By.CSS_SELECTOR, css)]])
        return texts

    def rows(self, panel):
        """The cells' texts of the rows that are drawn, in their order on screen."""
        return self.run(ROWS, panel)

    def names(self, panel):
        return [row[0] for row in self.rows(panel)]

    @contextmanager
    def at(self, width, height=1000):
        """A window of another size, for a while."""
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        try:
            yield
        finally:
            self.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})

    @property
    def place(self):
        """The address behind the host."""
        return self.driver.current_url.removeprefix(self.address)


@pytest.fixture(scope="session")
def chromium(request, tmp_path_factory):
    with Browser(
        browser="Chrome",
        headless=True,
        options=request.config.hook.pytest_setup_options(),
        download_path=str(tmp_path_factory.mktemp("downloads")),
    ) as browser:
        yield browser


@pytest.fixture(scope="session")
def seat(chromium, running):
    return Desk(chromium, running)


@pytest.fixture
def desk(seat):
    """A risk manager at a wide dark screen; whatever the test does, the console ends empty."""
    seat.driver.set_window_size(1600, 1000)
    seat.sign_in("risk-manager")
    seat.run("localStorage.theme = 'dark'")
    seat.browser.reset_log_timestamp()
    yield seat
    assert seat.browser.get_logs() == []
