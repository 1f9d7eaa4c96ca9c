"""From a phone to a wall of screens: one bar, no sideways scrolling, and nothing that jumps when numbers arrive."""

import pytest

from app.view import discover

WHATIF = "whatif=close+AAPL+%40+LS-TREND"
SHIFTS = """
    const [done] = arguments;
    let sum = 0;
    const add = (entry) => { sum += entry.hadRecentInput ? 0 : entry.value };
    new PerformanceObserver((list) => list.getEntries().forEach(add)).observe({ type: 'layout-shift', buffered: true });
    setTimeout(() => done(sum), 100);
"""
LINES = """
    const seen = [...document.querySelectorAll('.top .chip, .top .fresh')].filter((part) => part.offsetWidth);
    const inside = (part) => !part.closest('.list') && !part.closest('#bar-rest');
    return new Set(seen.filter(inside).map((part) => {
      const { top, bottom } = part.getBoundingClientRect();
      return Math.round((top + bottom) / 20);
    })).size;
"""
OVERLAPS = """
    const seen = [...document.querySelectorAll('.top .chip, .top .fresh')];
    const parts = seen.filter((part) => part.offsetWidth && !part.closest('.list'));
    const box = (part) => part.getBoundingClientRect();
    parts.sort((a, b) => box(a).left - box(b).left);
    const covered = parts.slice(1).filter((part, at) => box(part).left < box(parts[at]).right - 1);
    return covered.map((part) => part.textContent);
"""
TILES = """
    const boxes = [...document.querySelectorAll('.panel.bare')].map((tile) => tile.getBoundingClientRect());
    return boxes.map(({ left, right }) => [left, right]);
"""
NOTES = """
    return [...document.querySelectorAll('.tile .notes')].map((line) => {
      const { bottom, right } = line.getBoundingClientRect();
      const notes = [...line.children].map((note) => ({ text: note.textContent, box: note.getBoundingClientRect() }));
      const shown = notes.filter(({ box }) => box.top < bottom - 1);
      const cut = shown.filter(({ box }) => box.right > right + 1);
      return [notes, shown, cut].map((some) => some.map(({ text }) => text));
    });
"""
EDGES = """
    return [...document.querySelectorAll('.panel.card')].map((panel) => {
      const { left, right } = panel.getBoundingClientRect();
      return [Math.round(left), Math.round(innerWidth - right)];
    });
"""


WRITTEN_IN = """
    const [family, weight] = arguments;
    const cell = document.querySelector('#overview-risk-by-book .ag-cell-value');
    const digits = cell.appendChild(document.createElement('span'));
    Object.assign(digits.style, { fontFamily: family, fontWeight: weight, position: 'absolute' });
    digits.textContent = '0'.repeat(100);
    const { width } = digits.getBoundingClientRect();
    const size = getComputedStyle(cell).fontSize;
    digits.remove();
    return width / parseFloat(size) / 100;
"""


@pytest.mark.parametrize("weight", [400, 700])
@pytest.mark.parametrize("family", ["var(--font)", "sans-serif", "serif", "monospace"])
def test_a_number_is_as_wide_as_its_column_is_measured_for_in_any_typeface(desk, family, weight):
    desk.open("/")
    assert desk.run(WRITTEN_IN, family, weight) == pytest.approx(0.556, abs=0.004)


@pytest.mark.parametrize("view", discover().values(), ids=lambda view: view.name)
def test_nothing_on_a_page_jumps_when_its_numbers_arrive(desk, view):
    with desk.at(1280, 800):
        desk.open(view.path)
        assert desk.driver.execute_async_script(SHIFTS) <= 0.05


@pytest.mark.parametrize("width", [1280, 1600, 3840])
@pytest.mark.parametrize("path", [f"/?{WHATIF}", f"/var?desk=Vol&{WHATIF}"])
def test_the_bar_takes_one_line_and_nothing_in_it_overlaps(desk, width, path):
    with desk.at(width):
        desk.open(path)
        assert desk.run(LINES) == 1
        assert desk.run(OVERLAPS) == []


@pytest.mark.parametrize("width", [400, 1280, 1920])
def test_a_tile_shows_its_notes_whole_from_the_first_to_the_last_it_has_room_for(desk, width):
    with desk.at(width):
        desk.open("/")
        tiles = [tile for tile in desk.run(NOTES) if tile[0]]
        assert tiles
        for notes, shown, cut in tiles:
            assert shown == notes[: max(1, len(shown))]
            assert cut == []
            assert width < 1920 or shown == notes


@pytest.mark.parametrize("path", ["/", "/limits"])
def test_a_phone_shows_one_column_under_a_bar_of_one_line(desk, path):
    with desk.at(400):
        desk.open(path)
        assert desk.run(LINES) == 1
        assert set(map(tuple, desk.run(EDGES))) == {(12, 12)}
        assert desk.run("return document.documentElement.scrollWidth") <= 400


def test_what_a_narrow_bar_has_no_room_for_opens_under_its_last_button(desk):
    with desk.at(400):
        desk.open("/")
        assert not desk.find("#theme-switch").is_displayed()
        desk.click("#bar-more")
        assert desk.find("#theme-switch").is_displayed()
        assert desk.find("#vs").is_displayed()
        desk.click("#page")
        assert not desk.find("#theme-switch").is_displayed()


def test_the_tiles_of_a_phone_do_not_lie_under_the_panels(desk):
    with desk.at(400):
        desk.open("/limits")
        lowest = desk.run(
            "return Math.max(...[...document.querySelectorAll('.tile')].map((t) => t.getBoundingClientRect().bottom))"
        )
        assert lowest <= desk.run("return document.querySelector('.panel.card').getBoundingClientRect().top")


@pytest.mark.parametrize("path", ["/positions", "/blotter"])
def test_the_only_table_of_a_page_fills_a_tablet(desk, path):
    with desk.at(768, 1024):
        desk.open(path)
        assert 1000 <= desk.run("return document.querySelector('.panel.card').getBoundingClientRect().bottom") <= 1024


def test_five_tiles_leave_no_hole_beside_the_last(desk):
    with desk.at(400):
        desk.open("/book")
        *_, (left, right) = desk.run(TILES)
        assert (left, right) == (12, 388)


def test_a_phone_shows_the_use_of_each_limit_without_scrolling_sideways(desk):
    with desk.at(400):
        desk.open("/limits")
        used = "return document.querySelector('#limits-use .ag-cell[col-id=utilisation]').getBoundingClientRect().right"
        assert desk.run(used) <= 400
