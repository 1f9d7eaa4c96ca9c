"""Personal access tokens: shown once, kept as a hash, read-only, and never worth more than their owner's last login."""

import base64
import json
import re
from datetime import timedelta

import pytest
from flask import Flask, jsonify
from sqlalchemy import select

from auth import guard
from auth.grants import GroupRules
from auth.oidc import LoginSettings
from auth.readers import Readers
from auth.tokens import LONGEST_DAYS, MOST, PREFIX, BadTokenError, TokenRefusedError, Tokens
from data.scope import NOBODY, Scope
from data.store import access_token, audit_event

ADA = Scope("ada", "Ada", frozenset({"trader"}), frozenset({"Vol"}))
EVE = Scope("eve", "Eve", frozenset({"trader"}), frozenset({"Vol"}))
LOGIN = LoginSettings("http://localhost:1", "parapet", "-", "http://localhost", token_failures=3)


@pytest.fixture
def tokens(store, clock):
    return Tokens(store, clock)


@pytest.fixture(autouse=True)
def readers(store, clock):
    found = Readers(store, clock, GroupRules(), LOGIN.away)
    found.seen("ada", "Ada", "", ["role:trader", "desk:Vol"])
    return found


@pytest.fixture
def audited(store):
    def rows():
        with store.engine.connect() as connection:
            found = connection.execute(select(audit_event).order_by(audit_event.c.audit_id)).mappings().all()
        return [(row["event"], row["reader"], json.loads(row["details"])) for row in found]

    return rows


@pytest.fixture
def client(store, clock):
    """A guarded app with one address for programs, `/api/v1/panels/<page>-x.csv`, and one for readers alone."""
    app = Flask("tokens", static_folder=None)
    guard.install(app, LOGIN, store, token_endpoints={"panel": lambda key: key.split("-")[0]}, clock=clock)

    def seen(**_):
        scope = guard.current_scope()
        return jsonify(reader=scope.reader, desks=sorted(scope.desks), firm=scope.firm)

    app.add_url_rule("/api/v1/panels/<key>.csv", "panel", seen)
    app.add_url_rule("/export/<key>.csv", "export", seen)
    app.add_url_rule("/change", "change", seen, methods=["POST"])
    return app.test_client()


def bearer(shown):
    return {"Authorization": f"Bearer {shown}"}


def basic(shown, user="anything"):
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{shown}".encode()).decode()}


def test_a_token_is_32_random_bytes_behind_a_prefix_that_scanners_can_know(tokens):
    made = {tokens.make(ADA, "excel", 30) for _ in range(5)}
    assert len(made) == 5
    assert all(re.fullmatch(rf"{PREFIX}[\w-]{{43}}", shown) for shown in made)


def test_the_store_knows_the_hash_and_nothing_of_the_token(tokens, store):
    shown = tokens.make(ADA, "excel", 30, ["var"])
    with store.engine.connect() as connection:
        row = connection.execute(select(access_token)).one()
    assert re.fullmatch("[0-9a-f]{64}", row.hash)
    secret = shown.removeprefix(PREFIX)
    assert not any(secret[start : start + 6] in str(row) for start in range(len(secret) - 5))


def test_a_token_is_listed_to_its_owner_alone(tokens):
    tokens.make(ADA, " excel ", 30, ["var", "pnl"])
    (found,) = tokens.of(ADA)
    assert (found.name, found.pages, found.ends_at - found.made_at) == ("excel", {"var", "pnl"}, timedelta(days=30))
    assert found.used_at is None
    assert tokens.of(EVE) == []


@pytest.mark.parametrize("name", ["", "  ", "x" * 61, "two\nlines"])
def test_a_name_must_be_something_to_read(tokens, name):
    with pytest.raises(BadTokenError, match="a name of 1 to 60"):
        tokens.make(ADA, name, 30)


@pytest.mark.parametrize("days", [0, -1, LONGEST_DAYS + 1, 1.5, "30", None])
def test_a_token_ends_within_a_year(tokens, days):
    with pytest.raises(BadTokenError, match="1 to 365 whole days"):
        tokens.make(ADA, "excel", days)


