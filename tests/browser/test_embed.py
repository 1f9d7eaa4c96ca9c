"""A page in another site's frame, in a browser that blocks third-party cookies; the portal is the sample of the docs.

book desk   position
EQ1  Cash   100 AAA
EQ2  Cash   50 BBB
EU   Europe -10 EEE
"""

import json
import threading
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from importlib.util import module_from_spec, spec_from_file_location
from types import SimpleNamespace

import pytest
from dash.testing.browser import Browser
from joserfc.jwk import ECKey
from sqlalchemy import select, update
from werkzeug.serving import WSGIRequestHandler, make_server

from app.main import create_server
from app.settings import Settings
from auth import demo_idp
from auth.grants import GroupRules
from auth.readers import Readers
from data.bearer import embed_bearer
from data.store import Store, audit_event, utc_now
from tests.browser.conftest import ROOT, Desk
from tests.conftest import two_free_ports
from tests.ledger import Ledger

BOOKS = """
    books:
      book desk
      EQ1  Cash
      EQ2  Cash
      EU   Europe
    instruments:
      symbol currency
      AAA    USD
      BBB    USD
      EEE    USD
    prices:
      instrument price_date price
      AAA        2022-01-03 10
      BBB        2022-01-03 20
      EEE        2022-01-03 100
    trades:
      trade_id book instrument quantity price trade_date
      T1       EQ1  AAA        100      10    2022-01-03
      T2       EQ2  BBB        50       20    2022-01-03
      T3       EU   EEE        -10      100   2022-01-03
"""
BOOKS_SHOWN = "exposure-table-by-book"
PROBE = "document.cookie = 'probe=1; SameSite=None; Secure'; return document.cookie"
SECRET = "of the test"  # noqa: S105 of nobody else


def sample():
    """The sample portal of the documentation, as a module."""
    spec = spec_from_file_location("portal", ROOT / "docs" / "portal" / "portal.py")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class _Quiet(WSGIRequestHandler):
    def log(self, *_):
        pass


@contextmanager
def served(host, app, port=0):
    server = make_server(host, port, app, threaded=True, request_handler=_Quiet)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Paths:
    """What was asked of an app, with the query."""

    def __init__(self, app):
        self.app = app
        self.asked = []

    def __call__(self, environ, start):
        self.asked.append((f"{environ['PATH_INFO']}?{environ.get('QUERY_STRING', '')}", environ.get("HTTP_COOKIE", "")))
        return self.app(environ, start)


@pytest.fixture(scope="module")
def intranet(tmp_path_factory):
    """Parapet at localhost and portals at 127.0.0.1, another site: one listed, one not, one without a back end."""
    home, port = tmp_path_factory.mktemp("embed"), two_free_ports()
    parapet, issuer = f"http://localhost:{port}", f"http://localhost:{port + 1}"
    key, grant = ECKey.generate_key("P-256"), {"sub": "rita", "page": "exposure", "desks": ["Cash"]}
    portal = sample()
    with ExitStack() as stack:
        ledger = Ledger(home, BOOKS)
        stack.callback(ledger.warehouse.close)
        listed = stack.enter_context(served("127.0.0.1", None))
        stranger = stack.enter_context(served("127.0.0.1", None))
        plain = stack.enter_context(served("127.0.0.1", None))
        url, other, bare = (f"http://127.0.0.1:{each.port}" for each in (listed, stranger, plain))
        listed.app = portal.create_app(parapet, url, key, grant)
        stranger.app = portal.create_app(parapet, url, key, grant)
        plain.app = without_back_end(parapet)
        popup = f'[bare]\norigins = ["{bare}"]\npages = ["exposure"]\npopup = true\n'
        (home / "portals.toml").write_text(portal.table(url, key, "exposure") + popup)
        child = demo_idp.start(
            port + 1, client_id="parapet", client_secret=SECRET, redirect_uris=[f"{parapet}/callback"]
        )
        stack.callback(demo_idp.stop, child)
        settings = {"home": home, "base_url": parapet, "oidc_issuer": issuer, "oidc_client_secret": SECRET}
        server = create_server(Settings(**settings, portals=home / "portals.toml", log_format="text"))
        stack.callback(server.session_interface._engine.dispose)
        store = Store(f"sqlite:///{home / 'store.sqlite'}")
        stack.callback(store.close)
        Readers(store, utc_now, GroupRules(), timedelta(days=30)).seen("rita", "Rita", "", ["role:risk_manager"])
        paths = Paths(server)
        stack.enter_context(served("localhost", paths, port))
        yield SimpleNamespace(
            parapet=parapet, portal=url, stranger=other, bare=bare, grant=grant, store=store, paths=paths
        )


