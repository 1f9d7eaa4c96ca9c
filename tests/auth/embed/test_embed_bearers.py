"""Embedding: a portal's token is good once, for one page; its bearer opens that page as its reader may, and no more."""

import base64
import hmac
import json

import pytest
from flask import Flask, Response, jsonify
from joserfc import jwt
from joserfc.jwk import ECKey
from sqlalchemy import select

from auth import guard
from auth.embeds import CODE_LASTS, LASTS, POPUP_LASTS, EmbedRefusedError, Embeds, narrowed
from auth.failures import Failures
from auth.frames import Frames
from auth.grants import GroupRules, lacking
from auth.oidc import LoginSettings
from auth.portals import Portal, Portals
from auth.readers import Readers
from data.bearer import embed_bearer
from data.scope import Scope
from data.store import audit_event

ISSUER, AUDIENCE = "https://portal.example.com", "http://localhost"
LOGIN = LoginSettings("http://localhost:1", "parapet", "-", AUDIENCE, token_failures=5)
KEY, OTHER = ECKey.generate_key("P-256"), ECKey.generate_key("P-256")
PORTAL = Portal(origins=(ISSUER,), pages={"var", "pnl"}, issuer=ISSUER, keys=[KEY.as_dict(private=False)])
PLAIN = Portal(origins=("https://plain.example.com",), pages={"var"}, popup=True)
OWN = {"Origin": AUDIENCE, "Sec-Fetch-Site": "same-origin"}


@pytest.fixture(autouse=True)
def readers(store, clock):
    found = Readers(store, clock, GroupRules(), LOGIN.away)
    found.seen("ada", "Ada", "ada@example.com", ["role:trader", "desk:Vol", "desk:FX"])
    found.seen("rita", "Rita", "", ["role:risk_manager"])
    return found


@pytest.fixture
def portals():
    return {"intranet": PORTAL, "plain": PLAIN}


@pytest.fixture
def embeds(store, readers, clock, portals):
    def check(filters):
        if set(filters) - {"desk", "book"}:
            raise ValueError("no such filter")

    return Embeds(Portals(portals), store, readers, clock, audience=AUDIENCE, check=check)


@pytest.fixture
def client(store, clock, embeds):
    """A guarded app: `/embed/<page>` and the exchange are open, `/embed/rows` wants a bearer, `/rows` a session."""
    app = Flask("frames", static_folder=None)
    failures, doors = Failures(LOGIN.token_failures, clock), {"opened": {"shell", "exchange"}, "endpoints": {"rows"}}
    gate = Frames(embeds, lambda scope: lacking(scope, LOGIN.rules), failures, **doors)

    def rows():
        scope = guard.current_scope()
        said = {"reader": scope.reader, "desks": sorted(scope.desks), "firm": scope.firm}
        return jsonify(said | {"page": scope.page, "fixed": dict(scope.fixed)})

    def shell(page):
        return Response(page, headers={"Content-Security-Policy": f"frame-ancestors {ISSUER}"})

    app.add_url_rule("/embed/<page>", "shell", shell)
    app.add_url_rule("/embed/exchange", "exchange", gate.exchange, methods=["POST"])
    app.add_url_rule("/embed/rows", "rows", rows, methods=["GET", "POST"])
    app.add_url_rule("/embed/other", "other", rows)
    app.add_url_rule("/rows", "main", rows)
    app.add_url_rule("/export/x.csv", "export", rows)
    guard.install(app, LOGIN, store, framed=gate, clock=clock)
    return app.test_client()


@pytest.fixture
def audited(store):
    def rows(event="denied"):
        with store.engine.connect() as connection:
            found = connection.execute(select(audit_event).order_by(audit_event.c.audit_id)).mappings().all()
        return [(row["reader"], json.loads(row["details"])) for row in found if row["event"] == event]

    return rows


@pytest.fixture
def sign(clock):
    """A portal's token; what is given replaces what a good one says, None takes it away."""
    made = iter(range(1000))

    def token(key=KEY, header=None, **changes):
        now = int(clock.now.timestamp())
        claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": "ada", "page": "var", "jti": f"n{next(made)}"}
        claims |= {"iat": now, "exp": now + 60} | changes
        said = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode(
            {"alg": "ES256", "typ": "embed+jwt", **(header or {})}, said, key, algorithms=["ES256", "HS256"]
        )

    return token


@pytest.fixture
def exchange(client):
    def post(token, page="var", **headers):
        return client.post("/embed/exchange", json={"token": token, "page": page}, headers=OWN | headers)

    return post


@pytest.fixture
def bearer(exchange, sign):
    """The header of a frame that has exchanged a token."""

    def show(page="var", **claims):
        answer = exchange(sign(page=page, **claims), page)
        assert answer.status_code == 200, answer.json
        return {"Authorization": f"Bearer {answer.json['bearer']}"}

    return show


