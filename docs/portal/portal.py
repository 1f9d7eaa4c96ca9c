"""A sample portal: a page of an intranet that shows a page of Parapet in a frame, its reader signed in already.

    python docs/portal/portal.py --parapet http://localhost:8050 --reader trader-vol --page var

It makes a key pair when it starts and prints the table that Parapet wants of it: put that into the file named in
PARAPET_PORTALS and start Parapet. Copy the two routes; your key comes from where you keep secrets, and `reader` from
your own login: whoever this back end signs for is who Parapet shows numbers to.
"""

# ruff: noqa: INP001
# (a script by itself)

import argparse
import secrets
import time
from pathlib import Path

from flask import Flask, Response, jsonify, render_template_string, request
from joserfc import jwt
from joserfc.jwk import ECKey

LASTS = 60
"""Seconds that a token is good for; Parapet takes 120 at most."""

PAGE = Path(__file__).with_name("portal.html").read_text(encoding="utf-8")


def create_app(parapet: str, issuer: str, key: ECKey, grant: dict[str, object]) -> Flask:
    """The portal; `grant` holds what a token says beside the times: `sub`, `page`, and `desks` and `filters` if any."""
    app = Flask(__name__)

    @app.get("/")
    def page() -> str:
        return render_template_string(PAGE, parapet=parapet, page=grant["page"])

    @app.post("/parapet-token")
    def token() -> Response | tuple[str, int]:
        """A token for the reader of *this* portal's session; another site's page must not be able to ask for one."""
        if request.headers.get("Sec-Fetch-Site") != "same-origin":
            return "ask from a page of this portal", 403
        now = int(time.time())
        claims = {"iss": issuer, "aud": parapet, **grant}
        claims |= {"jti": secrets.token_urlsafe(16), "iat": now, "exp": now + LASTS}
        return jsonify(token=jwt.encode({"alg": "ES256", "typ": "embed+jwt"}, claims, key))

    return app


def table(issuer: str, key: ECKey, page: str) -> str:
    """What Parapet's file of portals says of this portal."""
    public = key.as_pem(private=False).decode()
    return f'[sample]\norigins = ["{issuer}"]\nissuer = "{issuer}"\npages = ["{page}"]\nkeys = ["""\n{public}"""]\n'


def main() -> None:
    """Serve until the process is ended."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--parapet", default="http://localhost:8050", help="PARAPET_BASE_URL")
    parser.add_argument("--reader", default="trader-vol", help="the reader's id at Parapet's login server")
    parser.add_argument("--page", default="var", help="page of Parapet")
    parser.add_argument("--desk", action="append", help="desk that may be shown at most; may be repeated")
    parser.add_argument("--port", type=int, default=8060)
    asked = parser.parse_args()
    issuer, key = f"http://127.0.0.1:{asked.port}", ECKey.generate_key("P-256")
    grant: dict[str, object] = {"sub": asked.reader, "page": asked.page}
    if asked.desk:
        grant["desks"] = asked.desk
    print(table(issuer, key, asked.page))  # noqa: T201 it is for the operator to copy
    create_app(asked.parapet, issuer, key, grant).run("127.0.0.1", asked.port)


if __name__ == "__main__":
    main()
