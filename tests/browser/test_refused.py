"""What a reader sees where the server refuses a callback: words in the panel, or a line that says when it asks again.

The firm's book: desk Cash has book EQ1 with 100 AAA, desk Europe has book EQ2 with -10 EEE. The reader trades Cash.
"""

import pytest
from dash.testing.browser import Browser

from app.main import create_server
from app.settings import Settings
from tests.app.test_routes import BOOKS, sign_in
from tests.auth.conftest import serving
from tests.browser.conftest import Desk
from tests.ledger import Ledger

TREE = "positions-tree-by-instrument"
SLOWED = """
    const waiting = document.querySelector('.panel:has(> .body[data-slow] .ag-row)');
    const line = document.querySelector('#slowed');
    if (!waiting || !line) return null;
    const after = (css) => getComputedStyle(css, '::after').content;
    const grey = getComputedStyle(waiting.querySelector('.figure')).filter;
    return [line.textContent, after(line), after(waiting.querySelector('.notice')), grey];
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    home = tmp_path_factory.mktemp("refused")
    Ledger(home, BOOKS).warehouse.close()
    return home


@pytest.fixture
def begin(home, request, tmp_path):
    """Open a browser, signed in, at a server with settings of its own."""
    with (
        serving() as front,
        Browser(
            browser="Chrome",
            headless=True,
            options=request.config.hook.pytest_setup_options(),
            download_path=str(tmp_path),
        ) as browser,
    ):
        url = f"http://127.0.0.1:{front.port}"

        def start(**settings):
            front.app = create_server(Settings(home=home, base_url=url, oidc_issuer="http://localhost:1", **settings))
            client = front.app.test_client()
            sign_in(client, "role:trader", "desk:Cash")
            cookie = {"url": url, "name": "parapet_session", "value": client.get_cookie("parapet_session").value}
            browser.driver.execute_cdp_cmd("Network.setCookie", cookie)
            return Desk(browser, url)

        yield start
        front.app.session_interface._engine.dispose()


def noted(desk):
    """The statuses that the browser itself notes in its console; whatever else stands there, in full."""
    said = [entry["message"] for entry in desk.browser.get_logs()]
    return {line.partition("a status of ")[2][:3] or line for line in said}


def test_a_desk_that_is_not_open_is_refused_in_words_with_the_status_of_a_refusal(begin):
    desk = begin()
    desk.open("/positions?desk=Europe")
    assert "Not open to you\ndesk 'Europe' is not open to you." in desk.text(f"#{TREE}")
    assert noted(desk) == {"403"}


def test_who_asks_too_often_keeps_his_numbers_and_reads_when_they_are_asked_again(begin):
    desk = begin(callback_limit="2 per 2 seconds")
    desk.open("/positions")
    assert "AAA" in desk.text(f"#{TREE}")
    seen = []
    desk.run("window.parapet.go('?scale=m')")
    desk.until(lambda: seen.append(desk.run(SLOWED)) or seen[-1])
    line, again, notice, filtered = seen[-1]
    assert line == "This was asked more often than the server allows. What is on screen stays and is asked again in "
    assert again.endswith(' s."')
    assert notice.startswith('"asks again in ')
    assert filtered == "grayscale(1)"
    desk.until(lambda: "m" in desk.text(f"#{TREE}-unit"))
    desk.settle()
    desk.until(lambda: desk.texts("#slowed") == [])
    assert "AAA" in desk.text(f"#{TREE}")
    assert noted(desk) == {"429"}
