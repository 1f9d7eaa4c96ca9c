"""The file of portals: what it says, and what stops the start, with file, key and remedy."""

import pytest
from joserfc.jwk import ECKey, OctKey, RSAKey

from auth.portals import PortalsError, read_portals

KEY = ECKey.generate_key("P-256")
PUBLIC = KEY.as_pem(private=False).decode()
PAGES = ["pnl", "var"]
GOOD = f'''
[intranet]
origins = ["https://intranet.example.com", "https://intranet.example.com:8443"]
issuer = "https://intranet.example.com"
pages = ["var"]
desks = ["Vol"]
keys = ["""{PUBLIC}"""]
'''


@pytest.fixture
def read(tmp_path):
    def parse(text):
        (tmp_path / "portals.toml").write_text(text)
        return read_portals(tmp_path / "portals.toml", PAGES)

    return parse


def test_a_portal_is_a_table_of_its_name(read):
    portals = read(GOOD)
    portal = portals.named("intranet")
    assert (portal.pages, portal.desks, portal.reader, portal.popup) == ({"var"}, {"Vol"}, "sub", False)
    assert portals.of_issuer("https://intranet.example.com") == ("intranet", portal)
    assert list(portals.showing("var")) == ["intranet"]
    assert portals.showing("pnl") == {}
    assert portals.of_issuer("") is portals.of_issuer(None) is portals.named("other") is None


def test_a_key_is_pem_or_jwk_and_there_may_be_several_while_one_replaces_another(read):
    jwk = KEY.as_dict(private=False)
    table = "{" + ", ".join(f'{name} = "{value}"' for name, value in jwk.items()) + "}"
    portal = read(GOOD.replace("keys = [", f"keys = [{table}, ")).named("intranet")
    assert [key.as_dict(private=False)["x"] for key in portal.keys] == [jwk["x"]] * 2


def test_a_portal_without_a_back_end_has_no_key(read):
    portal = read('[plain]\norigins = ["http://localhost:80"]\npages = ["var"]\npopup = true').named("plain")
    assert (portal.keys, portal.popup) == ((), True)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('["https://intranet.example.com", ', '["https://intranet.example.com/", ', "intranet.origins: .* no origin"),
        ('["https://intranet.example.com", ', '["http://intranet.example.com", ', "intranet.origins: .* no origin"),
        ('["https://intranet.example.com", ', '["https://*.example.com", ', "intranet.origins: .* no origin"),
        ('["https://intranet.example.com", ', '["https://a.b; script-src *", ', "intranet.origins: .* no origin"),
        ('["https://intranet.example.com", "https://intranet.example.com:8443"]', "[]", "origins: name the origins"),
        ('pages = ["var"]', 'pages = ["vra"]', "intranet.pages: 'vra' cannot be embedded; choose among pnl, var"),
        ('pages = ["var"]', "", "intranet.pages: Field required"),
        ('desks = ["Vol"]', 'desk = ["Vol"]', "intranet.desk: Extra inputs"),
        ('issuer = "https://intranet.example.com"', "", "issuer and keys belong together"),
        (PUBLIC, "nothing", "intranet.keys: not a key; write a public P-256 key"),
        (PUBLIC, KEY.as_pem(private=True).decode(), "intranet.keys: this is a private key"),
        (PUBLIC, ECKey.generate_key("P-384").as_pem(private=False).decode(), "of curve P-384"),
        (PUBLIC, RSAKey.generate_key(2048).as_pem(private=False).decode(), "intranet.keys: not a key"),
        (f'"""{PUBLIC}"""', f'{{kty = "oct", k = "{OctKey.generate_key(256).as_dict()["k"]}"}}', "keys: not a key"),
        ("[intranet]", "[intranet", "not TOML"),
        ("[intranet]", "intranet = 1\n[other]", "intranet: "),
    ],
)
def test_a_bad_file_stops_the_start_and_names_file_key_and_remedy(read, old, new, said):
    assert old in GOOD
    with pytest.raises(PortalsError, match=said) as problem:
        read(GOOD.replace(old, new, 1))
    assert "portals.toml: " in str(problem.value)


def test_who_neither_signs_nor_lets_sign_in_lets_nobody_in(read):
    with pytest.raises(PortalsError, match="nobody could come in; write issuer and keys, or popup = true"):
        read('[plain]\norigins = ["https://portal.example.com"]\npages = ["var"]')


def test_two_portals_have_two_issuers(read):
    with pytest.raises(PortalsError, match="is there twice"):
        read(GOOD + GOOD.replace("[intranet]", "[extranet]"))


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(PortalsError, match=r"nowhere.toml: No such file.*PARAPET_PORTALS"):
        read_portals(tmp_path / "nowhere.toml", PAGES)
