"""Numbers leaving the screen: to the clipboard, as a picture, on paper, to programs by a token."""

import base64
import json
from pathlib import Path

import openpyxl
import pytest
import requests

HISTORY, TREE = "pnl-history", "positions-tree-by-instrument"
CLIPBOARD = """
    const done = arguments[arguments.length - 1];
    navigator.clipboard.read().then(async ([item]) => {
      const kinds = ['text/plain', 'text/html'];
      const texts = await Promise.all(kinds.map(async (kind) => (await item.getType(kind)).text()));
      done(texts);
    }, (failed) => done([String(failed), '']));
"""


@pytest.fixture
def folder(desk):
    """The folder of the downloads, emptied."""
    folder = Path(desk.browser.download_path)
    for file in folder.iterdir():
        file.unlink()
    return folder


@pytest.fixture
def clipboard(desk):
    """What the clipboard holds, as text and as HTML."""
    grant = {"permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"], "origin": desk.address}
    desk.driver.execute_cdp_cmd("Browser.grantPermissions", grant)
    return lambda: desk.driver.execute_async_script(CLIPBOARD)


def choose(desk, panel, css):
    desk.click(f"#{panel} summary[title=Download]")
    desk.click(f"#{panel}-files {css}")


def arrived(desk, folder, pattern):
    desk.until(lambda: list(folder.glob(pattern)), f"no {pattern} came")
    return next(folder.glob(pattern)).read_bytes()


def test_a_page_comes_as_a_workbook(desk, folder):
    desk.open("/pnl?desk=Vol")
    desk.click(".exports summary")
    desk.follow("Workbook")
    arrived(desk, folder, "pnl_*.xlsx")
    book = openpyxl.load_workbook(next(folder.glob("*.xlsx")))
    assert book.sheetnames[:2] == ["Contents", "P&L by day"]
    assert book["P&L by day"]._charts


def test_a_grid_is_copied_as_it_stands_with_its_numbers_in_full(desk, clipboard):
    desk.open("/positions?scale=m")
    choose(desk, TREE, "[data-copy]")
    desk.until(lambda: desk.text("#said").startswith("Copied "))
    text, html = clipboard()
    header, *rows = [line.split("\t") for line in text.splitlines()]
    shown = desk.run(f"return window.dash_ag_grid.getApi('{TREE}-grid').getDisplayedRowCount()")
    assert len(rows) == shown + 1
    assert rows[-1][0] == "Total"
    assert len(header) == len(desk.texts(f"#{TREE} .ag-header-cell-text"))
    assert any(abs(float(cell)) > 1000 for cell in rows[-1][1:] if cell)
    assert html.count("<tr>") == len(rows) + 1


def test_a_chart_is_copied_as_the_rows_it_draws(desk, clipboard):
    desk.open("/pnl")
    choose(desk, HISTORY, "[data-copy]")
    desk.until(lambda: desk.text("#said").startswith("Copied "))
    header, first, *_ = [line.split("\t") for line in clipboard()[0].splitlines()]
    assert header[:2] == ["Day", "P&L (USD)"]
    assert first[0][:2] == "20"


def test_a_chart_comes_as_a_picture_that_says_what_it_is(desk, folder):
    desk.open("/pnl?desk=Vol")
    choose(desk, HISTORY, "[data-picture=svg]")
    drawn = arrived(desk, folder, "pnl-history_*.svg").decode()
    for part in ("P&amp;L by day", "USD k", "desk Vol", "as of 20", "snapshot 0000", "Helena Osei"):
        assert part in drawn, part
    choose(desk, HISTORY, "[data-picture=png]")
    raw = arrived(desk, folder, "pnl-history_*.png")
    assert raw.startswith(b"\x89PNG")
    assert int.from_bytes(raw[16:20]) >= 1440


def test_a_panel_without_a_chart_offers_no_picture(desk):
    desk.open("/positions")
    desk.click(f"#{TREE} summary[title=Download]")
    assert "PNG" not in desk.text(f"#{TREE}-files")
    assert "Copy as table" in desk.text(f"#{TREE}-files")


def test_the_address_for_excel_is_whole(desk, clipboard):
    desk.open("/pnl?desk=Vol")
    choose(desk, HISTORY, "[data-address]")
    desk.until(lambda: "Address copied" in desk.text("#said"))
    assert (
        desk.driver.execute_async_script("navigator.clipboard.readText().then(arguments[arguments.length - 1])")
        == f"{desk.address}/api/v1/panels/{HISTORY}.csv?desk=Vol"
    )
    assert clipboard


def test_paper_is_light_and_the_screen_is_as_it_was_afterwards(desk):
    desk.open("/pnl")
    ink = "return document.querySelector('#pnl-history .js-line').style.stroke"
    dark, style = desk.run(ink), desk.run("return document.querySelector('.panels').getAttribute('style') || ''")
    desk.run(f"window.print = () => {{ window.printed = (() => {{ {ink} }})(); }}")
    desk.click(".exports summary")
    desk.click("[data-print]")
    desk.until(lambda: desk.run("return window.printed"))
    assert desk.run("return window.printed") != dark
    desk.until(lambda: desk.run(ink) == dark)
    assert desk.run("return document.documentElement.dataset.theme") == "dark"
    assert desk.run("return document.querySelector('.panels').getAttribute('style') || ''") == style
    desk.settle()


def test_the_browsers_own_print_has_no_navigation_and_leaves_the_screen_alone(desk):
    desk.open("/pnl")
    before = desk.run("return document.querySelector('#page').innerHTML.length")
    made = desk.driver.execute_cdp_cmd("Page.printToPDF", {"preferCSSPageSize": True, "printBackground": True})
    assert base64.b64decode(made["data"]).startswith(b"%PDF")
    assert desk.run("return document.documentElement.dataset.theme") == "dark"
    assert not desk.run("return document.documentElement.hasAttribute('data-inked')")
    desk.settle()
    assert desk.run("return document.querySelector('#page').innerHTML.length") == pytest.approx(before, rel=0.02)


def test_a_token_is_shown_once_reads_as_its_owner_and_ends_when_it_is_revoked(desk):
    desk.sign_in("trader-vol")
    desk.open("/positions#tokens=mine")
    desk.until(lambda: "You have no token" in desk.text("#drawer"))
    desk.click("#token-make")
    desk.until(lambda: "a name of 1 to 60" in desk.text("#token-problem"))
    desk.find("#token-name").send_keys("Morning sheet")
    desk.click("#token-make")
    shown = desk.text("#token-shown code").replace("\n", "").replace(" ", "")
    assert shown.startswith("parapet_")
    assert "Morning sheet" in desk.text("#token-list")
    address = f"{desk.address}/api/v1/panels/{TREE}.json"
    taken = requests.get(address, auth=("excel", shown), timeout=20)
    assert taken.status_code == 200
    assert {row["desk"] for row in json.loads(taken.text)["rows"] if row["desk"]} == {"Vol"}
    desk.open("/positions?scale=m#tokens=mine")
    desk.until(lambda: "ago" in desk.text("#token-list"))
    assert shown not in desk.run("return document.documentElement.outerHTML")
    desk.click("#token-list button")
    desk.until(lambda: "You have no token" in desk.text("#token-list"))
    assert requests.get(address, auth=("excel", shown), timeout=20).status_code == 401
