"""The main pages look as they did: each against a coarse picture of itself and its layout, in both themes.

`make pictures` renews what they are compared with, and the pictures of the documentation.
"""

import json
from pathlib import Path

import pytest

from tests.browser.pictures import (
    BOXES,
    MOVED,
    coarse,
    differing,
    elsewhere,
    fewer_colours,
    load,
    save,
    save_layout,
    taken,
    where,
)

REFERENCES = Path(__file__).parent / "references"
DOCUMENTED = Path(__file__).parents[2] / "docs" / "pictures"
SHARE = 0.02  # of the cells may differ: another typeface moves letters, and no panel
PAGES = {
    "overview": ("risk-manager", "/overview"),
    "var": ("risk-manager", "/var"),
    "stress": ("risk-manager", "/stress"),
    "limits": ("risk-manager", "/limits"),
    "pivot": ("risk-manager", "/pivot"),
    "book": ("trader-vol", "/book"),
}
SHOWN = {"overview-light", *(f"{page}-dark" for page in PAGES)}
NUMBER = "/overview#explain=overview-risk-by-book&at=Vol&column=day"
CHANGING = """
    const style = document.createElement('style');
    style.id = 'changing';
    const changing = '.fresh, .ag-cell[col-id="loaded_at"], #var-simulated-by-book > *';
    style.textContent = `${changing} { visibility: hidden }`;
    document.head.append(style);
"""


@pytest.fixture
def renewing(request):
    """Whether the pictures are made anew rather than compared."""
    return request.config.getoption("--renew-pictures", default=False)


@pytest.fixture
def looking(desk):
    """Look at an address as a reader in a theme, in a window of 1600 × 1000 where nobody is new."""
    with desk.at(1600, 1000):

        def look(user, address, theme):
            desk.sign_in(user)
            desk.run("localStorage.tour = 'done'; localStorage.theme = arguments[0]", theme)
            desk.open(address)
            if address == "/pivot":
                desk.find(".ag-row .trend")  # lines come after numbers
            return desk

        yield look
        desk.sign_in("risk-manager")
        desk.run("localStorage.removeItem('tour'); localStorage.theme = 'dark'")


def document(name, picture):
    palette, places = fewer_colours(picture)
    save(DOCUMENTED / f"{name}.png", places, palette)


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("page", PAGES)
def test_a_page_looks_as_it_did(looking, page, theme, renewing, tmp_path):
    name = f"{page}-{theme}"
    desk = looking(*PAGES[page], theme)
    if renewing and name in SHOWN:
        document(name, taken(desk.driver))
    desk.run(CHANGING)
    picture, boxes, layout = taken(desk.driver), desk.run(BOXES), REFERENCES / f"{page}.json"
    if renewing:
        save(REFERENCES / f"{name}.png", coarse(picture))
        save_layout(layout, boxes)
        return
    cells = differing(load(REFERENCES / f"{name}.png"), coarse(picture))
    moved = elsewhere(json.loads(layout.read_text()), boxes)
    if cells.mean() > SHARE or moved:
        save(tmp_path / f"{name}.png", picture)
        pytest.fail(
            f"{name} looks different in {cells.mean():.1%} of its cells: {where(cells, boxes)}; "
            f"{moved or 'no panel moved'}. "
            f"The new picture is {tmp_path / name}.png; if it is right, `make pictures`."
        )


def test_a_number_that_explains_itself_is_shown_in_the_documentation(looking, renewing):
    if renewing:
        desk = looking("risk-manager", NUMBER, "dark")
        desk.until(lambda: desk.text("#drawer"))
        desk.settle()
        document("explain-number-dark", taken(desk.driver))
    assert {path.stem for path in DOCUMENTED.glob("*.png")} == SHOWN | {"explain-number-dark"}


def test_a_panel_that_moves_is_seen_and_said(looking):
    desk = looking(*PAGES["overview"], "dark")
    before = coarse(taken(desk.driver))
    desk.run("document.querySelector('#overview-limits').style.transform = 'translate(24px, 30px)'")
    cells = differing(before, coarse(taken(desk.driver)))
    assert cells.mean() > SHARE
    assert where(cells, desk.run(BOXES)).startswith("overview-limits")


def test_a_panel_with_nothing_in_it_is_seen_to_move_and_to_go_where_a_picture_sees_neither(looking):
    desk = looking(*PAGES["var"], "dark")
    empty = "var-simulated-by-book"
    desk.run(CHANGING)
    picture, boxes = coarse(taken(desk.driver)), desk.run(BOXES)
    panel = f"document.querySelector('#{empty}').style"
    desk.run(f"{panel}.transform = 'translate(0, {MOVED + 2}px)'")
    assert differing(picture, coarse(taken(desk.driver))).mean() < SHARE
    assert elsewhere(boxes, desk.run(BOXES)) == f"{empty} moved"
    desk.run(f"{panel}.transform = ''; {panel}.display = 'none'")
    assert f"{empty} is gone" in elsewhere(boxes, desk.run(BOXES))


@pytest.mark.parametrize(
    ("now", "said"),
    [
        ([["a", 0, 0, 9, 9], ["b", 9, 0, 20, 9]], ""),
        ([["a", 0, 0, 9, 9 + MOVED], ["b", 9, 0, 20, 9]], ""),
        ([["a", 0, 0, 9, 10 + MOVED], ["b", 9, 0, 20, 9]], "a moved"),
        ([["b", 9, 0, 20, 9]], "a is gone"),
        ([["a", 9, 0, 20, 9], ["b", 0, 0, 9, 9], ["c", 20, 0, 30, 9]], "c is new, a moved, b moved"),
    ],
)
def test_layouts_are_told_apart_by_their_edges(now, said):
    assert elsewhere([["a", 0, 0, 9, 9], ["b", 9, 0, 20, 9]], now) == said
