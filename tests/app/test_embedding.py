"""The real server with a portal: what a frame may ask of its page, and that everything else is refused and noted."""

import json
import time
from datetime import UTC, datetime, timedelta

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey
from sqlalchemy import select, update

from app.main import create_server
from app.screen.embed import embeddable
from app.settings import Settings
from app.view import discover, panel_of
from auth.grants import GroupRules
from auth.readers import Readers
from data.bearer import embed_bearer
from data.store import Store, audit_event, utc_now
from tests import callbacks
from tests.app.test_routes import BOOKS
from tests.ledger import Ledger

BASE, ISSUER = "http://localhost:8050", "https://portal.example.com"
OWN = {"Origin": BASE, "Sec-Fetch-Site": "same-origin"}
KEY = ECKey.generate_key("P-256")
PANEL, ELSEWHERE = "positions-tree-by-instrument", "pnl-tree-by-instrument"


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    home = tmp_path_factory.mktemp("embedding")
    ledger = Ledger(home, BOOKS)
    pem = KEY.as_pem(private=False).decode()
    (home / "portals.toml").write_text(
        f'[intranet]\norigins = ["{ISSUER}"]\nissuer = "{ISSUER}"\npages = ["positions"]\nkeys = ["""{pem}"""]\n'
        f'[plain]\norigins = ["https://plain.example.com"]\npages = ["pnl"]\npopup = true\n'
    )
    yield home
    ledger.warehouse.close()


@pytest.fixture(scope="module")
def server(home):
    settings = Settings(home=home, oidc_issuer="http://localhost:1", log_format="text", portals=home / "portals.toml")
    found = create_server(settings)
    yield found
    found.session_interface._engine.dispose()


@pytest.fixture(scope="module")
def store(server, home):  # noqa: ARG001 the server makes the tables
    found = Store(f"sqlite:///{home / 'store.sqlite'}")
    readers = Readers(found, utc_now, GroupRules(), timedelta(days=30))
    readers.seen("rita", "Rita", "", ["role:risk_manager"])
    yield found
    found.close()


@pytest.fixture
def frame(server, store):  # noqa: ARG001 its reader is there
    """A frame of the portal whose token said something more; asks with its bearer."""

    def begin(**claims):
        now = int(time.time())
        said = {"iss": ISSUER, "aud": BASE, "sub": "rita", "page": "positions", "jti": f"{time.time_ns()}"}
        token = jwt.encode({"alg": "ES256", "typ": "embed+jwt"}, {**said, "iat": now, "exp": now + 60, **claims}, KEY)
        client = server.test_client()
        opened = client.post("/embed/exchange", json={"token": token, "page": said["page"]}, headers=OWN)
        assert opened.status_code == 200, opened.json
        headers = OWN | {"Authorization": f"Bearer {opened.json['bearer']}"}
        return lambda path, method="GET", **sent: client.open(path, method=method, headers=headers, **sent)

    return begin


@pytest.fixture
def callback():
    """Post a callback of the frame's app; the values stand in the places of its inputs and states."""

    def post(ask, output, *values, state=()):
        given = {"inputs": values, "state": state}
        wires = {kind: [{"id": f"{kind}{n}", "property": "x"} for n in range(len(of))] for kind, of in given.items()}
        named = {f"{kind}{n}.x": value for kind, of in given.items() for n, value in enumerate(of)}
        return ask(f"/embed{callbacks.PATH}", "POST", json=callbacks.body({"output": output, **wires}, named))

    return post


@pytest.fixture
def drawn():
    """Ask for a panel as its page does, under a query."""

    def draw(ask, key, query):
        wires = callbacks.filling(ask("/embed/_dash-dependencies").json, f"{key}.made")
        values = {f"{key.split('-')[0]}-question.data": query, "theme.data": "light"}
        return ask(f"/embed{callbacks.PATH}", "POST", json=callbacks.body(wires, values))

    return draw


@pytest.fixture
def denied(store):
    def last():
        with store.engine.connect() as connection:
            rows = connection.execute(select(audit_event).where(audit_event.c.event == "denied")).all()
        return [(row.reader, json.loads(row.details)["status"]) for row in rows]

    return last


def test_the_shell_holds_no_data_and_no_cookie_and_only_its_portals_may_show_it(server):
    answer = server.test_client().get("/embed/positions")
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Content-Security-Policy"].endswith(f"frame-ancestors {ISSUER}")
    assert "X-Frame-Options" not in answer.headers
    assert "AAA" not in answer.text
    assert "https://plain.example.com" not in answer.text
    other = server.test_client().get("/embed/pnl")
    assert other.headers["Content-Security-Policy"].endswith("frame-ancestors https://plain.example.com")


