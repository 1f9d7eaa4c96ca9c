"""A bearer opens one page as its reader may, for some minutes, and nothing else."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from auth.embeds import Bounds, narrowed
from auth.portals import Portals
from data.bearer import embed_bearer
from data.scope import Scope
from tests.auth.embed.conftest import ISSUER, LOGIN, OWN, PORTAL


def test_a_token_is_exchanged_for_a_bearer_that_reads_as_its_reader(client, bearer, audited):
    answer = client.get("/embed/rows", headers=bearer(filters={"book": "EQ1"}))
    assert answer.json == {
        "reader": "ada",
        "desks": ["FX", "Vol"],
        "firm": False,
        "page": "var",
        "fixed": {"book": "EQ1"},
    }
    ((reader, told),) = audited("embed_opened")
    assert (reader, told["portal"], told["page"], told["filters"]) == ("ada", "intranet", "var", {"book": "EQ1"})


def test_nothing_of_a_frame_sets_or_reads_a_cookie(client, bearer):
    with client.session_transaction() as session:
        session.update(sub="rita", name="Rita", groups=["role:risk_manager"])
    answers = [client.get("/embed/var"), client.get("/embed/rows"), client.get("/embed/rows", headers=bearer())]
    assert [answer.status_code for answer in answers] == [200, 401, 200]
    assert answers[2].json["reader"] == "ada"
    assert not [answer for answer in answers if "Set-Cookie" in answer.headers]


def test_the_store_knows_the_hash_and_nothing_of_the_bearer(bearer, store):
    secret = bearer()["Authorization"].removeprefix("Bearer parapet-embed_")
    with store.engine.connect() as connection:
        row = connection.execute(select(embed_bearer)).one()
    assert len(row.hash) == 64
    assert not any(secret[start : start + 6] in str(row) for start in range(len(secret) - 5))


def test_desks_of_token_and_portal_only_ever_intersect(client, bearer, embeds):
    def desks(**claims):
        answer = client.get("/embed/rows", headers=bearer(**claims))
        return answer.json["desks"], answer.json["firm"]

    assert desks(desks=["Vol", "Rates"]) == (["Vol"], False)
    assert desks(sub="rita") == ([], True)
    assert desks(sub="rita", desks=["Rates"]) == (["Rates"], False)
    embeds.portals = Portals({"intranet": PORTAL.model_copy(update={"desks": frozenset({"FX"})})})
    assert desks() == (["FX"], False)
    assert desks(sub="rita", desks=["FX", "Vol"]) == (["FX"], False)


def test_single_books_and_whole_rests_do_not_come_along_into_named_desks():
    scope = Scope("x", "X", frozenset({"trader"}), desks=frozenset({"Vol"}), books=frozenset({"B"}), rest=True)
    assert narrowed(scope, frozenset({"FX"})).key == Scope("x", "X", desks=frozenset({"FX"})).key
    kept = Scope("x", "X", desks=frozenset({"FX"}), closed_books=frozenset({"B"}))
    assert narrowed(kept, frozenset({"FX"})).closed_books == {"B"}


def test_what_a_reader_loses_is_lost_at_the_next_request(client, bearer, readers, audited):
    header = bearer()
    readers.seen("ada", "Ada", "", ["role:trader", "desk:FX"])
    assert client.get("/embed/rows", headers=header).json["desks"] == ["FX"]
    readers.seen("ada", "Ada", "", [])
    assert client.get("/embed/rows", headers=header).status_code == 403
    assert audited()[-1][0] == "ada"


def test_a_reader_who_has_been_away_too_long_is_out(client, bearer, clock):
    clock.advance(days=LOGIN.away.days, minutes=-1)
    header = bearer()
    clock.advance(minutes=2)
    assert client.get("/embed/rows", headers=header).status_code == 403


def test_a_portal_that_is_taken_out_of_the_file_is_out(client, bearer, embeds):
    header = bearer()
    embeds.portals = Portals({"intranet": PORTAL.model_copy(update={"pages": frozenset({"pnl"})})})
    assert client.get("/embed/rows", headers=header).status_code == 403
    embeds.portals = Portals({})
    assert client.get("/embed/rows", headers=header).status_code == 403


def test_a_bearer_ends_after_ten_minutes(client, bearer, clock, audited):
    header = bearer()
    clock.advance(minutes=10, seconds=-1)
    assert client.get("/embed/rows", headers=header).status_code == 200
    clock.advance(seconds=1)
    assert client.get("/embed/rows", headers=header).status_code == 401
    assert audited()[-1][0] == "ada"


def test_how_long_bearers_last_is_a_setting(client, bearer, embeds, clock, readers):
    embeds.bounds = Bounds(lasts=timedelta(minutes=3), popup=timedelta(minutes=30))
    header, code = bearer(), embeds.code(readers.scope("ada"), "plain", "var")
    popup = embeds.redeem(code, "var")
    assert popup.seconds == 1800
    clock.advance(minutes=3)
    assert client.get("/embed/rows", headers=header).status_code == 401
    assert embeds.admit(popup.bearer).reader == "ada"


def test_a_reader_has_so_many_bearers_at_once_and_one_more_ends_the_oldest(client, bearer, embeds, clock, audited):
    embeds.bounds = Bounds(most=3)
    of_rita, mine = bearer(sub="rita"), []
    for _ in range(5):
        mine.append(bearer())
        clock.advance(seconds=1)
    assert [client.get("/embed/rows", headers=one).status_code for one in mine] == [401, 401, 200, 200, 200]
    assert client.get("/embed/rows", headers=of_rita).status_code == 200
    assert [reader for reader, _ in audited()] == ["ada", "ada"]
    clock.advance(minutes=10)
    assert client.get("/embed/rows", headers=bearer()).status_code == 200


def test_of_codes_and_tokens_together_the_newest_is_never_the_one_that_ends(client, bearer, embeds, readers, clock):
    embeds.bounds = Bounds(most=2)
    popups = []
    for _ in range(2):
        popups.append(embeds.redeem(embeds.code(readers.scope("ada"), "plain", "var"), "var").bearer)
        clock.advance(seconds=1)
    assert client.get("/embed/rows", headers=bearer()).status_code == 200
    shown = [{"Authorization": f"Bearer {popup}"} for popup in popups]
    assert [client.get("/embed/rows", headers=one).status_code for one in shown] == [401, 200]


@pytest.mark.attack(23)
@pytest.mark.parametrize("path", ["/rows", "/export/x.csv", "/", "/nowhere", "/embed/other", "/embed/a/b"])
def test_a_bearer_opens_nothing_of_the_main_app_even_beside_a_session(client, bearer, audited, path):
    with client.session_transaction() as session:
        session.update(sub="rita", name="Rita", groups=["role:risk_manager"])
    assert client.get(path, headers=bearer()).status_code == 403
    assert audited()[-1][0] == "ada"


@pytest.mark.parametrize(
    "shown", ["", "Bearer", "Bearer x", "Bearer parapet-embed_x", "Basic eDp5", "Bearer parapet_x"]
)
def test_without_a_bearer_a_frame_gets_401(client, shown):
    assert client.get("/embed/rows", headers={"Authorization": shown}).status_code == 401


def test_a_frames_change_must_come_from_the_frame_itself(client, bearer, exchange, sign, audited):
    header = bearer()
    assert client.post("/embed/rows", headers=header | OWN).status_code == 200
    assert client.post("/embed/rows", headers=header | {"Origin": ISSUER}).status_code == 403
    assert exchange(sign(), **{"Origin": ISSUER, "Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert len(audited()) == 2


@pytest.mark.attack(24, row="")
def test_only_what_names_portals_can_be_framed_and_no_frame_tells_where_it_is(client):
    shell, refused, main = client.get("/embed/var"), client.get("/embed/rows"), client.get("/rows")
    assert shell.headers["Content-Security-Policy"] == f"frame-ancestors {ISSUER}"
    assert "X-Frame-Options" not in shell.headers
    for answer in (refused, main):
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Frame-Options"] == "DENY"
    assert [answer.headers["Referrer-Policy"] for answer in (shell, refused)] == ["no-referrer", "no-referrer"]
