"""For those who see little, no colour or no mouse: axe finds nothing serious, and the keyboard reaches everything."""

from importlib.metadata import files
from pathlib import Path

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

from app.view import discover

AXE = next(file for file in files("axe-playwright-python") if file.name == "axe.min.js").locate().read_text("utf-8")
SERIOUS = """
    const [done] = arguments;
    const grave = ({ impact }) => impact === 'serious' || impact === 'critical';
    const told = ({ id, nodes }) => [id, ...nodes.slice(0, 5).map((node) => `${node.target} ${node.failureSummary}`)];
    axe.run({ resultTypes: ['violations'] }).then(({ violations }) => done(violations.filter(grave).map(told)));
"""
SIZED = """
    const [head] = arguments[0].querySelectorAll('.ag-header-cell');
    return !head || getComputedStyle(head).visibility === 'visible';
"""
MARKED = """
    const at = document.activeElement;
    const styles = [at, at.closest('.day') || at].map((part) => getComputedStyle(part));
    return styles.some((style) => style.outlineStyle !== 'none' || style.boxShadow !== 'none')
      || Boolean(at.closest('.ag-root'));
"""


def serious(desk):
    """What axe holds against the page as it stands; a grid hides its cells until it has been seen once."""
    for grid in desk.driver.find_elements("css selector", ".panel .ag-root"):
        desk.run("arguments[0].scrollIntoView()", grid)
        desk.until(lambda grid=grid: desk.run(SIZED, grid))
    desk.run(AXE)
    return desk.driver.execute_async_script(SERIOUS)


def tab_to(desk, css, most=90):
    """Press Tab until the focus is there; wherever it stops on the way it can be seen."""
    for _ in range(most):
        desk.press(Keys.TAB)
        assert desk.run(MARKED), desk.run("return document.activeElement.outerHTML.slice(0, 200)")
        if desk.run("return document.activeElement.matches(arguments[0])", css):
            return
    raise AssertionError(f"no way by Tab to {css}")


@pytest.mark.parametrize("view", discover().values(), ids=lambda view: view.name)
@pytest.mark.parametrize("reader", ["risk-manager", "trader-vol"])
def test_axe_finds_nothing_serious_on_a_page_in_either_theme(desk, view, reader):
    desk.sign_in(reader)
    desk.open(view.path)
    for _ in ("dark", "light"):
        assert serious(desk) == []
        desk.click("#theme-switch")
        desk.settle()


def test_axe_finds_nothing_serious_in_the_drawer_or_a_menu(desk):
    desk.open("/#explain=overview-summary")
    desk.until(lambda: "DEFINITION" in desk.text("#drawer"))
    assert serious(desk) == []
    desk.click("#drawer .close")
    desk.click(".crumb summary")
    assert serious(desk) == []


def test_a_reader_without_a_mouse_signs_in_finds_a_book_explains_a_panel_and_takes_a_file_away(desk):
    desk.driver.get(f"{desk.address}/logout")
    desk.driver.delete_all_cookies()
    desk.driver.get(f"{desk.address}/")
    desk.find("#user-risk-manager")
    tab_to(desk, "#user-risk-manager")
    desk.press(Keys.ENTER)
    desk.settle()

    tab_to(desk, ".crumb > summary")
    desk.press(Keys.ENTER)
    desk.until(lambda: desk.run("return document.activeElement.id") == "find-book")
    desk.press(*"vol-tail", Keys.ARROW_DOWN, Keys.ENTER)
    desk.until(lambda: "book=VOL-TAIL" in desk.place)
    desk.settle()

    tab_to(desk, "#navigation a[href^='/positions']")
    desk.press(Keys.ENTER)
    desk.until(lambda: desk.place.startswith("/positions?"))
    desk.settle()
    panel = "positions-tree-by-instrument"
    tab_to(desk, f"#{panel} .actions > a[href^='#explain']")
    desk.press(Keys.ENTER)
    desk.until(lambda: "DEFINITION" in desk.text("#drawer"))
    desk.press(Keys.ESCAPE)
    desk.until(lambda: not desk.find("#drawer").is_displayed())

    ActionChains(desk.driver).key_down(Keys.SHIFT).send_keys(Keys.TAB).key_up(Keys.SHIFT).perform()
    desk.until(lambda: desk.run("return document.activeElement.matches('.actions summary')"))
    desk.press(Keys.ENTER)
    tab_to(desk, f"#{panel} .actions .list a[href*='.csv']")
    desk.press(Keys.ENTER)
    desk.until(lambda: [file for file in Path(desk.browser.download_path).glob("*.csv") if panel in file.name])