@pytest.mark.parametrize("path", ["/embed/overview", "/embed/whatif", "/embed/", "/embed/a/b", "/embed/_reload-hash"])
def test_what_no_portal_shows_is_closed(server, path):
    answer = server.test_client().get(path)
    assert answer.status_code in (401, 404)
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]


def test_every_address_below_embed_is_open_to_files_and_the_exchange_alone(server):
    rules = [rule for rule in server.url_map.iter_rules() if rule.rule.startswith("/embed/")]
    opened = {rule.rule.split("<")[0] for rule in rules if reached(server, rule)}
    files = {"assets/", "assets/parapet.js", "assets/parapet.css", "_dash-component-suites/", "_favicon.ico"}
    assert opened == {"/embed/", *(f"/embed/{name}" for name in ("exchange", "parapet-embed.js", *files))}


def reached(server, rule):
    """Whether an anonymous request gets past the gate."""
    arguments = dict.fromkeys(rule.arguments, "x")
    method = "POST" if "POST" in rule.methods else "GET"
    path = rule.build(arguments)[1] if arguments else rule.rule
    answer = server.test_client().open(path, method=method, headers=OWN)
    closed = answer.status_code in (401, 302) and "the token" not in answer.text and "send page" not in answer.text
    return rule.endpoint != "/embed/<path:path>" and not closed


def test_a_portals_script_may_be_loaded_by_other_origins_and_nothing_else(server):
    client = server.test_client()
    assert client.get("/embed/parapet-embed.js").headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert client.get("/embed/positions").headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_a_frame_gets_its_page_and_its_files(frame, drawn, callback):
    ask = frame()
    assert ask("/embed/_dash-layout").status_code == 200
    assert ask("/embed/version").json["version"]
    page = callback(ask, "page.children", "/embed/positions", "dark", state=[""])
    assert PANEL in page.text
    assert "AAA" in drawn(ask, PANEL, "").text
    assert "AAA" in ask(f"/embed/export/{PANEL}.csv").text
    assert ask("/embed/export/page/positions.xlsx").status_code == 200


def test_the_frames_app_has_the_callbacks_of_panels_and_six_more(frame):
    outputs = {each["output"] for each in frame()("/embed/_dash-dependencies").json}
    panels = {panel.key for view in discover().values() for panel in view.panels}
    names = {
        part.rsplit(".", 1)[0].removesuffix("-grid") for output in outputs for part in output.strip(".").split("...")
    }
    assert names - panels == {"page", "version", "theme", "dressed", "told", "frame-bar"}


@pytest.mark.parametrize("path", [f"/embed/export/{ELSEWHERE}.csv", "/embed/export/page/pnl.xlsx"])
def test_files_of_another_page_are_403(frame, denied, path):
    assert frame()(path).status_code == 403
    assert denied()[-1] == ("rita", 403)


def test_callbacks_of_another_page_are_403(frame, drawn, callback, denied):
    ask, before = frame(), len(denied())
    assert drawn(ask, ELSEWHERE, "").status_code == 403
    assert callback(ask, "page.children", "/embed/pnl", "dark", state=[""]).status_code == 403
    assert callback(ask, "page.children", "/embed/", "dark", state=[""]).status_code == 403
    assert denied()[before:] == [("rita", 403)] * 3


@pytest.mark.parametrize("output", ["tokens.children", "settings-kept.data", "breaches.data"])
def test_callbacks_of_the_main_app_are_not_there(frame, callback, denied, output):
    assert callback(frame(), output, "x").status_code == 403
    assert denied()[-1] == ("rita", 403)


@pytest.mark.parametrize("query", ["desk=Europe", "desk=Cash&book=EQ2", "book=EQ2"])
def test_other_desks_than_the_tokens_are_403_in_panels_bar_and_files(frame, drawn, callback, denied, query):
    ask, before = frame(desks=["Cash"]), len(denied())
    assert "EEE" not in drawn(ask, PANEL, "").text
    answers = [
        drawn(ask, PANEL, query),
        callback(ask, "frame-bar.tree", f"?{query}", None),
        ask(f"/embed/export/{PANEL}.csv?{query}"),
        ask(f"/embed/export/page/positions.xlsx?{query}"),
    ]
    assert [(answer.status_code, "EEE" in answer.text) for answer in answers] == [(403, False)] * 4
    assert denied()[before:] == [("rita", 403)] * 4


