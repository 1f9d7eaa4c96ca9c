"""Several login servers: offered by name, each with a callback of its own, and no reader of one is one of another."""

import time
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc import jwt

from auth.admission import Admission
from auth.backchannel import EVENT
from auth.login import LoginServer
from auth.readers import Readers
from tests.auth.liar import OURS, SECRET, Liar

HTML = {"Accept": "text/html"}


@pytest.fixture(scope="module")
def second_front(serve):
    with serve() as server:
        yield server


@pytest.fixture
def partner(second_front):
    partner = Liar(f"http://localhost:{second_front.port}")
    second_front.app = partner.app()
    return partner


@pytest.fixture
def both(settings, partner):
    other = LoginServer(partner.url, "parapet", SECRET, key="partner", title="Partner desks")
    return replace(settings, title="Our desks", others=(other,))


@pytest.fixture
def site(make_site, both):
    return make_site(both)


def query(sent):
    return {name: values[0] for name, values in parse_qs(urlsplit(sent.headers["Location"]).query).items()}


@pytest.fixture
def enter(site, liar, partner):
    """Sign in at a login server by its key; `answers` says at whose callback the answer arrives."""

    def walk(key, client=None, answers=None, **claims):
        client, server = client or site.app.test_client(), partner if key else liar
        sent = client.get(f"/login?server={key}&next=/positions")
        server.nonce, server.claims = query(sent)["nonce"], claims
        path = urlsplit(query(sent)["redirect_uri"]).path if answers is None else answers
        return client, client.get(path, query_string={"code": "c", "state": query(sent)["state"]})

    return walk


def test_a_reader_is_asked_where_to_sign_in(site):
    page = site.app.test_client().get("/login?next=/positions")
    assert page.status_code == 200
    assert 'href="/login?server=&amp;next=%2Fpositions">Our desks' in page.text
    assert 'href="/login?server=partner&amp;next=%2Fpositions">Partner desks' in page.text


def test_with_one_login_server_nobody_is_asked(make_site, settings):
    assert make_site(settings).app.test_client().get("/login").status_code == 302


def test_a_login_server_that_is_down_is_named_and_the_other_goes_on(site, enter, partner, liar):
    partner.down = True
    page = site.app.test_client().get("/login")
    assert (page.status_code, "server=partner" in page.text) == (200, False)
    assert "does not answer" in page.text
    assert enter("")[1].status_code == 302
    liar.down = True
    site.clock.advance(hours=2)
    assert site.app.test_client().get("/login").status_code == 503


def test_one_sub_at_two_login_servers_is_two_readers(site, enter, partner, store, both):
    ours, _ = enter("", sub="u1")
    theirs, _ = enter("partner", sub="u1", groups=["role:trader", "desk:FX"])
    seen = [client.get("/positions").json for client in (ours, theirs)]
    assert [each["reader"] for each in seen] == ["u1", f"{partner.url} › u1"]
    assert [each["desks"] for each in seen] == [["Vol"], ["FX"]]
    kept = Readers(store, site.clock, both.rules, both.away)
    assert {each.reader for each in kept.all()} == {"u1", f"{partner.url} › u1"}


def test_a_sub_that_is_written_like_another_login_servers_reader_is_refused(enter, partner, site):
    client, refused = enter("", sub=f"{partner.url} › u1")
    assert refused.status_code == 400
    assert client.get("/positions").status_code == 401
    assert "reserved" in site.rows("denied")[0]["reason"]


@pytest.mark.parametrize(("key", "answers"), [("", "/callback/partner"), ("partner", "/callback")])
def test_an_answer_at_the_callback_of_another_login_server_is_refused(enter, key, answers):
    client, refused = enter(key, answers=answers)
    assert refused.status_code == 400
    assert client.get("/positions").status_code == 401


def test_a_login_server_that_is_unknown_is_asked_for_again(site):
    assert "Partner desks" in site.app.test_client().get("/login?server=evil").text


def test_sessions_of_a_login_server_that_is_no_longer_set_are_over(enter, make_site, settings):
    client, _ = enter("partner")
    cookie = client.get_cookie("parapet_session").value
    later = make_site(settings).app.test_client()
    later.set_cookie("parapet_session", cookie)
    assert client.get("/positions").status_code == 200
    assert later.get("/positions").status_code == 401


def logout_token(issuer, **claims):
    now = int(time.time())
    told = {"iss": issuer, "aud": "parapet", "iat": now, "exp": now + 60, "jti": "j", "events": {EVENT: {}}} | claims
    return jwt.encode({"alg": "RS256", "kid": "one", "typ": "logout+jwt"}, told, OURS, ["RS256"])


@pytest.mark.parametrize("claims", [{"sid": "s"}, {"sub": "u1"}])
def test_a_login_server_ends_sessions_of_its_own_readers_alone(site, enter, partner, liar, claims):
    ours, theirs = enter("", sub="u1", sid="s")[0], enter("partner", sub="u1", sid="s")[0]
    post = site.app.test_client().post
    assert post("/backchannel-logout", data={"logout_token": logout_token(partner.url, **claims)}).status_code == 200
    assert [client.get("/positions").status_code for client in (ours, theirs)] == [200, 401]
    same_jti = logout_token(liar.url, **claims)
    assert post("/backchannel-logout", data={"logout_token": same_jti}).status_code == 200
    assert ours.get("/positions").status_code == 401


def test_a_login_server_cannot_name_the_sessions_of_another(site, enter, partner, liar):
    theirs, _ = enter("partner", sub="u1", sid="s")
    token = logout_token(liar.url, sid=f"{partner.url} › s")
    assert site.app.test_client().post("/backchannel-logout", data={"logout_token": token}).status_code == 400
    assert theirs.get("/positions").status_code == 200


def test_a_logout_leads_to_the_login_server_that_signed_the_reader_in(enter, partner):
    partner.document = {"end_session_endpoint": f"{partner.url}/end"}
    client, _ = enter("partner")
    left = client.post("/logout", headers={"Origin": "http://localhost"})
    assert left.headers["Location"].startswith(f"{partner.url}/end?")


def test_only_readers_on_the_list_enter_and_the_list_counts_at_once(make_site, settings, arrive, tmp_path):
    listed = tmp_path / "readers.txt"
    site = make_site(replace(settings, admission=Admission(listed)))
    client = site.app.test_client()
    assert arrive(client).status_code == 302
    page = client.get("/positions", headers=HTML)
    assert page.status_code == 403
    assert "a place on the list" in page.text
    assert [(row["reader"], row["status"]) for row in site.rows("denied")] == [("u1", 403)]
    listed.write_text("# readers\n\nu1\nu22\n")
    assert client.get("/positions").status_code == 200
    listed.write_text("# u1\nu22\n")
    assert client.get("/positions").status_code == 403


@pytest.fixture
def arrive(liar):
    def walk(client):
        sent = client.get("/login")
        liar.nonce = query(sent)["nonce"]
        return client.get("/callback", query_string={"code": "c", "state": query(sent)["state"]})

    return walk
