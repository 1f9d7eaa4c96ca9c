"""A real Chromium and the servers it looks at: the product with its login server, or another to compare with."""

import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from tests.conftest import pytest_setup_options, two_free_ports

ROOT = Path(__file__).parents[2]
SECONDS = 60
MOMENTS = """
    const all = (css) => [...document.querySelectorAll(css)];
    const said = {
      numbers: () => all('.panel').length && !all('.panel .skeleton').length
        && all('.panel .grid').every((grid) => grid.querySelector('.ag-center-cols-container .ag-cell')),
      charts: () => all('.panel').length && !all('.panel .skeleton').length
        && all('.panel .chart').every((chart) => chart.querySelector('.main-svg')),
      chart: () => all('.js-plotly-plot .trace').length,
    };
    const look = () => {
      for (const name of Object.keys(said)) {
        if (!said[name]()) continue;
        delete said[name];
        requestAnimationFrame(() => setTimeout(() => performance.mark(name)));
      }
    };
    new MutationObserver(look).observe(document, { childList: true, subtree: true });
"""
MARK = "const [at] = performance.getEntriesByName(arguments[0]); return at && at.startTime"


def marked(driver: webdriver.Chrome, moment: str) -> float:
    """Milliseconds of that moment since the navigation began, once it has come."""
    at: float = WebDriverWait(driver, SECONDS, 0.05).until(lambda _: driver.execute_script(MARK, moment), moment)
    return at


def sign_in(driver: webdriver.Chrome, address: str) -> None:
    driver.get(f"{address}/")
    WebDriverWait(driver, SECONDS).until(lambda d: d.find_elements(By.ID, "user-risk-manager"))[0].click()
    marked(driver, "charts")


@contextmanager
def chromium() -> Iterator[webdriver.Chrome]:
    options = pytest_setup_options()
    for flag in ("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"performance": "ALL"})
    driver = webdriver.Chrome(service=Service(shutil.which("chromedriver") or ""), options=options)
    driver.set_script_timeout(SECONDS)
    driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": f"(() => {{{MOMENTS}}})()"})
    try:
        yield driver
    finally:
        driver.quit()


def demo(home: Path) -> Any:
    """The product with its login server, on the warehouse of that home; the demo's is built where there is none."""
    return serving("-m", "app", "demo", "--home", str(home), "--port")


@contextmanager
def serving(*command: str) -> Iterator[str]:
    """The address of a server that is given its port, until the block ends."""
    port = two_free_ports()
    with subprocess.Popen(
        [sys.executable, *command, str(port)],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=os.environ | {"PARAPET_PREPARE": "no"},
    ) as process:
        address = f"http://localhost:{port}"
        try:
            _until(lambda: urllib.request.urlopen(f"{address}/health", timeout=5).status == 200)  # noqa: S310
            yield address
        finally:
            process.send_signal(signal.SIGINT)


def _until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 600
    while time.monotonic() < end:
        with suppress(OSError):
            if true():
                return
        time.sleep(0.2)
    raise TimeoutError("the server did not answer")
