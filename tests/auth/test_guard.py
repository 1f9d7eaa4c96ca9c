"""The guard: an app with pages, callbacks, exports and assets, of which nobody sees anything before login."""

import flask
import pytest
import requests

from auth import guard
from auth.guard import NotSignedInError, current_scope

HTML = {"Accept": "text/html,*/*;q=0.8"}
NAVIGATION = HTML | {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document", "Sec-Fetch-Site": "none"}
OPEN = {"/login", "/callback", "/logout", "/signed-out", "/backchannel-logout", "/health"}
CALLBACK = "/_dash-update-component"


@pytest.fixture
def ask(site):
    """Make an anonymous request, redirects not followed."""

    def send(path, method="GET", **headers):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return requests.request(method, f"{site.url}{path}", headers=named, allow_redirects=False, timeout=5)

    return send


def test_everything_is_closed_to_the_anonymous_except_login_and_health(site, ask):
    closed = {rule.rule: rule.methods for rule in site.app.url_map.iter_rules() if rule.rule not in OPEN}
    assert {"/", "/positions", "/export/positions.csv", "/_dash-layout", "/assets/app.css", CALLBACK} <= set(closed)
    for path, methods in closed.items():
        for method in methods:
            assert ask(path, method).status_code == 401, (method, path)


@pytest.mark.attack(18)
@pytest.mark.parametrize(
    "path", ["/_dash-layout", "/_dash-dependencies", "/export/positions.csv", "/assets/app.css", "/_dash-unknown"]
)
def test_what_programs_fetch_is_answered_401_even_in_a_navigation(site, path):
    refused = requests.get(f"{site.url}{path}", headers=NAVIGATION, allow_redirects=False, timeout=5)
    assert (refused.status_code, refused.json()["error"]["code"]) == (401, "not_signed_in")
    assert [(row["path"], row["reader"], row["status"]) for row in site.rows("denied")] == [(path, "", 401)]


def test_an_anonymous_callback_is_answered_401(ask):
    assert ask(CALLBACK, "POST", Content_Type="application/json").status_code == 401


@pytest.mark.parametrize("path", ["/", "/positions", "/no-such-page"])
@pytest.mark.parametrize("headers", [HTML, NAVIGATION])
def test_an_anonymous_reader_opening_a_page_is_led_to_the_login(site, path, headers):
    led = requests.get(f"{site.url}{path}?desk=Vol", headers=headers, allow_redirects=False, timeout=5)
    assert led.headers["Location"] == f"/login?next={path.replace('/', '%2F')}%3Fdesk%3DVol"
    assert site.rows() == []


def test_a_fetch_that_would_take_html_is_still_a_fetch(ask):
    assert ask("/positions", Accept="text/html", Sec_Fetch_Mode="cors").status_code == 401


def test_a_page_that_does_not_exist_is_404_only_to_a_reader(site, sign_in, ask):
    assert ask("/no-such-page").status_code == 401
    assert sign_in().get(f"{site.url}/no-such-page").status_code == 404


def test_health_is_open(ask):
    assert (ask("/health").status_code, ask("/health").text) == (200, "ok")


def callback(site, reader, headers):
    sent = {"Content-Type": "application/json"} | {k: v.replace("SELF", site.url) for k, v in headers.items()}
    return reader.post(f"{site.url}{CALLBACK}", data="{}", headers=sent).status_code


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "SELF"},
        {"Origin": "SELF", "Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "same-origin"},
        {"Origin": "SELF", "Content-Type": "application/json; charset=utf-8"},
    ],
)
def test_a_callback_from_our_own_page_passes(site, sign_in, headers):
    assert callback(site, sign_in(), headers) == 200
    assert site.rows("denied") == []


@pytest.mark.attack(22)
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "SELF", "Sec-Fetch-Site": "cross-site"}, 403),
        ({"Origin": "SELF", "Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "https://evil.example", "Sec-Fetch-Site": "same-origin"}, 403),
        ({"Origin": "SELF.evil.example"}, 403),
        ({"Origin": "SELF", "Content-Type": "text/plain"}, 415),
        ({"Origin": "SELF", "Content-Type": "application/x-www-form-urlencoded"}, 415),
    ],
)
def test_a_callback_must_come_from_our_own_page_as_json(site, sign_in, headers, status):
    assert callback(site, sign_in(), headers) == status
    assert [(row["reader"], row["status"]) for row in site.rows("denied")] == [("trader-vol", status)]


def test_a_forged_logout_is_refused(site, sign_in):
    reader = sign_in()
    assert reader.post(f"{site.url}/logout", headers={"Origin": "https://evil.example"}).status_code == 403
    assert reader.get(f"{site.url}/").status_code == 200
    assert [(row["reader"], row["path"]) for row in site.rows("denied")] == [("trader-vol", "/logout")]


def test_every_answer_carries_the_safe_headers(site, sign_in, ask):
    reader = sign_in()
    answers = [reader.get(f"{site.url}{path}") for path in ("/", "/no-such-page", "/forbidden", "/logout")]
    answers += [ask("/"), ask("/login"), ask("/callback"), ask("/signed-out"), ask("/health")]
    for answer in answers:
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert answer.headers["Cache-Control"] == "no-store"
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        assert "Strict-Transport-Security" not in answer.headers


def test_only_assets_may_be_kept_by_a_browser(site, sign_in, ask):
    reader = sign_in()
    assert "no-store" not in reader.get(f"{site.url}/assets/app.css").headers.get("Cache-Control", "")
    assert ask("/assets/app.css").headers["Cache-Control"] == "no-store"


def test_the_content_security_policy_is_asked_for_with_every_answer(store, login):
    app, policies = flask.Flask("site"), iter(["default-src 'self'", "default-src 'none'"])
    guard.install(app, login, store, csp=lambda: next(policies), open_endpoints=["health"])
    app.add_url_rule("/health", "health", lambda: "ok")
    client = app.test_client()
    assert client.get("/health").headers["Content-Security-Policy"] == "default-src 'self'"
    assert client.get("/health").headers["Content-Security-Policy"] == "default-src 'none'"


def test_the_guard_stands_before_hooks_that_were_there_first(store, login):
    app, reached = flask.Flask("site"), []
    app.before_request(lambda: reached.append("hook"))
    guard.install(app, login, store)
    assert app.test_client().get("/").status_code == 401
    assert reached == []


def test_a_refusal_by_the_app_leaves_one_row_with_the_reader(site, sign_in):
    sign_in("trader-fx").get(f"{site.url}/forbidden")
    (row,) = site.rows("denied")
    assert (row["reader"], row["path"], row["status"], row["reason"]) == ("trader-fx", "/forbidden", 403, "not allowed")


def test_there_is_no_scope_outside_a_signed_in_request(site):
    with pytest.raises(NotSignedInError):
        current_scope()
    with site.app.test_request_context("/"), pytest.raises(NotSignedInError):
        current_scope()
