"""A reader who signs in himself at a window of the app: a code, good once, for the frame that opened it."""

import pytest

from auth.embeds import CODE_LASTS, EmbedRefusedError
from data.scope import Scope


def test_a_code_is_good_once_within_a_minute_for_its_page(embeds, clock, readers):
    scope = readers.scope("ada")
    code = embeds.code(scope, "plain", "var")
    opened = embeds.redeem(code, "var")
    assert (opened.scope.reader, opened.scope.page, opened.seconds) == ("ada", "var", 3600)
    with pytest.raises(EmbedRefusedError, match="used"):
        embeds.redeem(code, "var")
    with pytest.raises(EmbedRefusedError, match="another page"):
        embeds.redeem(embeds.code(scope, "plain", "var"), "pnl")
    late = embeds.code(scope, "plain", "var")
    clock.advance(seconds=CODE_LASTS.total_seconds())
    with pytest.raises(EmbedRefusedError, match="over"):
        embeds.redeem(late, "var")


def test_a_code_is_no_bearer_and_a_bearer_no_code(embeds, client, bearer, readers):
    code = embeds.code(readers.scope("ada"), "plain", "var")
    for shown in (code, f"code {code}", f"parapet-embed_{code}"):
        assert client.get("/embed/rows", headers={"Authorization": f"Bearer {shown}"}).status_code == 401
    with pytest.raises(EmbedRefusedError):
        embeds.redeem(bearer()["Authorization"].removeprefix("Bearer "), "var")


@pytest.mark.parametrize(("portal", "page"), [("intranet", "var"), ("plain", "pnl"), ("nowhere", "var"), ("", "")])
def test_a_code_is_for_portals_that_let_readers_sign_in(embeds, readers, portal, page):
    with pytest.raises(EmbedRefusedError, match="may not show"):
        embeds.code(readers.scope("ada"), portal, page)


def test_who_sees_as_another_gets_no_code_for_him(embeds):
    seen = Scope("ada", "Ada", frozenset({"trader"}), frozenset({"Vol"}), seen_by="sam")
    with pytest.raises(EmbedRefusedError, match="while you see as"):
        embeds.code(seen, "plain", "var")
