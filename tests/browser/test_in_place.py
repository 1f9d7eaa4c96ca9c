"""Another question on the same page: what changes does so in place, and only the newest question's answer is drawn."""

import pytest

TREE = "overview-risk-by-book"
LISTS = ("overview-risk-by-book", "overview-limits", "overview-stress", "overview-pnl-by-book")
MARK = """
    document.querySelectorAll('.panel .ag-header-cell, #overview-stress .ag-center-cols-container .ag-row')
      .forEach((part) => { part.known = true; });
"""
KNOWN = """
    const count = (css) => [...document.querySelectorAll(css)].filter((part) => part.known).length;
    return [count('.panel .ag-header-cell'), count('#overview-stress .ag-center-cols-container .ag-row')];
"""
LEFTS = """
    return [...document.querySelectorAll('.panel .ag-header-cell')].map((cell) => cell.getBoundingClientRect().left);
"""
UNANSWERED = """
    const ask = window.fetch;
    const asked = `${arguments[0]}.made`;
    const answered = (options) => !String((options || {}).body).includes(asked);
    window.fetch = (input, options) => (answered(options) ? ask(input, options) : new Promise(() => {}));
"""
NAMES = "return document.querySelector('.panel .ag-header-cell[col-id=_name]').getBoundingClientRect().width"
BARS = """
    const wide = (part) => part.getBoundingClientRect().width;
    return [...document.querySelectorAll('#overview-limits .bar i')]
      .map((bar) => wide(bar) / wide(bar.parentElement));
"""


def tell(desk, **said):
    """Give the risk table what a callback would."""
    desk.run("window.dash_clientside.set_props(arguments[0], arguments[1])", TREE, said)


def words(text):
    return {"type": "Div", "namespace": "dash_html_components", "props": {"children": text, "className": "figure"}}


def go(desk, address):
    desk.run("window.parapet.go(arguments[0])", address)
    desk.until(lambda: desk.place == address)
    desk.settle()


def test_columns_and_rows_stay_where_they_are_from_one_desk_to_the_next(desk):
    desk.open("/")
    desk.run(MARK)
    known = desk.run(KNOWN)
    assert min(known) > 2
    places = ("/?desk=Rates", "/?desk=Vol", "/")
    for address in places:  # columns grow where a desk's numbers need it
        go(desk, address)
        assert desk.run(KNOWN) == known
    lefts = desk.run(LEFTS)
    for address in places:
        go(desk, address)
        assert desk.run(LEFTS) == lefts


@pytest.mark.parametrize("address", ["/?desk=Vol", "/?desk=Rates&scale=m", "/?desk=FX&book=FX-FLOW"])
def test_what_changed_in_place_is_what_a_fresh_page_shows(desk, address):
    desk.open(address)
    fresh = {panel: desk.rows(panel) for panel in LISTS}
    bars = desk.run(BARS)
    desk.open("/")
    go(desk, address)
    assert {panel: desk.rows(panel) for panel in LISTS} == fresh
    assert desk.run(BARS) == pytest.approx(bars, abs=0.03)


def test_an_answer_to_an_earlier_question_is_not_drawn(desk):
    desk.open("/?desk=Vol")
    shown = desk.rows(TREE)
    tell(desk, made={"query": "desk=Rates", "at": "2026-01-05T08:00:00Z", "body": words("of Rates")})
    desk.settle()
    assert desk.rows(TREE) == shown
    assert "of Rates" not in desk.text(f"#{TREE}")


def test_numbers_that_cannot_be_renewed_stay_with_their_age_and_those_refused_go(desk):
    desk.open("/?desk=Vol")
    shown = desk.rows(TREE)
    desk.run(UNANSWERED, TREE)
    tell(
        desk,
        kept={"query": "desk=Vol"},
        made={"query": "desk=Vol", "stale": "The disk is full.", "problem": words("!")},
    )
    desk.until(lambda: "not refreshed for" in desk.text(f"#{TREE}-notice"))
    assert desk.rows(TREE) == shown
    assert desk.run(f"return document.querySelector('#{TREE}-body').classList.contains('stale')")
    tell(desk, made={"query": "desk=Vol", "stale": "", "problem": words("Not open to you")})
    desk.until(lambda: "Not open to you" in desk.text(f"#{TREE}-body"))
    assert desk.rows(TREE) == []
    assert not desk.text(f"#{TREE}-notice")


def test_the_names_of_a_pivot_are_as_wide_as_on_a_fresh_page_when_columns_come_and_go(desk):
    places = ("/pivot?rows=desk,book", "/pivot?rows=desk,book&cols=asset_class", "/pivot?rows=desk,book")
    widths = []
    for address in places:
        desk.open(address)
        widths.append(desk.run(NAMES))
    assert widths[1] < widths[0] / 2
    for address, width in zip(places, widths, strict=True):
        go(desk, address)
        assert desk.run(NAMES) == pytest.approx(width, rel=0.1)
