"""A reader's session from login to logout or its end in time, over real HTTP."""

import threading
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
import requests

HTML = {"Accept": "text/html"}
COOKIE = "parapet_session"


def closed_to(site, cookie):
    return requests.get(f"{site.url}/", cookies={COOKIE: cookie}, timeout=5).status_code == 401


@pytest.mark.attack(13)
def test_a_planted_session_id_is_not_the_readers_after_login(site, browser, sign_in):
    attacker, victim = browser(), browser()
    attacker.get(f"{site.url}/login", allow_redirects=False)
    planted = attacker.cookies[COOKIE]
    victim.cookies.set(COOKIE, planted, domain="localhost.local", path="/")
    sign_in(within=victim)
    assert victim.cookies[COOKIE] != planted
    assert closed_to(site, planted)
    assert victim.get(f"{site.url}/").status_code == 200


def test_an_invented_session_id_is_never_adopted(site, browser):
    reader = browser()
    reader.cookies.set(COOKIE, "chosen-by-the-attacker", domain="localhost.local", path="/")
    reader.get(f"{site.url}/login", allow_redirects=False)
    assert reader.cookies[COOKIE] != "chosen-by-the-attacker"


def test_signing_in_again_as_another_reader_ends_the_first_session(site, sign_in):
    reader = sign_in("trader-vol")
    first = reader.cookies[COOKIE]
    picker = reader.get(f"{site.url}/login")
    reader.post(picker.url, data={"user": "trader-fx"})
    assert reader.get(f"{site.url}/").json()["desks"] == ["FX"]
    assert closed_to(site, first)


@pytest.mark.attack(14)
def test_a_logout_during_a_slow_request_stays_a_logout(site, sign_in):
    reader = sign_in()
    cookie = reader.cookies[COOKIE]
    answers = []
    slow = threading.Thread(
        target=lambda: answers.append(requests.get(f"{site.url}/slow", cookies={COOKIE: cookie}, timeout=10))
    )
    slow.start()
    assert site.entered.wait(10)
    reader.post(f"{site.url}/logout", headers={"Origin": site.url})
    site.released.set()
    slow.join()
    assert answers[0].text == "done"
    assert "Set-Cookie" not in answers[0].headers
    assert closed_to(site, cookie)


@pytest.mark.attack(15)
def test_a_cookie_copied_before_logout_is_closed_after_it(site, sign_in):
    reader = sign_in()
    cookie = reader.cookies[COOKIE]
    assert not closed_to(site, cookie)
    left = reader.post(f"{site.url}/logout", headers={"Origin": site.url})
    assert left.url.startswith(f"{site.url}/signed-out")
    assert "You are signed out" in left.text
    assert COOKIE not in reader.cookies
    assert closed_to(site, cookie)


def test_a_logout_goes_through_the_login_server(site, sign_in):
    left = sign_in().post(f"{site.url}/logout", headers={"Origin": site.url})
    assert urlsplit(left.history[0].headers["Location"]).path == "/end-session"
    assert "parapet_demo_login=;" in left.history[1].headers["Set-Cookie"]


@pytest.mark.attack(15)
def test_a_session_ends_when_it_is_not_used(site, sign_in):
    reader = sign_in()
    for _ in range(3):
        site.clock.advance(minutes=59)
        assert reader.get(f"{site.url}/").status_code == 200
    site.clock.advance(minutes=61)
    assert reader.get(f"{site.url}/").status_code == 401


@pytest.mark.attack(15)
def test_a_session_ends_after_twelve_hours_however_much_it_is_used(site, sign_in):
    reader = sign_in()
    begun = site.clock.now
    while site.clock.now - begun < timedelta(hours=11, minutes=10):
        site.clock.advance(minutes=50)
        assert reader.get(f"{site.url}/").status_code == 200
    site.clock.advance(minutes=50)
    assert reader.get(f"{site.url}/").status_code == 401


@pytest.mark.parametrize("fetch_site", [None, "cross-site", "same-site", "none"])
def test_a_link_elsewhere_cannot_sign_a_reader_out(site, sign_in, fetch_site):
    reader = sign_in()
    asked = reader.get(f"{site.url}/logout", headers={"Sec-Fetch-Site": fetch_site} if fetch_site else {})
    assert asked.status_code == 200
    assert '<form method="post" action="/logout">' in asked.text
    assert reader.get(f"{site.url}/").status_code == 200


def test_a_link_on_our_own_page_signs_out(site, sign_in):
    reader = sign_in()
    assert "You are signed out" in reader.get(f"{site.url}/logout", headers={"Sec-Fetch-Site": "same-origin"}).text
    assert reader.get(f"{site.url}/").status_code == 401


def test_signing_out_twice_is_calm(site, browser):
    assert "You are signed out" in browser().get(f"{site.url}/logout").text