def test_nobody_makes_no_token(tokens):
    with pytest.raises(BadTokenError, match="nobody is signed in"):
        tokens.make(NOBODY, "excel", 30)


def test_there_are_only_so_many_and_those_that_ended_do_not_count(tokens, clock):
    for _ in range(MOST):
        tokens.make(ADA, "excel", 1)
    with pytest.raises(BadTokenError, match="revoke one first"):
        tokens.make(ADA, "excel", 1)
    clock.advance(days=1)
    tokens.make(ADA, "excel", 1)


def test_a_used_token_says_when(tokens, clock):
    shown = tokens.make(ADA, "excel", 30)
    clock.advance(hours=3)
    assert tokens.admit(shown).owner == "ada"
    assert tokens.of(ADA)[0].used_at == clock.now


def test_nobody_revokes_the_token_of_another(tokens):
    shown = tokens.make(ADA, "excel", 30)
    with pytest.raises(BadTokenError, match="no such token"):
        tokens.revoke(EVE, tokens.of(ADA)[0].token_id)
    assert tokens.admit(shown)


def test_a_revoked_token_is_over_at_once_and_cannot_be_revoked_again(tokens):
    shown = tokens.make(ADA, "excel", 30)
    (made,) = tokens.of(ADA)
    assert tokens.revoke(ADA, made.token_id) == "excel"
    assert tokens.of(ADA) == []
    with pytest.raises(TokenRefusedError, match="is revoked"):
        tokens.admit(shown)
    with pytest.raises(BadTokenError, match="revoked already"):
        tokens.revoke(ADA, made.token_id)


def test_making_and_revoking_are_audited_without_the_token(tokens, audited):
    shown = tokens.make(ADA, "excel", 30, ["var"])
    tokens.revoke(ADA, tokens.of(ADA)[0].token_id)
    (made, revoked) = audited()
    assert made[:2] == ("token_made", "ada")
    assert (made[2]["name"], made[2]["pages"], made[2]["days"]) == ("excel", ["var"], 30)
    assert revoked[:2] == ("token_revoked", "ada")
    assert shown.removeprefix(PREFIX) not in str(audited())


@pytest.mark.parametrize("send", [bearer, basic])
def test_a_token_reads_as_its_owner_and_sets_no_cookie(tokens, client, send):
    answer = client.get("/api/v1/panels/var-x.csv", headers=send(tokens.make(ADA, "excel", 30)))
    assert (answer.status_code, answer.json) == (200, {"reader": "ada", "desks": ["Vol"], "firm": False})
    assert "Set-Cookie" not in answer.headers


def test_each_use_is_audited(tokens, client, audited):
    client.get("/api/v1/panels/var-x.csv", headers=bearer(tokens.make(ADA, "excel", 30)))
    event, reader, details = audited()[-1]
    assert (event, reader, details["path"], details["name"]) == (
        "token_used", "ada", "/api/v1/panels/var-x.csv", "excel",
    )  # fmt: skip


def test_a_token_never_gives_more_than_the_last_login_of_its_owner(tokens, client, readers):
    shown = tokens.make(Scope("ada", "Ada", frozenset({"admin"}), firm=True), "excel", 30)
    assert client.get("/api/v1/panels/var-x.csv", headers=bearer(shown)).json["desks"] == ["Vol"]
    readers.seen("ada", "Ada", "", ["role:trader", "desk:FX"])
    assert client.get("/api/v1/panels/var-x.csv", headers=bearer(shown)).json["desks"] == ["FX"]
    readers.seen("ada", "Ada", "", [])
    assert client.get("/api/v1/panels/var-x.csv", headers=bearer(shown)).status_code == 403


def test_a_token_sleeps_when_its_owner_has_been_away_too_long_and_wakes_with_a_login(tokens, client, readers, clock):
    shown = tokens.make(ADA, "excel", 365)
    clock.advance(days=LOGIN.away.days, seconds=1)
    refused = client.get("/api/v1/panels/var-x.csv", headers=bearer(shown))
    assert refused.status_code == 401
    assert "sign in once" in refused.json["error"]["message"]
    readers.seen("ada", "Ada", "", ["role:trader", "desk:Vol"])
    assert client.get("/api/v1/panels/var-x.csv", headers=bearer(shown)).status_code == 200