@pytest.mark.parametrize("query", ["", "book=EQ2", "desk=Cash", "book=EQ1&as_of=2022-01-02"])
def test_other_choices_than_those_fixed_are_403(frame, drawn, denied, query):
    ask = frame(filters={"book": "EQ1", "as_of": "2022-01-03"})
    assert "AAA" in drawn(ask, PANEL, "book=EQ1&as_of=2022-01-03&desk=Cash").text
    before = len(denied())
    assert drawn(ask, PANEL, query).status_code == 403
    assert ask(f"/embed/export/{PANEL}.csv?{query}").status_code == 403
    assert denied()[before:] == [("rita", 403)] * 2


def test_a_choice_may_be_fixed_at_its_default(frame):
    ask = frame(filters={"scale": "k"})
    assert ask(f"/embed/export/{PANEL}.csv?scale=m").status_code == 403
    assert ask(f"/embed/export/{PANEL}.csv").status_code == 200


def test_a_file_after_the_end_is_401_and_never_unfiltered(frame, store, denied):
    ask = frame(desks=["Cash"])
    with store.engine.begin() as connection:
        connection.execute(update(embed_bearer).values(ends_at=datetime.now(UTC) - timedelta(seconds=1)))
    late = ask(f"/embed/export/{PANEL}.csv")
    assert (late.status_code, "AAA" in late.text) == (401, False)
    assert denied()[-1] == ("rita", 401)


def test_a_bearer_opens_nothing_of_the_app_itself(frame, denied):
    ask = frame()
    for path in ("/", "/version", "/find?q=AA", "/_dash-layout", f"/export/{PANEL}.csv", f"/api/v1/panels/{PANEL}.csv"):
        assert ask(path).status_code == 403, path
        assert denied()[-1] == ("rita", 403)


def test_the_window_of_signing_in_is_the_readers_own(server):
    anonymous = server.test_client().get("/embed/sign-in?page=pnl&portal=plain", headers={"Accept": "text/html"})
    assert anonymous.headers["Location"].startswith("/login?next=%2Fembed%2Fsign-in")
    assert "Cross-Origin-Opener-Policy" not in anonymous.headers
    client = server.test_client()
    with client.session_transaction() as session:
        session.update(sub="rita", name="Rita", groups=["role:risk_manager"])
    window = client.get("/embed/sign-in?page=pnl&portal=plain")
    assert (window.status_code, window.headers["Cross-Origin-Opener-Policy"]) == (200, "unsafe-none")
    assert "frame-ancestors 'none'" in window.headers["Content-Security-Policy"]
    assert client.get("/embed/sign-in?page=positions&portal=intranet").status_code == 403
    code = window.text.partition('data-code="')[2].partition('"')[0]
    sent = {"code": code, "page": "pnl"}
    assert client.post("/embed/exchange", json=sent, headers=OWN).json["seconds"] == 3600
    assert client.post("/embed/exchange", json=sent, headers=OWN).status_code == 401


def test_without_portals_there_is_nothing(tmp_path):
    with_none = create_server(Settings(home=tmp_path, oidc_issuer="http://localhost:1", log_format="text"))
    client = with_none.test_client()
    with client.session_transaction() as session:
        session.update(sub="rita", name="Rita", groups=["role:risk_manager"])
    assert [
        client.get(path).status_code for path in ("/embed/positions", "/embed/exchange", "/embed/assets/embed.js")
    ] == [404] * 3
    assert with_none.test_client().get("/embed/positions").status_code == 401
    with_none.session_interface._engine.dispose()


def test_a_bad_file_stops_the_start(tmp_path):
    (tmp_path / "portals.toml").write_text("[intranet]\npages = []")
    settings = Settings(home=tmp_path, oidc_issuer="http://localhost:1", portals=tmp_path / "portals.toml")
    with pytest.raises(SystemExit, match=r"PARAPET_PORTALS: .*portals.toml: intranet.origins: Field required"):
        create_server(settings)


def test_panels_that_can_be_embedded_are_those_of_pages_that_are_looked_at():
    operators = {name for name, view in discover().items() if view.section == "Control"}
    assert set(discover()) - set(embeddable()) == {"pivot", "whatif"} | operators
    assert panel_of(PANEL)[0].name in embeddable()
