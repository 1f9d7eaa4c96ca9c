"""Login servers that others wrote, set up by settings alone: npm oidc-provider, which is certified, and canaille."""

from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlsplit

import pytest

from auth.login import ClaimRules, LoginServer, LoginSettings
from tests.auth import peers
from tests.auth.conftest import a_free_port

HTML = {"Accept": "text/html"}
NESTED = {"scopes": "openid profile email", "claims": ClaimRules("realm_access.roles", "full_name")}
"""What the second provider needs: it refuses the scope `groups`, and nests groups in a claim of userinfo."""


@pytest.fixture(scope="module")
def base_url(front):
    return f"http://localhost:{front.port}"


@pytest.fixture(scope="module")
def certified(base_url):
    with peers.certified(a_free_port(), a_free_port(), base_url) as running:
        yield running


@pytest.fixture(scope="module")
def canaille(base_url):
    with peers.canaille(a_free_port(), base_url) as address:
        yield address


@pytest.fixture
def at(make_site, front, base_url):
    """Serve an app with these login settings; `issuer` and what a provider needs beyond the defaults."""

    def serve(issuer, client="parapet", secret=None, **more):
        known = f"secret of {client}" if secret is None else secret
        site = make_site(LoginSettings(issuer, client, known, base_url, **more))
        front.app = site.app
        return site

    return serve


@pytest.fixture
def enter(browser):
    """Sign a reader in at whatever login server the app leads to; returns the browser and where it arrived."""

    def walk(site, reader="ada", path="/positions", within=None):
        person = within or browser()
        page = person.get(f"{site.url}{path}", headers=HTML)
        if 'name="login"' in page.text:
            page = peers.fill_in(person, page, login=reader)
        if 'name="password"' in page.text:
            page = peers.fill_in(person, page, password="correct horse")  # noqa: S106 a test's
        return person, page

    return walk


def test_groups_of_the_id_token_become_role_and_desk(certified, at, enter):
    certified.puts("ada", "role:trader", "desk:Vol", "staff")
    site = at(certified.tells)
    _, arrived = enter(site)
    assert arrived.json() == {"reader": "ada", "desks": ["Vol"], "firm": False, "roles": ["trader"]}
    (row,) = site.rows("login")
    assert (row["name"], row["server"]) == ("Reader ada", certified.tells)


def test_groups_nested_in_userinfo_with_the_slash_of_a_full_path_do_too(certified, at, enter):
    certified.puts("eve", "/role:trader", "/desk:Long/Short")
    site = at(certified.keeps, **NESTED)
    _, arrived = enter(site, "eve")
    assert arrived.json()["desks"] == ["Long/Short"]
    assert site.rows("login")[0]["name"] == "eve of the bank"


def test_a_map_names_the_groups_of_the_bank_and_then_no_other_is_a_role(certified, at, enter):
    certified.puts("max", "/GG-Risk", "role:admin", "GG-FX")
    rules = ClaimRules("realm_access.roles", role_map={"GG-Risk": ("trader",), "GG-FX": ("desk:FX",)})
    _, arrived = enter(at(certified.keeps, **NESTED | {"claims": rules}), "max")
    assert (arrived.json()["roles"], arrived.json()["desks"]) == (["trader"], ["FX"])


def test_a_scope_that_the_provider_refuses_is_named_to_the_reader(certified, at, enter):
    _, refused = enter(at(certified.keeps))
    assert refused.status_code == 400
    assert "invalid_scope" in refused.text


@pytest.mark.parametrize(
    "registered",
    [
        {"client": "parapet", "authentication": "client_secret_basic"},
        {"client": "poster", "authentication": "client_secret_post"},
        {"client": "public", "secret": ""},
    ],
    ids=lambda registered: registered["client"],
)
def test_the_client_proves_itself_as_it_is_registered(certified, at, enter, registered):
    certified.puts("ada", "role:risk_manager")
    _, arrived = enter(at(certified.tells, **registered))
    assert arrived.json()["firm"] is True


def test_a_wrong_client_secret_signs_nobody_in(certified, at, enter):
    site = at(certified.tells, secret="another")  # noqa: S106 a test's
    person, refused = enter(site)
    assert (refused.status_code, person.get(f"{site.url}/").status_code) == (400, 401)
    assert "invalid_client" in site.rows("denied")[0]["reason"]


def test_a_logout_ends_the_session_here_and_at_the_login_server(certified, at, enter):
    certified.puts("ada", "role:admin")
    site = at(certified.tells)
    person, _ = enter(site)
    asked = person.post(f"{site.url}/logout", headers={"Origin": site.url})
    assert asked.url.startswith(f"{certified.tells}/session/end")
    left = peers.fill_in(person, asked, logout="yes")
    assert left.url.startswith(f"{site.url}/signed-out")
    assert 'name="login"' in person.get(f"{site.url}/", headers=HTML).text