def without_back_end(parapet):
    """A portal that is a file: its page leaves `token` out."""
    page = (ROOT / "docs" / "portal" / "portal.html").read_text()
    start, end = page.index("    async token() {"), page.index("    onFilters:")
    bare = (page[:start] + page[end:]).replace("{{ parapet }}", parapet).replace("{{ page }}", "exposure")

    def app(_environ, start):
        start("200 OK", [("Content-Type", "text/html; charset=utf-8")])
        return [bare.encode()]

    return app


@pytest.fixture(scope="module")
def private(request, tmp_path_factory):
    """A Chromium that blocks third-party cookies, and the folder of its downloads."""
    options = request.config.hook.pytest_setup_options()
    options[0].add_argument("--test-third-party-cookie-phaseout")
    folder = tmp_path_factory.mktemp("taken")
    with Browser(browser="Chrome", headless=True, options=options, download_path=str(folder)) as browser:
        yield browser, folder


@pytest.fixture
def seen(private, intranet):
    """A reader at the portal's page; in the end the console is empty and no address held a token, no frame a cookie."""
    browser, folder = private
    intranet.paths.asked.clear()
    intranet.grant.pop("filters", None)
    desk = Desk(browser, intranet.portal)
    desk.folder, desk.intranet = folder, intranet
    browser.reset_log_timestamp()
    yield desk
    desk.driver.switch_to.default_content()
    assert browser.get_logs() == []
    asked = [(path, cookie) for path, cookie in intranet.paths.asked if path.startswith("/embed/")]
    assert not [path for path, _cookie in asked if "parapet-embed_" in path or "eyJ" in path]
    assert not [path for path, cookie in asked if cookie and "sign-in" not in path]


def enter(desk, settled=True):
    """From the portal's page into its frame, once that is drawn."""
    desk.driver.switch_to.default_content()
    desk.driver.switch_to.frame(desk.find("iframe"))
    if settled:
        desk.settle()


def arrive(desk, address=None):
    desk.driver.get(address or f"{desk.intranet.portal}/")
    enter(desk)


def chips(desk):
    """What narrows the page, as its bar says."""
    return [" ".join(text.split()) for text in desk.texts(".top a.chip, .top span.chip")]


def outside(desk, css):
    """What the portal's page says there."""
    desk.driver.switch_to.default_content()
    text = desk.text(css)
    enter(desk, settled=False)
    return text


def end_bearers(intranet):
    with intranet.store.engine.begin() as connection:
        over = update(embed_bearer).values(ends_at=datetime.now(UTC) - timedelta(seconds=1))
        return connection.execute(over).rowcount


def events(intranet, kind):
    with intranet.store.engine.connect() as connection:
        rows = connection.execute(select(audit_event).where(audit_event.c.event == kind)).all()
    return [(row.reader, json.loads(row.details)) for row in rows]


def test_a_reader_looks_at_the_page_without_any_cookie(seen):
    arrive(seen)
    assert {*seen.names(BOOKS_SHOWN)} == {"EQ1", "EQ2"}
    assert "EEE" not in seen.text("#page")
    assert "Exposure" in seen.text(".top")
    assert "as of 2022-01-03" in seen.text(".top")
    assert seen.run(PROBE) == "", "the browser blocks third-party cookies"
    assert not seen.texts("#navigation, #palette, #drawer, .who")


def test_a_click_narrows_the_page_and_the_portal_hears_of_it(seen):
    arrive(seen)
    seen.click(f"#{BOOKS_SHOWN} a.narrow[href*='book=EQ1']")
    seen.settle()
    assert chips(seen) == ["book EQ1 ✕"]
    assert "BBB" not in seen.text("#page")
    assert outside(seen, "#filters") == "book=EQ1"
    seen.click(".top .chip")
    seen.settle()
    assert "BBB" in seen.text("#page")


def test_the_portal_narrows_the_page_and_turns_its_theme(seen):
    arrive(seen)
    assert seen.run("return document.documentElement.dataset.theme") == "light"
    seen.driver.switch_to.default_content()
    seen.run("view.setFilters({ book: 'EQ2' })")
    seen.click("#dark")
    enter(seen)
    seen.until(lambda: "AAA" not in seen.text("#page"))
    assert seen.run("return document.documentElement.dataset.theme") == "dark"
    assert "BBB" in seen.text("#page")


def test_what_the_token_fixes_cannot_be_left(seen):
    seen.intranet.grant["filters"] = {"book": "EQ1"}
    arrive(seen)
    assert "BBB" not in seen.text("#page")
    assert chips(seen) == ["book EQ1"]
    seen.driver.switch_to.default_content()
    seen.run("view.setFilters({ book: 'EQ2' })")
    enter(seen)
    seen.run("window.parapet.go('?book=EQ2')")
    seen.settle()
    assert "BBB" not in seen.text("#page")
    assert seen.driver.execute_script("return location.search") == "?book=EQ1"