def test_a_token_for_some_pages_opens_no_other(tokens, client, audited):
    shown = tokens.make(ADA, "excel", 30, ["pnl"])
    assert client.get("/api/v1/panels/pnl-x.csv", headers=bearer(shown)).status_code == 200
    refused = client.get("/api/v1/panels/var-x.csv", headers=bearer(shown))
    told = {"code": "not_allowed", "message": "this token is for other pages", "details": {}}
    assert (refused.status_code, refused.json) == (403, {"error": told})
    assert audited()[-1][:2] == ("denied", "ada")


@pytest.mark.parametrize("path", ["/export/var-x.csv", "/", "/nowhere"])
def test_a_token_opens_nothing_but_what_is_for_programs(tokens, client, path):
    assert client.get(path, headers=bearer(tokens.make(ADA, "excel", 30))).status_code == 401


def test_a_token_changes_nothing(tokens, client):
    headers = bearer(tokens.make(ADA, "excel", 30)) | {"Origin": "http://localhost"}
    assert client.post("/change", headers=headers).status_code == 401
    assert client.post("/api/v1/panels/var-x.csv", headers=headers).status_code in (401, 405)


@pytest.mark.parametrize(
    "headers",
    [{}, {"Authorization": ""}, {"Authorization": "Bearer"}, {"Authorization": "Digest x"}, {"Authorization": "?"},
     bearer(PREFIX + "x" * 43), bearer("é\udcff".encode("utf-8", "replace").decode()), basic(""), basic("x" * 10_000)],
)  # fmt: skip
def test_without_a_token_that_counts_the_answer_says_how_to_ask(client, headers):
    refused = client.get("/api/v1/panels/var-x.csv", headers=headers)
    assert refused.status_code == 401
    assert refused.json["error"]["code"] == "bad_token" if headers else "not_signed_in"
    assert [challenge.split()[0] for challenge in refused.headers.getlist("WWW-Authenticate")] == ["Bearer", "Basic"]


@pytest.mark.parametrize("end", ["revoked", "ended"])
def test_a_token_that_is_over_is_refused_and_audited_as_its_owners(tokens, client, clock, audited, end):
    shown = tokens.make(ADA, "excel", 2)
    if end == "revoked":
        tokens.revoke(ADA, tokens.of(ADA)[0].token_id)
    else:
        clock.advance(days=2)
    refused = client.get("/api/v1/panels/var-x.csv", headers=bearer(shown))
    assert refused.status_code == 401
    assert end in refused.json["error"]["message"]
    event, reader, details = audited()[-1]
    assert (event, reader, details["reason"]) == ("denied", "ada", refused.json["error"]["message"])


def test_who_fails_too_often_waits_and_floods_no_trail(tokens, client, clock, audited):
    shown = tokens.make(ADA, "excel", 30)
    for _ in range(LOGIN.token_failures):
        assert client.get("/api/v1/panels/var-x.csv", headers=bearer("wrong")).status_code == 401
    before = len(audited())
    slowed = client.get("/api/v1/panels/var-x.csv", headers=bearer(shown))
    assert (slowed.status_code, slowed.headers["Retry-After"]) == (429, "60")
    assert len(audited()) == before
    other = {"REMOTE_ADDR": "10.0.0.9"}
    assert client.get("/api/v1/panels/var-x.csv", headers=bearer(shown), environ_overrides=other).status_code == 200
    clock.advance(seconds=61)
    assert client.get("/api/v1/panels/var-x.csv", headers=bearer(shown)).status_code == 200


def test_a_shown_token_outweighs_the_session_of_the_browser(tokens, client):
    with client.session_transaction() as session:
        session.update(sub="boss", name="Boss", groups=["role:admin"])
    assert client.get("/api/v1/panels/var-x.csv").json["firm"] is True
    assert client.get("/api/v1/panels/var-x.csv", headers=bearer(tokens.make(ADA, "x", 1))).json["reader"] == "ada"
    assert client.get("/api/v1/panels/var-x.csv", headers=bearer("wrong")).status_code == 401
