"""Limits: spoken for by the right terms of a day, and seen by those whom they bind alone."""

from datetime import UTC, date, datetime

import pytest

from data.load import load
from data.scope import NOBODY
from tests.ledger import FIRM, Ledger, trader

BOOKS = """
    books:
      book desk  legal_entity trader
      V1   Vol   Parapet      Dario
      V2   Vol   Parapet      Hana
      V3   Vol   Parapet      Hana
      F1   FX    Parapet      Nadia
      Vol  FX    Parapet      Nadia
      R1   Rates Parapet      Lucien
    instruments:
      symbol currency sector
      AAA    USD      Energy
      EEE    EUR      Energy
    fx:
      quote rate_date  rate
      USD   2022-01-03 1.25
      USD   2022-01-04 1.10
    prices:
      instrument price_date price
      AAA        2022-01-03 10
      AAA        2022-01-04 10
    trades:
      trade_id book instrument quantity price trade_date
      T1       V1   AAA        100      10    2022-01-03
"""
EVERY_SCOPE = """
    limits:
      limit_id  scope_kind    scope_node desk  measure             soft hard
      firm      firm          -          -     exposure.gross      80   100
      entity    legal_entity  Parapet    -     exposure.gross      80   100
      unit      business_unit Markets    -     exposure.gross      80   100
      vol       desk          Vol        -     exposure.gross      80   100
      fx        desk          FX         -     exposure.gross      80   100
      v1        book          V1         -     exposure.gross      80   100
      namesake  book          Vol        -     exposure.gross      80   100
      hana      trader        Hana       -     exposure.gross      80   100
      hana-vol  trader        Hana       Vol   exposure.gross      80   100
      equity    asset_class   equity     -     exposure.net        80   100
      equity-v  asset_class   equity     Vol   exposure.net        80   100
      energy    sector        Energy     -     exposure.net        80   100
      energy-f  sector        Energy     FX    exposure.net        80   100
      eur       currency      EUR        -     exposure.net        80   100
      eur-vol   currency      EUR        Vol   exposure.net        80   100
      eur-fx    currency      EUR        FX    exposure.net        80   100
      aaa       instrument    AAA        -     exposure.net        80   100
      aaa-vol   instrument    AAA        Vol   exposure.net        80   100
      ten       tenor         10Y        -     sensitivities.pv01  80   100
      ten-rates tenor         10Y        Rates sensitivities.pv01  80   100
      spx       factor        SPX        -     sensitivities.delta 80   100
      spx-vol   factor        SPX        Vol   sensitivities.delta 80   100
"""
OF_VOL = {"vol", "v1", "hana-vol", "equity-v", "eur-vol", "aaa-vol", "spx-vol"}
OF_FX = {"fx", "namesake", "energy-f", "eur-fx"}
OF_RATES = {"ten-rates"}
OF_THE_FIRM = {"firm", "entity", "unit", "hana", "equity", "energy", "eur", "aaa", "ten", "spx"}


@pytest.fixture(scope="module")
def bound(tmp_path_factory):
    """Limits of every kind over three desks, to be read only; a book of FX bears the name of the desk Vol."""
    ledger = Ledger(tmp_path_factory.mktemp("bound"), BOOKS + EVERY_SCOPE)
    yield ledger
    ledger.warehouse.close()


def ids(frame):
    """The limits of an answer, each of them one row."""
    assert frame["limit_id"].is_unique
    return set(frame["limit_id"])


def standing(ledger, day):
    """limit_id → hard level on a day."""
    frame = ledger.read("limits", as_of=date.fromisoformat(day))
    return dict(zip(frame["limit_id"], frame["hard"], strict=True))


# The terms of a day


def test_a_limit_stands_from_its_first_day_to_its_last(open_ledger):
    ledger = open_ledger(
        BOOKS
        + """
    limits:
      limit_id scope_kind scope_node measure        soft hard valid_from valid_to
      past     desk       Vol        exposure.gross 80   100  2020-01-01 2021-12-31
      ending   desk       Vol        exposure.gross 80   100  2020-01-01 2022-01-03
      one-day  desk       Vol        exposure.gross 80   100  2022-01-04 2022-01-04
      coming   desk       Vol        exposure.gross 80   100  2022-01-05 -
    """
    )
    assert set(standing(ledger, "2022-01-03")) == {"ending"}
    assert set(standing(ledger, "2022-01-04")) == {"one-day"}
    assert set(standing(ledger, "2019-12-31")) == set()


def test_terms_that_begin_later_leave_the_earlier_days_as_they_were(open_ledger):
    ledger = open_ledger(
        BOOKS
        + """
    limits:
      limit_id scope_kind scope_node measure        soft hard valid_from valid_to
      vol      desk       Vol        exposure.gross 80   100  2020-01-01 -
      vol      desk       Vol        exposure.gross 80   120  2022-01-04 2022-01-09
    """
    )
    assert standing(ledger, "2022-01-03") == {"vol": 100}
    assert standing(ledger, "2022-01-04") == {"vol": 120}
    assert standing(ledger, "2022-01-10") == {}


