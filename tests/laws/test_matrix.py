"""The matrix of roles and pages: page, callback, file, API and frame answer alike, and as the table below says.

The table is written by hand, so that a page that opens itself to a role is noticed here.
"""

import json
import time
from datetime import timedelta

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from app.main import create_server
from app.screen.embed import embeddable
from app.settings import Settings
from app.view import discover
from auth.grants import GroupRules
from auth.readers import Readers
from auth.tokens import Tokens
from data.scope import ROLES, DeniedError
from data.store import Store, utc_now
from tests import callbacks
from tests.app.test_routes import BOOKS, simulate
from tests.ledger import Ledger

BASE, ISSUER = "http://localhost:8050", "https://portal.example.com"
OURS = {"Origin": BASE, "Sec-Fetch-Site": "same-origin"}
KEY = ECKey.generate_key("P-256")

LOOKED_AT = "backtest explain exposure frtb limits overview pivot pnl positions sensitivities stress var"
TABLE = {
    "trader": {*LOOKED_AT.split(), "blotter", "book", "whatif"},
    "risk_manager": {*LOOKED_AT.split(), "blotter", "book", "whatif"},
    "admin": {*LOOKED_AT.split(), "blotter", "book", "whatif", "operations", "audit"},
    "auditor": {*LOOKED_AT.split(), "blotter", "book", "operations", "audit"},
    "viewer": set(LOOKED_AT.split()),
}
"""The pages that each role opens."""

OF_ONE_DESK = {"trader", "viewer"}
ELSEWHERE = {"Europe", "EQ2", "EEE"}
"""What nobody of desk Cash is ever told."""


def groups(role):
    return [f"role:{role}", "desk:Cash"]


class House:
    """The whole server with a portal that shows every page it may, and a reader of each role."""

    def __init__(self, folder):
        self.ledger = Ledger(folder, BOOKS)
        pem = KEY.as_pem(private=False).decode()
        (folder / "portals.toml").write_text(
            f'[intranet]\norigins = ["{ISSUER}"]\nissuer = "{ISSUER}"\npages = {json.dumps(embeddable())}\n'
            f'keys = ["""{pem}"""]\n'
        )
        free = {f"{kind}_limit": "" for kind in ("login", "export", "api", "callback")}
        settings = Settings(
            home=folder, oidc_issuer="http://localhost:1", log_format="text", portals=folder / "portals.toml", **free
        )
        self.server = create_server(settings)
        simulate(settings)
        self.store = Store(settings.store)
        self.readers = Readers(self.store, utc_now, GroupRules(), timedelta(days=30))
        for role in ROLES:
            self.readers.seen(role, role.title(), "", groups(role))

    def close(self):
        self.store.close()
        self.server.session_interface._engine.dispose()
        self.ledger.warehouse.close()

    def session(self, role):
        client = self.server.test_client()
        with client.session_transaction(base_url=BASE) as session:
            session.update(sub=role, name=role.title(), groups=groups(role))
        return lambda path, **sent: client.open(path, base_url=BASE, headers=OURS, **sent)

    def program(self, role):
        """A program of the role's reader; None where the role has no tokens."""
        try:
            token = Tokens(self.store, utc_now).make(self.readers.scope(role), "program", 30, ())
        except DeniedError:
            return None
        client = self.server.test_client()
        return lambda path: client.get(path, headers={"Authorization": f"Bearer {token}"})

    def frame(self, role, page):
        """A frame of the page with a bearer of the role's reader; None where it gets none."""
        now = int(time.time())
        said = {"iss": ISSUER, "aud": BASE, "sub": role, "page": page, "jti": f"{time.time_ns()}"}
        token = jwt.encode({"alg": "ES256", "typ": "embed+jwt"}, {**said, "iat": now, "exp": now + 60}, KEY)
        client = self.server.test_client()
        opened = client.post("/embed/exchange", json={"token": token, "page": page}, headers=OURS)
        if opened.status_code != 200:
            return None
        headers = OURS | {"Authorization": f"Bearer {opened.json['bearer']}"}
        return lambda path, **sent: client.open(path, headers=headers, **sent)


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    house = House(tmp_path_factory.mktemp("matrix"))
    yield house
    house.close()


def callback(ask, output, below="", **values):
    """What a callback answers, as text; `values` as `component__property`."""
    wires = callbacks.filling(ask(f"{below}/_dash-dependencies").json, output)
    named = {name.replace("__", "."): value for name, value in values.items()}
    return ask(below + callbacks.PATH, method="POST", json=callbacks.body(wires, named)).text


def told(text):
    """The words of an answer."""
    return set(text.replace('"', " ").replace("\\", " ").replace(",", " ").split())


CELLS = [(role, view) for role in ROLES for view in discover().values()]


@pytest.mark.parametrize(("role", "view"), CELLS, ids=[f"{role}-{view.name}" for role, view in CELLS])
def test_every_way_to_a_page_is_open_or_closed_as_the_table_says(house, role, view):
    ask, program = house.session(role), house.program(role)
    frame = house.frame(role, view.name)
    opened = view.name in TABLE[role]
    assert (frame is not None) <= (view.name in embeddable())
    page = callback(ask, "page.children", url__pathname=view.path)
    assert not (ELSEWHERE & told(page) if role in OF_ONE_DESK else ())
    for panel in view.panels:
        answers = {
            "page": f'"{panel.key}"' in page,
            "callback": '"at":' in (text := callback(ask, f"{panel.key}.made", theme__data="dark")).replace(" ", ""),
            "file": (file := ask(f"/export/{panel.key}.json")).status_code == 200,
        }
        said = [text, file.text]
        if program:
            answers["api"] = (answer := program(f"/api/v1/panels/{panel.key}.json")).status_code == 200
            said.append(answer.text)
        if frame:
            drawn = callback(frame, f"{panel.key}.made", "/embed", theme__data="dark")
            answers["frame"] = '"at":' in drawn.replace(" ", "")
            said.append(drawn)
        assert answers == dict.fromkeys(answers, opened), panel.key
        for answer in said if role in OF_ONE_DESK else ():
            assert not ELSEWHERE & told(answer), panel.key


def test_the_table_names_every_page_and_role():
    assert set(TABLE) == set(ROLES)
    assert set().union(*TABLE.values()) == set(discover())
