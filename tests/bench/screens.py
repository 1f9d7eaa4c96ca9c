"""The screen in a real Chromium, beside a bare Dash page with one chart from the same server.

`python -m tests.bench.screens` measures these lines alone, on a demo book of its own.
"""

import gzip
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from dash import Dash, dcc
from flask import Flask
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from tests.bench.clock import Ratio
from tests.conftest import pytest_setup_options

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
CHANGE = """
    const [address, done] = arguments;
    const begun = performance.now();
    let last = 0, timer = 0;
    const seen = new MutationObserver((changes) => {
      if (!changes.some(({target}) => target.closest && target.closest('.body') && !target.closest('.chart'))) return;
      clearTimeout(timer);
      requestAnimationFrame(() => { last = performance.now() });
      timer = setTimeout(() => { seen.disconnect(); done(last - begun) }, 700);
    });
    document.querySelectorAll('.panel').forEach((panel) => seen.observe(panel, { childList: true, subtree: true, characterData: true }));
    window.parapet.go(address);
"""
BLANK = """
    const [places, done] = arguments;
    const view = document.querySelector('#blotter-trades .ag-body-viewport');
    const blank = () => {
      const box = view.getBoundingClientRect();
      const rows = [...view.querySelectorAll('.ag-row')].filter((row) => {
        const at = row.getBoundingClientRect();
        return at.bottom > box.top && at.top < box.bottom;
      });
      return !rows.length || rows.some((row) => ![...row.querySelectorAll('.ag-cell')].some((cell) => cell.textContent.trim()));
    };
    let since = 0, worst = 0, step = 0;
    const began = performance.now();
    const frame = (now) => {
      const every = places.length > 20 ? 50 : 700;
      if (step < places.length && now - began >= step * every) {
        const place = places[step];
        view.scrollTop = place < 1 ? place * (view.scrollHeight - view.clientHeight) : view.scrollTop + place;
        step += 1;
      }
      if (blank()) { since = since || now; worst = Math.max(worst, now - since) } else since = 0;
      if (step < places.length || since || now - began < places.length * every + 300) requestAnimationFrame(frame);
      else done(worst);
    };
    requestAnimationFrame(frame);
"""


def measure(trades: Path | None = None) -> Iterator[Ratio]:
    """The budgets of the screen; the blotter is that of the warehouse in the folder `trades`, if one is given."""
    with tempfile.TemporaryDirectory(prefix="parapet-screens-") as folder, chromium() as driver:
        with demo(Path(folder)):
            pass
        subprocess.run(
            [sys.executable, "-m", "app", "prepare"], cwd=ROOT, env=os.environ | {"PARAPET_HOME": folder}, check=True
        )
        with serving("-m", "tests.bench.screens", "bare") as bare, demo(Path(folder)) as ours:
            sign_in(driver, ours)
            yield from _bytes(driver, ours, bare)
            yield from _painted(driver, ours, bare)
            yield from _filters(driver, ours)
        if trades:
            with demo(trades) as ours:
                sign_in(driver, ours)
                yield from _scrolled(driver, ours)


def bare() -> Flask:
    """The page to beat: Dash as it comes, one chart."""
    app = Dash()
    app.layout = dcc.Graph(figure={"data": [{"y": [1, 3, 2]}]})
    return app.server


def _bytes(driver: webdriver.Chrome, ours: str, theirs: str) -> Iterator[Ratio]:
    scripts = {
        name: sent(driver, address, until)
        for name, address, until in (("ours", ours, "charts"), ("theirs", theirs, "chart"))
    }
    numbers = sent(driver, ours, "numbers")
    against = "a bare Dash page with one chart"
    for what, mine, kind in (
        ("home page until it shows its numbers, as each page comes", numbers, 0),
        ("home page until it shows its numbers, both compressed alike", numbers, 1),
        ("home page with every chart, as each page comes", scripts["ours"], 0),
        ("home page with every chart, both compressed alike", scripts["ours"], 1),
    ):
        a, b = mine[kind] / 1e6, scripts["theirs"][kind] / 1e6
        yield Ratio(f"JavaScript sent: {what}", against, a, b, a / b, 0.6, "MB")