def test_a_logout_elsewhere_ends_the_session_here_by_the_back_channel(certified, at, enter):
    certified.puts("ada", "role:admin")
    site = at(certified.tells)
    person, _ = enter(site)
    other, _ = enter(site)
    peers.fill_in(person, person.get(f"{certified.tells}/session/end"), logout="yes")
    assert [each.get(f"{site.url}/").status_code for each in (person, other)] == [401, 200]
    (row,) = site.rows("logout")
    assert (row["reader"], row["by"], row["sessions"]) == ("ada", "the login server", 1)


def test_new_keys_of_the_provider_are_known_at_once(certified, at, enter):
    site = at(certified.tells)
    certified.puts("ada", "role:admin")
    assert enter(site)[1].status_code == 200
    certified.rotates()
    assert enter(site)[1].json()["firm"] is True


def test_a_desk_revoked_at_the_provider_is_gone_after_the_renewal(certified, at, enter):
    certified.puts("ada", "role:trader", "desk:Vol", "desk:FX")
    site = at(certified.tells)
    person, _ = enter(site)
    cookie = person.cookies["parapet_session"]
    certified.puts("ada", "role:trader", "desk:FX")
    site.clock.advance(minutes=59)
    assert person.get(f"{site.url}/positions", headers=HTML).json()["desks"] == ["FX", "Vol"]
    site.clock.advance(minutes=1)
    renewed = person.get(f"{site.url}/positions?desk=FX", headers=HTML)
    assert (renewed.json()["desks"], renewed.url) == (["FX"], f"{site.url}/positions?desk=FX")
    assert person.cookies["parapet_session"] == cookie
    assert [row["result"] for row in site.rows("renewal")] == ["renewed"]


@pytest.mark.parametrize("strict", [False, True])
def test_a_renewal_without_a_session_at_the_provider_goes_on_or_asks_for_a_login(certified, at, enter, strict):
    certified.puts("ada", "role:admin")
    site = at(certified.tells, strict=strict)
    person, _ = enter(site)
    for each in [each for each in person.cookies if each.name != "parapet_session"]:
        person.cookies.clear(each.domain, each.path, each.name)
    site.clock.advance(minutes=30)
    assert person.get(f"{site.url}/").status_code == 200
    site.clock.advance(minutes=30)
    page = person.get(f"{site.url}/positions", headers=HTML)
    assert ('name="login"' in page.text) is strict
    assert [(row["result"], row["reason"]) for row in site.rows("renewal")] == [
        ("ended" if strict else "put off", "login_required")
    ]


def test_a_fresh_login_asks_a_reader_again_whom_the_provider_still_knows(certified, at, enter):
    certified.puts("ada", "role:admin")
    site = at(certified.tells, fresh=timedelta(minutes=5))
    person, _ = enter(site)
    asked = person.get(f"{site.url}/login?fresh=1&next=/positions")
    assert 'name="login"' in asked.text
    assert peers.fill_in(person, asked, login="ada").url == f"{site.url}/positions"
    assert [row["fresh"] for row in site.rows("login")] == [False, True]


def test_readers_of_two_login_servers_with_one_sub_are_two_readers(certified, at, enter, browser):
    certified.puts("ada", "role:trader", "desk:Vol")
    second = LoginServer(certified.keeps, "parapet", "secret of parapet", key="second", title="The bank", **NESTED)
    site = at(certified.tells, title="The desk", others=(second,))
    one, two = browser(), browser()
    choice = one.get(f"{site.url}/positions", headers=HTML)
    assert ("The desk" in choice.text, "The bank" in choice.text) == (True, True)
    enter(site, path="/login?server=&next=/positions", within=one)
    enter(site, path="/login?server=second&next=/positions", within=two)
    seen = [each.get(f"{site.url}/").json()["reader"] for each in (one, two)]
    assert seen == ["ada", f"{certified.keeps} › ada"]


def test_canaille_signs_a_reader_in_and_out(canaille, at, enter):
    site = at(canaille)
    person, arrived = enter(site)
    assert (arrived.json()["roles"], arrived.json()["desks"]) == (["trader"], ["Vol"])
    assert site.rows("login")[0]["name"] == "Ada Lovelace"
    left = person.post(f"{site.url}/logout", headers={"Origin": site.url})
    assert urlsplit(left.url).path in ("/signed-out", "/oauth/end_session")
    assert person.get(f"{site.url}/").status_code == 401


def test_a_wrong_client_secret_is_refused_by_canaille_too(canaille, at, enter):
    site = at(canaille, secret="another")  # noqa: S106 a test's
    _, refused = enter(site)
    assert (refused.status_code, len(site.rows("login"))) == (400, 0)


def test_an_issuer_is_compared_letter_by_letter(certified, at, browser):
    refused = browser().get(f"{at(certified.tells + '/').url}/login")
    assert refused.status_code == 503
    assert "another name" in refused.text
    assert replace(LoginServer(certified.tells, "-", "-"), key="x").identity("ada") != "ada"