def encoded(raw):
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def signed(algorithm, claims, secret=b""):
    """A token by another algorithm: none, or a hash with the public key as its secret."""
    text = ".".join(encoded(json.dumps(each).encode()) for each in ({"alg": algorithm, "typ": "embed+jwt"}, claims))
    return f"{text}.{encoded(hmac.digest(secret, text.encode(), 'sha256')) if secret else ''}"


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


@pytest.mark.attack(23)
@pytest.mark.parametrize(
    "changes",
    [
        {"key": OTHER},
        {"header": {"typ": None}},
        {"header": {"typ": "JWT"}},
        {"header": {"typ": "logout+jwt"}},
        {"iss": "https://evil.example"},
        {"iss": None},
        {"iss": ["https://portal.example.com"]},
        {"aud": "http://localhost:1"},
        {"aud": [AUDIENCE, "https://other.example"]},
        {"aud": None},
        {"sub": None},
        {"sub": 7},
        {"jti": None},
        {"jti": ""},
        {"desks": "Vol"},
        {"desks": [1]},
        {"filters": ["Vol"]},
        {"filters": {"book": 1}},
        {"filters": {"nonsense": "x"}},
    ],
    ids=str,
)
def test_a_token_that_is_not_right_in_everything_is_401_and_leaves_a_row(exchange, sign, audited, changes):
    if changes.get("header") == {"typ": None}:
        token = jwt.encode({"alg": "ES256"}, {"iss": ISSUER, "aud": AUDIENCE, "sub": "ada"}, KEY)
    else:
        token = sign(**changes)
    assert exchange(token).status_code == 401
    ((_, told),) = audited()
    assert told["reason"].startswith("the token does not pass: ")
    assert audited("embed_opened") == []


@pytest.mark.attack(23)
@pytest.mark.parametrize(
    "times",
    [
        {"iat": 0, "exp": 121},
        {"iat": 0, "exp": 3600},
        {"iat": -120, "exp": 0},
        {"iat": -60, "exp": -1},
        {"iat": 31, "exp": 90},
        {"iat": 60, "exp": 30},
        {"iat": None, "exp": 60},
        {"iat": 0, "exp": None},
        {"iat": 0, "exp": 60, "nbf": 45},
    ],
    ids=str,
)
def test_a_token_out_of_time_is_401(exchange, sign, clock, audited, times):
    now = int(clock.now.timestamp())
    moved = {name: None if seconds is None else now + seconds for name, seconds in times.items()}
    assert exchange(sign(**moved)).status_code == 401
    assert audited()[0][1]["reason"] == "the token does not pass: iat or exp"


def test_a_token_may_last_two_minutes_and_come_from_a_clock_that_is_a_little_ahead(exchange, sign, clock):
    now = int(clock.now.timestamp())
    assert exchange(sign(exp=now + 120)).status_code == 200
    assert exchange(sign(iat=now + 29, exp=now + 140)).status_code == 200


@pytest.mark.attack(23)
def test_other_signatures_are_401(exchange, sign, clock, audited):
    now = int(clock.now.timestamp())
    claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": "ada", "page": "var", "jti": "x", "iat": now, "exp": now + 60}
    hashed = signed("HS256", claims, KEY.as_pem(private=False))
    forged = [signed("none", claims), hashed, f"{sign()[:-8]}AAAAAAAA", "a.b.c"]
    assert [exchange(token).status_code for token in forged] == [401] * 4
    assert len(audited()) == 4


@pytest.mark.attack(23)
def test_an_id_token_is_401(exchange, sign):
    assert exchange(sign(header={"typ": "JWT"}, aud="parapet", nonce="n")).status_code == 401


@pytest.mark.attack(23)
def test_a_token_is_good_once(exchange, sign, clock, audited):
    token = sign()
    assert exchange(token).status_code == 200
    assert exchange(token).status_code == 401
    assert audited() == [("ada", audited()[0][1])]
    assert "used before" in audited()[0][1]["reason"]
    clock.advance(seconds=59)
    assert exchange(token).status_code == 401


def test_while_one_key_replaces_another_both_are_good(exchange, sign, embeds):
    embeds.portals = Portals({"intranet": PORTAL.model_copy(update={"keys": (OTHER, *PORTAL.keys)})})
    assert [exchange(sign(key=key)).status_code for key in (KEY, OTHER)] == [200, 200]


@pytest.mark.parametrize(("claimed", "asked"), [("pnl", "var"), ("var", "pnl"), ("frtb", "frtb"), (None, "var")])
def test_a_token_is_for_one_page_that_the_portal_may_show(exchange, sign, audited, claimed, asked):
    assert exchange(sign(page=claimed), asked).status_code == 403
    assert audited()[0][0] == "ada"


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


@pytest.mark.parametrize("desks", [[], ["Rates"]])
def test_who_may_see_none_of_the_desks_gets_no_bearer(exchange, sign, audited, desks):
    assert exchange(sign(desks=desks)).status_code == 403
    assert audited()[0][1]["status"] == 403


