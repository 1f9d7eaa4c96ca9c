"""The first hour of a reader: the tour is offered and takes the keys, words are looked up, what is new is marked."""

import pytest
from selenium.webdriver.common.keys import Keys

FORGET = "localStorage.removeItem('tour'); localStorage.removeItem('news')"
TOURING = "return Boolean(document.querySelector('dialog.tour[open]'))"
FOCUSED = "return document.activeElement.closest('dialog.tour') ? document.activeElement.textContent : ''"
COVERED = """
    const seen = (element) => {
      const box = element.getBoundingClientRect();
      const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
      return x > 0 && y > 0 && x < innerWidth && y < innerHeight ? document.elementFromPoint(x, y) : element;
    };
    return [...document.querySelectorAll('#navigation a, .panel > header a, .panel > header summary, .top .chip')]
      .map(seen).filter((found) => found && found.closest('#welcome')).length;
"""
RINGED = """
    const ring = document.querySelector('.tour .ring').getBoundingClientRect();
    const box = document.querySelector('[data-toured]').getBoundingClientRect();
    return [box.left - ring.left, ring.right - box.right, box.top - ring.top].every((gap) => Math.abs(gap - 4) < 1.5);
"""


@pytest.fixture
def newcomer(desk):
    """The desk of somebody whose browser has never been here; it is left as it was."""
    desk.run(FORGET)
    yield desk
    desk.sign_in("risk-manager")
    desk.run(FORGET)


def begin(desk):
    desk.click("#welcome .start")
    desk.until(lambda: desk.run(TOURING))


def title(desk):
    return desk.text(".tour h2")


def test_the_tour_is_offered_quietly_until_it_is_declined(newcomer):
    newcomer.open("/")
    assert "Take the tour" in newcomer.text("#welcome")
    assert not newcomer.run(TOURING)
    newcomer.click("#welcome .close")
    assert not newcomer.find("#welcome").is_displayed()
    newcomer.open("/")
    assert not newcomer.find("#welcome").is_displayed()


@pytest.mark.parametrize("address", ["/?scale=m", "/#glossary=known-at"])
def test_a_link_that_asks_for_something_is_not_interrupted(newcomer, address):
    newcomer.open(address)
    assert not newcomer.find("#welcome").is_displayed()


@pytest.mark.parametrize("size", [(1280, 720), (1600, 1000)])
def test_the_offer_covers_nothing_and_moves_nothing(newcomer, size):
    with newcomer.at(*size):
        newcomer.open("/")
        places = (
            "return [...document.querySelectorAll('#navigation a, .panel')].map((e) => e.getBoundingClientRect().y)"
        )
        offered = newcomer.run(places)
        assert newcomer.find("#welcome").is_displayed()
        assert newcomer.run(COVERED) == 0
        newcomer.click("#welcome .close")
        assert newcomer.run(places) == offered


def test_the_tour_walks_from_thing_to_thing_and_comes_once(newcomer):
    newcomer.open("/")
    begin(newcomer)
    steps = int(newcomer.text(".tour .count").split()[-1])
    assert 5 <= steps <= 7
    titles = []
    while newcomer.run(TOURING):
        assert newcomer.run(RINGED), title(newcomer)
        titles.append(title(newcomer))
        newcomer.click(".tour .next")
    assert len(set(titles)) == steps
    assert {"Known at", "A number explains itself", "Limits"} <= set(titles)
    newcomer.open("/")
    assert not newcomer.find("#welcome").is_displayed()


def test_the_keys_are_the_tours_while_it_is_open(newcomer):
    newcomer.open("/#expand=overview-summary")
    newcomer.click(".who summary")
    newcomer.click(".who a[data-tours]")
    newcomer.until(lambda: newcomer.run(TOURING))
    first = title(newcomer)
    assert newcomer.run(FOCUSED) == "Next"
    newcomer.press(Keys.ENTER)
    second = title(newcomer)
    newcomer.press(Keys.ARROW_LEFT)
    assert title(newcomer) == first != second
    newcomer.press(Keys.ARROW_RIGHT)
    stops = [newcomer.press(Keys.TAB) or newcomer.run(FOCUSED) for _ in range(4)]
    assert stops == ["Skip", "Back", "Next", "Skip"]
    newcomer.press(Keys.ESCAPE)
    assert not newcomer.run(TOURING)
    assert newcomer.place == "/#expand=overview-summary"
    assert newcomer.run("return document.activeElement.matches('.who summary')")


def test_a_bubble_says_what_it_is_to_a_screen_reader(newcomer):
    newcomer.open("/")
    begin(newcomer)
    named = "return document.getElementById(document.querySelector('.tour').getAttribute(arguments[0])).textContent"
    assert newcomer.run(named, "aria-labelledby") == title(newcomer)
    assert newcomer.run(named, "aria-describedby") == newcomer.text(".tour p")
    newcomer.click(".tour .skip-tour")


def test_a_trader_takes_a_tour_of_his_own_and_what_is_not_on_the_page_is_left_out(newcomer):
    newcomer.sign_in("trader-vol")
    newcomer.run(FORGET)
    newcomer.open("/nowhere")
    begin(newcomer)
    titles = []
    while newcomer.run(TOURING):
        titles.append(title(newcomer))
        newcomer.click(".tour .next")
    assert titles[0] == "Two dates"
    assert not {"A number explains itself", "From a row to what it is made of"} & set(titles)


def test_a_word_is_looked_up_in_the_glossary(newcomer):
    newcomer.open("/")
    newcomer.click(".who summary")
    newcomer.click(".who a[href='#glossary=all']")
    newcomer.until(lambda: newcomer.texts(".glossary-group .entry"))
    newcomer.find("#glossary-search").send_keys("stand-in moves")
    newcomer.until(lambda: newcomer.text("#glossary-count").startswith("1 of"))
    shown = [text for text in newcomer.texts(".entry") if text]
    assert [text.startswith("VaR at a glance") for text in shown] == [True]
    newcomer.click(".entry:not([hidden])")
    newcomer.until(lambda: newcomer.place == "/#glossary=var_summary")
    newcomer.until(lambda: "Stand-in moves" in newcomer.text("#drawer"))
    newcomer.press(Keys.ESCAPE)
    newcomer.until(lambda: newcomer.place == "/")


def test_a_measure_leads_to_a_panel_that_shows_it_and_back(newcomer):
    newcomer.open("/?scale=m#glossary=value_at_risk")
    newcomer.click(".places a[href$='#expand=var-tree-by-book']")
    newcomer.until(lambda: newcomer.place == "/var?scale=m#expand=var-tree-by-book")
    newcomer.settle()
    assert newcomer.find("#var-tree-by-book.expanded").is_displayed()
    newcomer.driver.back()
    newcomer.until(lambda: newcomer.place == "/?scale=m#glossary=value_at_risk")
    newcomer.settle()


def test_a_dot_marks_news_until_they_have_been_opened(newcomer):
    marked = "return document.documentElement.hasAttribute('data-news')"
    newcomer.open("/")
    assert newcomer.run(marked)
    newcomer.click(".who summary")
    newcomer.click(".who a[href='#news=all']")
    newcomer.until(lambda: "Release 0.1.0" in newcomer.text("#drawer"))
    assert not newcomer.run(marked)
    newcomer.open("/")
    assert not newcomer.run(marked)
