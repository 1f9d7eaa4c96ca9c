"""The screen in a real Chromium, beside a bare Dash page with one chart from the same server.

`python -m tests.bench.screens` measures these lines alone, on a demo book of its own.
"""

import gzip
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median, quantiles

from dash import Dash, dcc
from flask import Flask
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from tests.bench.browsing import ROOT, SECONDS, chromium, demo, marked, serving, sign_in
from tests.bench.clock import Ratio

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
BOOKS = """
    const addresses = [...document.querySelectorAll('.crumb .list a')].map((a) => a.getAttribute('href'));
    return addresses.filter((href) => href.includes('='));
"""
BLANK = """
    const view = document.querySelector('#blotter-trades .ag-body-viewport');
    const blank = () => {
      const box = view.getBoundingClientRect();
      const rows = [...view.querySelectorAll('.ag-row')].filter((row) => {
        const at = row.getBoundingClientRect();
        return at.bottom > box.top && at.top < box.bottom;
      });
      return !rows.length || rows.some((row) => !row.textContent.trim());
    };
    const lasting = (name, holds) => {
      let since = 0;
      window[name] = 0;
      const frame = (now) => {
        if (holds()) { since = since || now; window[name] = Math.max(window[name], now - since) } else since = 0;
        window.waits = Boolean(since);
        requestAnimationFrame(frame);
      };
      requestAnimationFrame(frame);
    };
    lasting('blank', blank);
    lasting('waiting', () => blank() || view.querySelector('.ag-row.waiting'));
"""
JUMP = """
    const view = document.querySelector('#blotter-trades .ag-body-viewport');
    view.scrollTop = arguments[0] * (view.scrollHeight - view.clientHeight);
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
        yield from _filters(driver, Path(folder))
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


def _filters(driver: webdriver.Chrome, home: Path) -> Iterator[Ratio]:
    """Every desk and book from a server that has just begun, and once more; three times, as a p95 wants many."""
    times: dict[str, list[float]] = {"asked for the first time": [], "asked before": []}
    for _ in range(3):
        with demo(home) as ours:
            sign_in(driver, ours)
            driver.get(f"{ours}/")
            marked(driver, "charts")
            books = driver.execute_script(BOOKS)
            for taken in times.values():
                taken += [driver.execute_async_script(CHANGE, f"/{book}") / 1000 for book in books]
    for what, taken in times.items():
        p95 = quantiles(taken, n=20)[-1]
        yield Ratio(
            f"another desk or book to new numbers on the home page, p95 of {len(taken)}, {what}",
            "a limit of",
            p95,
            0.15,
            p95 / 0.15,
            1.0,
        )


def _scrolled(driver: webdriver.Chrome, ours: str) -> Iterator[Ratio]:
    driver.get(f"{ours}/blotter")
    WebDriverWait(driver, SECONDS).until(lambda d: d.find_elements(By.CSS_SELECTOR, "#blotter-trades .ag-cell"))
    box = driver.find_element(By.CSS_SELECTOR, "#blotter-trades .ag-body-viewport").rect
    draw = random.Random(0)  # noqa: S311 places to scroll to, no secret
    driver.execute_script(BLANK)

    def turn(_: int) -> None:
        at = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
        wheel = {"type": "mouseWheel", **at, "deltaX": 0, "deltaY": 120}
        driver.execute_cdp_cmd("Input.dispatchMouseEvent", wheel)

    def jump(_: int) -> None:
        driver.execute_script(JUMP, draw.random())
        WebDriverWait(driver, SECONDS, 0.02).until(lambda d: not d.execute_script("return window.waits"))

    blank, waiting = "longest blank of the blotter", "longest waiting for the trades of the blotter"
    for move, times, lines in (
        (turn, 120, ((blank, "scrolled by the wheel", 0.2),)),
        (jump, 12, ((blank, "jumped to anywhere", 0.2), (waiting, "jumped to anywhere", 1.0))),
    ):
        driver.execute_script("window.blank = window.waiting = 0")
        for step in range(times):
            move(step)
        for name, what, limit in lines:
            worst = driver.execute_script("return window[arguments[0]]", name.split()[1]) / 1000
            yield Ratio(f"{name}, {what}", "a limit of", worst, limit, worst / limit, 1.0)


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
