"""What a reader chose for himself: a look that follows him, and a home that opens or says why not."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import select, update

from app.figures import THEMES, Dress, draw
from app.figures.number import exact, separated, text
from app.figures.theme import STRONGEST, tint, tokens
from app.filters import Filters
from app.preferences import OPTIONS, BadChoiceError, Home, Look, Preferences
from app.question import DeniedError
from app.saved_views import BadViewError, SavedViews
from app.table import Column
from data.scope import NOBODY
from data.store import audit_event, reader_choice
from tests.app.test_annotations import BOOKS
from tests.app.test_figures_theme import SURFACES, contrast
from tests.ledger import FIRM, Ledger, trader

NOON = datetime(2022, 12, 28, 12, tzinfo=UTC)
TOM = trader("Cash")
EVE = replace(trader("Europe"), reader="eve", name="Eve")
MONEY, SHARE = Column("pnl", "P&L", "money", "USD", signed=True), Column("part", "Part", "ratio", "%")


@pytest.fixture(scope="module")
def ledger(tmp_path_factory):
    ledger = Ledger(tmp_path_factory.mktemp("book"), BOOKS)
    yield ledger
    ledger.warehouse.close()


@pytest.fixture
def views(store, ledger):
    return SavedViews(store, ledger.answers, lambda: NOON)


@pytest.fixture
def preferences(store, views):
    return Preferences(store, views, lambda: NOON)


def test_a_reader_who_chose_nothing_sees_the_usual(preferences):
    assert preferences.look(TOM) == Look()
    assert preferences.home(TOM) is None


def test_each_setting_is_kept_beside_the_others_and_follows_its_reader_alone(preferences):
    chosen = {**{name: values[-1] for name, values in OPTIONS.items()}, "zone": "Europe/Berlin"}
    for name, value in chosen.items():
        preferences.choose(TOM, name, value)
    assert preferences.look(TOM) == Look(**chosen)
    assert preferences.look(replace(TOM, name="Thomas", desks=frozenset())) == Look(**chosen)
    assert preferences.look(EVE) == Look()
    assert preferences.choose(TOM, "theme", "") == Look(**{**chosen, "theme": ""})


@pytest.mark.parametrize(
    ("name", "value"), [("theme", "pink"), ("zone", "Moon"), ("numbers", "1,2"), ("home", "/"), ("__class__", "x")]
)
def test_a_setting_or_value_that_there_is_not_is_refused_with_what_there_is(preferences, name, value):
    with pytest.raises(BadChoiceError, match="there are "):
        preferences.choose(TOM, name, value)
    assert preferences.look(TOM) == Look()


def test_what_is_no_longer_a_choice_counts_as_none(preferences, store):
    preferences.choose(TOM, "density", "compact")
    old = '{"density": "compact", "theme": "pink", "gone": 1}'
    with store.engine.begin() as connection:
        connection.execute(update(reader_choice).values(look=old))
    assert preferences.look(TOM) == Look(density="compact")


def test_nobody_keeps_nothing(preferences):
    for ask in (
        lambda: preferences.look(NOBODY),
        lambda: preferences.choose(NOBODY, "theme", "dark"),
        lambda: preferences.home(NOBODY),
    ):
        with pytest.raises(DeniedError):
            ask()


def test_a_page_with_its_choices_is_a_home(preferences):
    preferences.set_home(TOM, "positions", "scale=m&desk=Cash")
    assert preferences.home(TOM) == Home("positions", "desk=Cash&scale=m")
    preferences.choose(TOM, "theme", "dark")
    preferences.forget_home(TOM)
    assert preferences.home(TOM) is None
    assert preferences.look(TOM) == Look(theme="dark")


def test_what_does_not_open_is_no_home(preferences, views):
    views.save(FIRM, "theirs", "positions", "desk=Europe")
    (view,) = views.mine(FIRM)
    views.share(FIRM, view.view_id, "everyone")
    for page, query in (("positions", "desk=Europe"), ("nowhere", "")):
        with pytest.raises(DeniedError):
            preferences.set_home(TOM, page, query)
    with pytest.raises(BadViewError):
        preferences.set_home_view(TOM, view.view_id)
    assert preferences.home(TOM) is None


def test_a_saved_view_is_a_home_that_follows_what_it_holds(preferences, views):
    views.save(TOM, "mine", "positions", "")
    (view,) = views.mine(TOM)
    preferences.set_home_view(TOM, view.view_id)
    views.save(TOM, "mine", "pnl", "desk=Cash")
    assert (preferences.home(TOM).page, preferences.home(TOM).query) == ("pnl", "desk=Cash")


def test_a_home_that_no_longer_opens_says_so(preferences, views):
    preferences.set_home(TOM, "positions", "desk=Cash")
    with pytest.raises(LookupError, match="no longer open to you"):
        preferences.home(replace(TOM, desks=frozenset({"Europe"})))
    views.save(TOM, "mine", "positions", "")
    (view,) = views.mine(TOM)
    preferences.set_home_view(TOM, view.view_id)
    views.forget(TOM, view.view_id)
    with pytest.raises(LookupError, match="gone or no longer open to you"):
        preferences.home(TOM)


def test_changes_leave_audit_rows(preferences, store):
    preferences.choose(TOM, "theme", "dark")
    preferences.set_home(TOM, "positions", "")
    with store.engine.connect() as connection:
        rows = connection.execute(select(audit_event.c.event, audit_event.c.reader)).all()
    assert [tuple(row) for row in rows] == [("setting_chosen", "tom"), ("home_set", "tom")]


@pytest.mark.parametrize(
    ("numbers", "money", "share", "hover"),
    [
        ("", "+1,234,568", "34.5%", "−1,234.50"),
        ("point-comma", "+1.234.568", "34,5%", "−1.234,50"),
        ("space-comma", "+1\u202f234\u202f568", "34,5%", "−1\u202f234,50"),
        ("apostrophe-point", "+1’234’568", "34.5%", "−1’234.50"),
        ("made up", "+1,234,568", "34.5%", "−1,234.50"),
    ],
)
def test_numbers_are_written_with_the_readers_separators(numbers, money, share, hover):
    with separated(numbers):
        assert text(1234567.8, MONEY, "1") == money
        assert text(0.345, SHARE, "1") == share
        assert exact([-1234.5], 2) == [hover]
    assert text(1234567.8, MONEY, "1") == "+1,234,568"


@pytest.mark.parametrize(
    ("sent", "dress"),
    [
        ("dark", "dark"),
        ("", "dark"),
        (None, "dark"),
        ("point-comma light", "light point-comma"),
        ("light blue-orange space-comma", "light blue-orange space-comma"),
        ("pink <b> light", "light"),
    ],
)
def test_whatever_a_browser_sends_is_one_of_few_dresses(sent, dress):
    assert str(Dress.read(sent)) == dress


def test_tiles_and_charts_are_drawn_in_the_readers_separators_and_palette(ledger):
    tiles = ledger.answers.table("pnl-history", Filters(), FIRM)
    usual, other = (
        str(draw("bars", tiles, theme=theme, scale="1")) for theme in ("dark", "dark blue-orange point-comma")
    )
    assert "'separators': '.,'" in usual
    assert "'separators': ',.'" in other
    assert "#3fb68b" in usual
    assert "#3fb68b" not in other


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("ink", ["gain", "loss", "accent"])
def test_the_colours_of_the_blue_and_orange_palette_can_be_read_and_told_apart(theme, ink):
    found = tokens(f"{theme} blue-orange")
    assert min(contrast(found[ink], found[surface]) for surface in SURFACES) >= 4.5
    assert contrast(found["text"], tint(found, ink, STRONGEST)) >= 4.5
    assert len({found[name] for name in ("gain", "loss", "accent", "warn", "breach")}) == 5
    assert found["panel"] == tokens(theme)["panel"]