def test_of_the_terms_of_a_day_the_latest_known_speak_and_an_ended_limit_is_silent(open_ledger):
    ledger = open_ledger(BOOKS + EVERY_SCOPE)
    for number, (hard, ends) in enumerate([(120, ""), (110, "2022-01-03")]):
        path = ledger.folder / f"correction-{number}.csv"
        path.write_text(
            "limit_id,scope_kind,scope_node,measure,soft,hard,currency,valid_from,valid_to\n"
            f"vol,desk,Vol,exposure.gross,80,{hard},USD,2020-01-01,{ends}\n"
        )
        with ledger.warehouse.draft("test") as draft:
            load(draft.connection, "limits", path, now=datetime(2023, 1, 2 + number, tzinfo=UTC))
        assert standing(ledger, "2022-01-03")["vol"] == hard
    assert "vol" not in standing(ledger, "2022-01-04")


def test_a_limit_comes_with_the_rate_of_its_currency_on_the_day(open_ledger):
    ledger = open_ledger(
        BOOKS
        + """
    limits:
      limit_id scope_kind scope_node measure        soft hard currency
      euro     desk       Vol        exposure.gross 80   100  EUR
      dollar   desk       Vol        exposure.gross 80   100  USD
      franc    desk       Vol        exposure.gross 80   100  CHF
    """
    )
    frame = ledger.read("limits", as_of=date(2022, 1, 4)).set_index("limit_id")
    assert frame.loc["euro", "rate"] == pytest.approx(1.10)
    assert frame.loc["dollar", "rate"] == 1
    assert frame["rate"].isna().to_dict() == {"euro": False, "dollar": False, "franc": True}
    in_euro = ledger.read("limits", base="EUR", as_of=date(2022, 1, 3)).set_index("limit_id")
    assert in_euro.loc["dollar", "rate"] == pytest.approx(1 / 1.25)


# Who sees what


@pytest.mark.parametrize(
    ("desks", "seen"),
    [
        (["Vol"], OF_VOL),
        (["FX"], OF_FX),
        (["Rates"], OF_RATES),
        (["Vol", "FX"], OF_VOL | OF_FX),
        (["Vol", "FX", "Rates"], OF_VOL | OF_FX | OF_RATES),
        (["Cash"], set()),
        (["vol"], set()),
        ([""], set()),
        (["None"], set()),
        ([], set()),
    ],
)
def test_a_trader_sees_the_limits_of_the_trader_s_desks_and_nothing_else(bound, desks, seen):
    assert ids(bound.read("limits", trader(*desks))) == seen


def test_the_firm_sees_every_limit_once_under_its_desk(bound):
    frame = bound.read("limits")
    assert ids(frame) == OF_THE_FIRM | OF_VOL | OF_FX | OF_RATES
    desks = frame.set_index("limit_id")["desk"]
    assert set(desks[desks.isna()].index) == OF_THE_FIRM
    assert {name: set(group.index) for name, group in desks.groupby(desks)} == {
        "Vol": OF_VOL,
        "FX": OF_FX,
        "Rates": OF_RATES,
    }


def test_nobody_sees_no_limit(bound):
    assert bound.read("limits", NOBODY).empty


def test_nothing_that_a_trader_of_vol_is_given_names_another_desk(bound):
    told = bound.read("limits", trader("Vol")).to_csv()
    assert not [name for name in ("FX", "Rates", "F1", "R1", "namesake", "firm", "Markets", "Parapet") if name in told]


@pytest.mark.parametrize(
    "rows", [{"desk": "FX"}, {"book": "F1"}, {"trader": "Nadia"}, {"desk": "FX", "book": "Vol"}, {"instrument": "EEE"}]
)
def test_no_narrowing_widens_what_a_trader_sees(bound, rows):
    assert bound.read("limits", trader("Vol"), rows=rows).empty


@pytest.mark.parametrize(
    ("rows", "seen"),
    [
        ({"desk": "Vol"}, OF_VOL),
        ({"desk": "Vol", "book": "V1"}, OF_VOL),
        ({"book": "V2"}, OF_VOL - {"v1"}),
        ({"book": "Vol"}, OF_FX),
        ({"business_unit": "Markets"}, OF_VOL | OF_FX | OF_RATES),
        ({"instrument": "AAA"}, {"aaa", "aaa-vol"}),
        ({"asset_class": "equity"}, {"aaa", "aaa-vol"}),
    ],
)
def test_narrowed_limits_are_those_that_bind_the_books_or_instruments_chosen_each_once(bound, rows, seen):
    assert ids(bound.read("limits", FIRM, rows=rows)) == seen


def test_a_limit_of_a_desk_that_is_no_more_falls_to_the_firm(open_ledger):
    ledger = open_ledger(BOOKS + EVERY_SCOPE)
    ledger.add(
        """
    books:
      book desk   legal_entity
      V1   Equity Parapet
      V2   Equity Parapet
      V3   Equity Parapet
    """
    )
    assert ids(ledger.read("limits", trader("Vol"))) == set()
    assert ids(ledger.read("limits", trader("Equity"))) == {"v1"}
    assert ids(ledger.read("limits", FIRM)) >= OF_VOL
