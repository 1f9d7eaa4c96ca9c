"""A login server whose every answer can be replaced, and what its lies leave behind."""

import base64
import json
import time

from flask import Flask, jsonify
from joserfc import jwt
from joserfc.jwk import RSAKey
from sqlalchemy import func, select

from data.store import session

SECRET = "the client secret of the hostile login server"  # noqa: S105 a test's
OURS = RSAKey.generate_key(2048, {"kid": "one"})
BEARER = {"access_token": "at", "token_type": "Bearer"}
NO_GROUPS = {"groups": None}


class Liar:
    """An OpenID provider whose every answer can be replaced."""

    def __init__(self, url):
        self.url = url
        self.down = False
        self.keys = [OURS]
        self.document = {}
        self.claims = {}
        self.header = {"alg": "RS256", "kid": "one"}
        self.key = OURS
        self.answer = None
        self.token_status = 200
        self.person = None
        self.nonce = ""

    def discovery(self):
        paths = {"authorization_endpoint": "/a", "token_endpoint": "/t", "jwks_uri": "/k", "userinfo_endpoint": "/u"}
        plain = {name: self.url + path for name, path in paths.items()} | {"issuer": self.url}
        plain["id_token_signing_alg_values_supported"] = ["none", "HS256", "RS256"]
        return {name: value for name, value in (plain | self.document).items() if value is not None}

    def id_token(self):
        now = int(time.time())
        honest = {"iss": self.url, "aud": "parapet", "sub": "u1", "name": "Ada", "nonce": self.nonce}
        honest |= {"iat": now, "exp": now + 300, "groups": ["role:trader", "desk:Vol"]}
        claims = {name: value for name, value in (honest | self.claims).items() if value is not None}
        if self.header["alg"] == "none":
            return ".".join([*(_segment(part) for part in (self.header, claims)), ""])
        return jwt.encode(self.header, claims, self.key, [self.header["alg"]])

    def token(self):
        if self.answer is not None:
            return self.answer
        return BEARER | {"id_token": self.id_token()}

    def app(self):
        app = Flask("liar")
        app.before_request(lambda: ("down", 500) if self.down else None)
        app.add_url_rule("/.well-known/openid-configuration", "d", lambda: jsonify(self.discovery()))
        app.add_url_rule("/k", "k", lambda: jsonify(keys=[key.as_dict(private=False) for key in self.keys]))
        app.add_url_rule("/t", "t", lambda: (jsonify(self.token()), self.token_status), methods=["POST"])
        app.add_url_rule("/u", "u", lambda: jsonify(self.person))
        return app


def _segment(part):
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


def sessions_of_readers(site):
    with site.store.engine.connect() as connection:
        return connection.scalar(select(func.count()).where(session.c.sub != ""))
