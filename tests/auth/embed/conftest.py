"""A portal that signs tokens, and a guarded app whose frames show what comes of them."""

import json

import pytest
from flask import Flask, Response, jsonify
from joserfc import jwt
from joserfc.jwk import ECKey
from sqlalchemy import select

from auth import guard
from auth.embeds import Embeds
from auth.failures import Failures
from auth.frames import Frames
from auth.grants import GroupRules
from auth.oidc import LoginSettings
from auth.portals import Portal, Portals
from auth.readers import Readers
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
    gate = Frames(embeds, LOGIN.lacking, failures, **doors)

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