def test_a_file_is_taken_out_of_the_frame(seen):
    arrive(seen)
    seen.click(f"#{BOOKS_SHOWN} summary[title=Download]")
    seen.click(f"#{BOOKS_SHOWN} .files a[href*='.csv']")
    seen.until(lambda: [each for each in seen.folder.iterdir() if each.suffix == ".csv"])
    (file,) = (each for each in seen.folder.iterdir() if each.suffix == ".csv")
    rows = file.read_text(encoding="utf-8-sig")
    assert ("EQ1" in rows, "EU" in rows) == (True, False)
    assert events(seen.intranet, "export")[-1][0] == "rita"


def test_a_bearer_that_is_over_is_renewed_and_the_reader_notices_nothing(seen):
    arrive(seen)
    opened = len(events(seen.intranet, "embed_opened"))
    assert end_bearers(seen.intranet)
    seen.click(f"#{BOOKS_SHOWN} a.narrow[href*='book=EQ1']")
    seen.until(lambda: "BBB" not in seen.text("#page"))
    seen.settle()
    assert not seen.texts("#frame-notice")
    assert len(events(seen.intranet, "embed_opened")) == opened + 1
    logs = seen.browser.get_logs()
    seen.browser.reset_log_timestamp()
    assert all("401" in entry["message"] for entry in logs), "the browser itself notes the late request, and no more"


def test_a_frame_is_as_high_as_its_page(seen):
    arrive(seen)
    wanted = seen.run("return Math.ceil(document.body.getBoundingClientRect().height)")
    seen.driver.switch_to.default_content()
    seen.until(lambda: seen.run("return view.frame.clientHeight") == wanted)
    assert wanted > 480


@pytest.mark.attack(24, row="")
def test_an_unlisted_portal_shows_nothing(seen):
    seen.driver.get(f"{seen.intranet.stranger}/")
    seen.driver.switch_to.frame(seen.find("iframe"))
    seen.until(lambda: seen.run("return document.readyState") == "complete")
    assert not seen.texts("#page, #frame-notice")
    (entry,) = seen.browser.get_logs()
    assert "frame-ancestors" in entry["message"]
    seen.browser.reset_log_timestamp()


@pytest.mark.attack(24, row="")
def test_messages_of_others_are_ignored(seen):
    arrive(seen)
    seen.run("window.heard = 0; window.addEventListener('message', () => (window.heard += 1))")
    seen.run(
        """
        const forged = { parapet: 1, type: 'filters', filters: { book: 'EQ2' } };
        const of = (origin, source) => new MessageEvent('message', { data: forged, origin, source });
        const hear = (origin, source) => window.dispatchEvent(of(origin, source));
        ['https://evil.example', location.origin, 'null', ''].forEach((origin) => hear(origin, window.parent));
        hear(arguments[0], window);
        hear(arguments[0], null);
        """,
        seen.intranet.portal,
    )
    seen.driver.switch_to.default_content()
    seen.run("view.frame.contentWindow.postMessage({ parapet: 2, type: 'filters', filters: { book: 'EQ2' } }, '*')")
    seen.run("window.postMessage({ parapet: 1, type: 'error', message: 'forged' }, '*')")
    enter(seen)
    seen.until(lambda: seen.run("return window.heard") == 7)
    assert seen.run("return location.search") == ""
    assert "BBB" in seen.text("#page")
    assert outside(seen, "#error") == ""


def test_who_opens_the_address_by_himself_is_told_that_it_is_for_portals(seen):
    seen.driver.get(f"{seen.intranet.parapet}/embed/exposure")
    assert "for portals" in seen.text("#frame-notice")
    assert seen.run(PROBE) == "probe=1", "the browser takes first-party cookies"
    seen.driver.delete_all_cookies()


def test_a_reader_signs_in_at_a_window_where_the_portal_has_no_back_end(seen):
    seen.driver.get(f"{seen.intranet.bare}/")
    enter(seen, settled=False)
    first = seen.driver.current_window_handle
    seen.click("#frame-notice button")
    seen.until(lambda: len(seen.driver.window_handles) == 2)
    seen.driver.switch_to.window(next(each for each in seen.driver.window_handles if each != first))
    seen.click("#user-risk-manager")
    seen.until(lambda: len(seen.driver.window_handles) == 1)
    seen.driver.switch_to.window(first)
    enter(seen, settled=False)
    seen.until(lambda: not seen.texts("#frame-notice"))
    seen.settle()
    assert events(seen.intranet, "embed_opened")[-1][0] == "risk-manager"