def _painted(driver: webdriver.Chrome, ours: str, theirs: str) -> Iterator[Ratio]:
    for cache, cold in (("cold", True), ("warm", False)):
        times = [
            (painted(driver, ours, "numbers", cold=cold), painted(driver, theirs, "chart", cold=cold)) for _ in range(8)
        ][1:]
        yield Ratio(
            f"home page painted with its numbers, {cache} browser cache",
            "a bare Dash page with one chart",
            median(t[0] for t in times),
            median(t[1] for t in times),
            median(a / b for a, b in times),
            1.3,
        )


def _filters(driver: webdriver.Chrome, ours: str) -> Iterator[Ratio]:
    driver.get(f"{ours}/")
    marked(driver, "charts")
    books = driver.execute_script(
        "return [...document.querySelectorAll('.crumb .list a')].map((a) => a.getAttribute('href')).filter((href) => href.includes('='))"
    )
    for what, rounds in (("asked for the first time", 1), ("asked before", 2)):
        times = [driver.execute_async_script(CHANGE, f"/{book}") / 1000 for _ in range(rounds) for book in books]
        p95 = quantiles(times, n=20)[-1]
        yield Ratio(
            f"another desk or book to new numbers on the home page, p95, {what}",
            "a limit of",
            p95,
            0.15,
            p95 / 0.15,
            1.0,
        )


def _scrolled(driver: webdriver.Chrome, ours: str) -> Iterator[Ratio]:
    driver.get(f"{ours}/blotter")
    marked(driver, "numbers")
    draw = random.Random(0)  # noqa: S311 places to scroll to, no secret
    jumps = [round(draw.random(), 4) for _ in range(12)]
    for what, places in (("scrolled by the wheel", [120] * 120), ("jumped to anywhere", jumps)):
        worst = driver.execute_async_script(BLANK, places) / 1000
        yield Ratio(f"longest blank of the blotter, {what}", "a limit of", worst, 0.2, worst / 0.2, 1.0)


def sent(driver: webdriver.Chrome, address: str, until: str) -> tuple[int, int]:
    """Bytes of script asked for until that moment with a cold cache: as sent, and each compressed with gzip -9."""
    driver.get("about:blank")
    driver.execute_cdp_cmd("Network.clearBrowserCache", {})
    driver.get_log("performance")
    driver.get(address)
    at = marked(driver, until)
    origin = driver.execute_script("return performance.timeOrigin")
    scripts: dict[str, bool] = {}
    asked: dict[str, float] = {}
    bytes_sent = packed = 0
    time.sleep(1)  # the log of the network is written behind
    for entry in driver.get_log("performance"):
        message = json.loads(entry["message"])["message"]
        name, given = message["method"], message["params"]
        if name == "Network.requestWillBeSent":
            asked[given["requestId"]] = given["wallTime"] * 1000 - origin
        elif name == "Network.responseReceived":
            scripts[given["requestId"]] = given["type"] == "Script"
        elif name == "Network.loadingFinished" and scripts.get(given["requestId"]) and asked[given["requestId"]] <= at:
            bytes_sent += given["encodedDataLength"]
            body = driver.execute_cdp_cmd("Network.getResponseBody", {"requestId": given["requestId"]})["body"]
            packed += len(gzip.compress(body.encode(), 9))
    return bytes_sent, packed


def painted(driver: webdriver.Chrome, address: str, until: str, *, cold: bool) -> float:
    """Seconds from the start of a navigation to that moment."""
    driver.get("about:blank")
    if cold:
        driver.execute_cdp_cmd("Network.clearBrowserCache", {})
    driver.get(address)
    return marked(driver, until) / 1000


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
    port = _free()
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


def _free() -> int:
    """A port of which the next is free as well: the app's and its login server's."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port: int = first.getsockname()[1]
            with suppress(OSError):
                second.bind(("127.0.0.1", port + 1))
                return port


def main() -> None:
    if sys.argv[1:2] == ["bare"]:
        from granian import Granian  # noqa: PLC0415 this process serves
        from granian.constants import Interfaces  # noqa: PLC0415

        Granian(
            "tests.bench.screens:bare",
            port=int(sys.argv[2]),
            interface=Interfaces.WSGI,
            factory=True,
            workers=1,
            blocking_threads=8,
            log_enabled=False,
        ).serve()
        return
    for ratio in measure(Path(sys.argv[1]) if len(sys.argv) > 1 else None):
        print(ratio.line(), flush=True)


if __name__ == "__main__":
    main()