def test_single_books_and_whole_rests_do_not_come_along_into_named_desks():
    scope = Scope("x", "X", frozenset({"trader"}), desks=frozenset({"Vol"}), books=frozenset({"B"}), rest=True)
    assert narrowed(scope, frozenset({"FX"})).key == Scope("x", "X", desks=frozenset({"FX"})).key
    kept = Scope("x", "X", desks=frozenset({"FX"}), closed_books=frozenset({"B"}))
    assert narrowed(kept, frozenset({"FX"})).closed_books == {"B"}


def test_an_unknown_reader_is_told_to_sign_in_once(exchange, sign, audited):
    refused = exchange(sign(sub="nemo"))
    assert refused.status_code == 403
    assert "sign in once" in refused.json["error"]["message"]
    assert audited()[0][0] == "nemo"


def test_a_portal_may_name_readers_by_their_address(exchange, sign, embeds, readers, audited):
    by_mail = PORTAL.model_copy(update={"reader": "email", "match": "email"})
    embeds.portals = Portals({"intranet": by_mail})
    assert exchange(sign(sub="nemo", email="Ada@example.com")).status_code == 200
    assert audited("embed_opened")[0][0] == "ada"
    assert exchange(sign(email="")).status_code == 401
    assert exchange(sign(email="nemo@example.com")).status_code == 403
    readers.seen("ada2", "Ada", "ada@example.com", ["role:admin"])
    assert exchange(sign(email="ada@example.com")).status_code == 403


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
    clock.advance(seconds=LASTS.total_seconds() - 1)
    assert client.get("/embed/rows", headers=header).status_code == 200
    clock.advance(seconds=1)
    assert client.get("/embed/rows", headers=header).status_code == 401
    assert audited()[-1][0] == "ada"


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


@pytest.mark.parametrize("body", [None, [], {}, {"token": 1, "page": "var"}, {"token": "x" * 9000, "page": "var"}])
def test_an_exchange_of_something_else_is_401(client, body):
    assert client.post("/embed/exchange", json=body, headers=OWN).status_code == 401


def test_who_fails_too_often_waits(exchange, sign, clock):
    assert {exchange("wrong").status_code for _ in range(LOGIN.token_failures)} == {401}
    assert exchange(sign()).status_code == 429
    clock.advance(seconds=61)
    assert exchange(sign()).status_code == 200


@pytest.mark.attack(24, row="")
def test_only_what_names_portals_can_be_framed_and_no_frame_tells_where_it_is(client):
    shell, refused, main = client.get("/embed/var"), client.get("/embed/rows"), client.get("/rows")
    assert shell.headers["Content-Security-Policy"] == f"frame-ancestors {ISSUER}"
    assert "X-Frame-Options" not in shell.headers
    for answer in (refused, main):
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Frame-Options"] == "DENY"
    assert [answer.headers["Referrer-Policy"] for answer in (shell, refused)] == ["no-referrer", "no-referrer"]


def test_a_code_is_good_once_within_a_minute_for_its_page(embeds, clock, readers):
    scope = readers.scope("ada")
    code = embeds.code(scope, "plain", "var")
    opened = embeds.redeem(code, "var")
    assert (opened.scope.reader, opened.scope.page, opened.seconds) == ("ada", "var", POPUP_LASTS.total_seconds())
    with pytest.raises(EmbedRefusedError, match="used"):
        embeds.redeem(code, "var")
    with pytest.raises(EmbedRefusedError, match="another page"):
        embeds.redeem(embeds.code(scope, "plain", "var"), "pnl")
    late = embeds.code(scope, "plain", "var")
    clock.advance(seconds=CODE_LASTS.total_seconds())
    with pytest.raises(EmbedRefusedError, match="over"):
        embeds.redeem(late, "var")


def test_a_code_is_no_bearer_and_a_bearer_no_code(embeds, client, bearer, readers):
    code = embeds.code(readers.scope("ada"), "plain", "var")
    for shown in (code, f"code {code}", f"parapet-embed_{code}"):
        assert client.get("/embed/rows", headers={"Authorization": f"Bearer {shown}"}).status_code == 401
    with pytest.raises(EmbedRefusedError):
        embeds.redeem(bearer()["Authorization"].removeprefix("Bearer "), "var")


@pytest.mark.parametrize(("portal", "page"), [("intranet", "var"), ("plain", "pnl"), ("nowhere", "var"), ("", "")])
def test_a_code_is_for_portals_that_let_readers_sign_in(embeds, readers, portal, page):
    with pytest.raises(EmbedRefusedError, match="may not show"):
        embeds.code(readers.scope("ada"), portal, page)


def test_who_sees_as_another_gets_no_code_for_him(embeds):
    seen = Scope("ada", "Ada", frozenset({"trader"}), frozenset({"Vol"}), seen_by="sam")
    with pytest.raises(EmbedRefusedError, match="while you see as"):
        embeds.code(seen, "plain", "var")
