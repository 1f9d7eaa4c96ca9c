"""Claims in, a reader out: names and groups wherever a login server puts them, by settings alone."""

import pytest

from auth.claims import at, complete, named, read
from auth.grants import GroupRules
from auth.login import ClaimRules, LoginServer, LoginSettings, read_role_map
from auth.login_file import LoginFileError, read_servers

RULES = GroupRules()


@pytest.mark.parametrize(
    ("claims", "path", "found"),
    [
        ({"groups": ["a"]}, "groups", ["a"]),
        ({"realm_access": {"roles": ["a"]}}, "realm_access.roles", ["a"]),
        ({"resource_access": {"my.app": {"roles": ["a"]}}}, "resource_access.my.app.roles", ["a"]),
        ({"https://bank.example/groups": ["a"]}, "https://bank.example/groups", ["a"]),
        ({"a.b": 1, "a": {"b": 2}}, "a.b", 1),
        ({"a": {"b": None}}, "a.b", None),
        ({"a": ["b"]}, "a.b", None),
        ({}, "groups", None),
        ([], "groups", None),
    ],
)
def test_a_path_leads_into_nested_claims(claims, path, found):
    assert at(claims, path) == found


@pytest.mark.parametrize(
    ("told", "role_map", "meant"),
    [
        (["role:trader", "desk:Vol"], {}, ("role:trader", "desk:Vol")),
        (["/role:trader", "/desk:Long/Short"], {}, ("role:trader", "desk:Long/Short")),
        (["//role:admin"], {}, ("/role:admin",)),
        (["Risk"], {"Risk": "risk_manager"}, ("role:risk_manager",)),
        (["/Risk"], {"Risk": "risk_manager"}, ("role:risk_manager",)),
        (["Risk"], {"/Risk": "risk_manager"}, ("role:risk_manager",)),
        (["Vols"], {"Vols": ["trader", "desk:Vol"]}, ("role:trader", "desk:Vol")),
        (["role:admin", "desk:FX"], {"Risk": "risk_manager"}, ("desk:FX",)),
        (["/role:admin"], {"Risk": "risk_manager"}, ()),
        (["role:admin"], {"role:admin": "trader"}, ("role:trader",)),
    ],
)
def test_groups_are_called_by_the_map_and_with_one_no_other_is_a_role(told, role_map, meant):
    assert named(told, ClaimRules(role_map=read_role_map(role_map)), RULES) == meant


def test_the_slash_stays_where_the_prefixes_have_one():
    assert named(["/p/trader"], ClaimRules(), GroupRules("/p/", "/p/desk-")) == ("/p/trader",)


@pytest.mark.parametrize("role_map", [{"a": "boss"}, {"a": ["trader", "boss"]}, {"a": 7}, {"a": [7]}, ["a"], "a", None])
def test_a_map_that_names_no_role_is_refused(role_map):
    with pytest.raises(ValueError, match="write"):
        read_role_map(role_map)


def told(*documents, rules=None, now=1000.0):
    return read(documents, rules or ClaimRules(), RULES, id_token="t", now=now)  # noqa: S106 a test's


def test_the_id_token_counts_before_userinfo_and_each_may_bring_what_the_other_lacks():
    found = told(
        {"sub": "u", "name": "Ada"}, {"sub": "u", "name": "Eve", "groups": ["desk:Vol"], "email": "a@b.example"}
    )
    assert (found.name, found.groups, found.email) == ("Ada", ("desk:Vol",), "a@b.example")


def test_nested_groups_of_userinfo_are_found_behind_a_claim_that_both_have():
    rules = ClaimRules("realm_access.roles")
    found = told({"sub": "u", "realm_access": {}}, {"realm_access": {"roles": ["role:admin"]}}, rules=rules)
    assert found.groups == ("role:admin",)


@pytest.mark.parametrize(
    ("claims", "name"),
    [
        ({"full": "A", "name": "B"}, "A"),
        ({"name": "B", "preferred_username": "C"}, "B"),
        ({"preferred_username": "C", "email": "D"}, "C"),
        ({}, "u"),
    ],
)
def test_a_reader_is_called_by_the_claim_that_is_set_or_the_first_that_says_something(claims, name):
    assert told({"sub": "u", **claims}, rules=ClaimRules(name="full")).name == name


@pytest.mark.parametrize(
    ("said", "kept"), [(990, 990), (1030, 1030), (1031, 0), (0, 0), ("9", 0), (True, 0), (None, 0)]
)
def test_the_moment_of_the_login_is_a_number_of_the_past_or_nothing(said, kept):
    assert told({"sub": "u", "auth_time": said}).auth_time == kept


def test_userinfo_is_asked_unless_the_id_token_says_name_and_groups():
    assert complete({"name": "A", "groups": []}, ClaimRules())
    assert not complete({"groups": []}, ClaimRules())
    assert not complete({"name": "A"}, ClaimRules())


FILE = """
[partner]
title = "Partner desks"
issuer = "https://login.partner.example/"
client_id = "parapet"
client_secret_file = "partner.secret"
scopes = "openid profile"
authentication = "client_secret_post"
groups_claim = "realm_access.roles"
role_map = { "Vols" = ["trader", "desk:Vol"] }
"""


def test_a_file_names_further_login_servers_and_its_secrets_lie_beside_it(tmp_path):
    (tmp_path / "partner.secret").write_text("shh\n")
    path = tmp_path / "servers.toml"
    path.write_text(FILE)
    (server,) = read_servers(path)
    assert server == LoginServer(
        "https://login.partner.example/",
        "parapet",
        "shh",
        key="partner",
        title="Partner desks",
        scopes="openid profile",
        authentication="client_secret_post",
        claims=ClaimRules("realm_access.roles", "", {"Vols": ("trader", "desk:Vol")}),
    )
    assert "shh" not in repr(server)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[Partner]\nissuer='https://x'\nclient_id='c'", "is no key"),
        ("[a]\nclient_id='c'", r"\[a\] issuer: Field required"),
        ("[a]\nissuer='x'\nclient_id='c'", r"\[a\] issuer"),
        ("[a]\nissuer='https://x'\nclient_id='c'\nsecret='s'", r"\[a\] secret: Extra inputs"),
        ("[a]\nissuer='https://x'\nclient_id='c'\nclient_secret_file='none'", r"\[a\] .*none"),
        ("[a]\nissuer='https://x'\nclient_id='c'\nrole_map={a='boss'}", "boss"),
        ("[a]\nissuer='https://ours'\nclient_id='c'", "there twice"),
        ("a = 1", r"\[a\] table"),
        ("[a", "servers.toml"),
    ],
)
def test_a_file_that_cannot_be_used_says_where(tmp_path, text, why):
    path = tmp_path / "servers.toml"
    path.write_text(text)
    with pytest.raises(LoginFileError, match=why):
        read_servers(path, "https://ours")


def test_without_an_issuer_in_the_environment_the_file_alone_counts():
    other = LoginServer("https://x", "c", "s", key="a")
    assert LoginSettings("", "c", "s", "http://localhost", others=(other,)).servers == (other,)
    assert [each.key for each in LoginSettings("https://y", "c", "s", "u", others=(other,)).servers] == ["", "a"]
    assert [each.issuer for each in LoginSettings("", "c", "s", "u").servers] == [""]
