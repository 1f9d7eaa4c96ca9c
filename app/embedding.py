"""Embedding: the addresses below /embed/, which a portal's frame asks with a bearer and without any cookie."""

from collections.abc import Callable, Collection, Mapping
from html import escape
from pathlib import Path
from typing import cast

from dash import Dash
from dash.exceptions import DependencyException
from flask import Flask, Response, abort, request

from app.answer import Answers
from app.filters import Filters
from app.routes import send_files
from app.screen import embed, sealed
from auth import audit, problem
from auth.embeds import EmbedRefusedError, Embeds
from auth.frames import PATH, SIGN_IN_PATH, Frames
from auth.guard import CALLBACK_PATH, current_scope
from auth.portals import Portals, PortalsError, read_portals
from data.bound import BoundScope

FILES = r"(^theme|embed(-sign-in)?)\.(js|css)$"
"""The files among the assets that pages outside of frames do not load by themselves."""

NOT_IN_FRAMES = r"^(theme|embed|embed-sign-in|parapet-embed|palette|tour|views|news|reports|settings|homes|number)\.js$"
"""The files among the assets that a frame does not load by itself, for it lacks what they serve."""

SHARED = {"version": "version", "export": "export/<key>.<form>", "page": "export/page/<page>.xlsx"}
"""Endpoints of the app that a frame may ask too, each by an address of its own below /embed/."""

_OPEN = ("assets/", "_dash-component-suites/", "_favicon.ico")
_BEARER = ("_dash-layout", "_dash-dependencies", "_dash-update-component")
_SIGN_IN = """<!doctype html>
<html lang="en" data-code="{code}"><head><meta charset="utf-8"><title>Signed in · Parapet</title>
<script src="{script}" defer></script></head>
<body><p>You are signed in. Close this window; if the portal did not notice, press Sign in there once more.</p></body>
</html>"""
_SIGN_IN_POLICY = "default-src 'none'; script-src 'self'; base-uri 'none'; frame-ancestors 'none'"


def portals_of(path: Path | None) -> Portals:
    """The portals of a file, none without one; SystemExit with one line for a file that cannot be used."""
    try:
        return read_portals(path, embed.embeddable()) if path else Portals({})
    except PortalsError as error:
        raise SystemExit(f"The settings are not usable:\n  PARAPET_PORTALS: {error}") from None


def close(server: Flask) -> None:
    """Without portals there is nothing below /embed/."""
    server.add_url_rule(f"{PATH}<path:_rest>", "embed_nothing", lambda _rest: abort(404))


def install(  # noqa: PLR0913 what it stands on, and what the app's own pages are served with
    server: Flask,
    answers: Answers,
    embeds: Embeds,
    make_gate: Callable[..., Frames],
    *,
    assets: Path,
    policy: str,
) -> Frames:
    """Add a second Dash app below /embed/ that has the callbacks of panels and no other; `make_gate` builds its gate.

    The guard has to be given that gate: it alone lets anybody in here. `policy` is the content security policy of the
    app's own pages, with a place for `{hashes}`; those of frames differ in who may show them.
    """
    app = Dash(
        "parapet-embed",
        server=server,
        url_base_pathname=PATH,
        title="Parapet",
        update_title=None,
        assets_folder=str(assets),
        assets_ignore=NOT_IN_FRAMES,
        include_assets_files=False,
        pages_folder="",
        use_pages=False,
        use_async=False,
        suppress_callback_exceptions=True,
    )
    embed.build(app, answers, _reader)
    sealed.seal(app)
    send_files(app)
    for endpoint, address in SHARED.items():
        server.add_url_rule(PATH + address, f"embed_{endpoint}", server.view_functions[endpoint])
    opened = {"embed_shell", "embed_script", "embed_exchange"}
    opened |= {rule.endpoint for rule in server.url_map.iter_rules() if rule.rule.startswith(_below(_OPEN))}
    gate = make_gate(opened=opened, endpoints={*_below(_BEARER), *(f"embed_{endpoint}" for endpoint in SHARED)})
    server.add_url_rule(f"{PATH}exchange", "embed_exchange", gate.exchange, methods=["POST"])
    server.add_url_rule(f"{PATH}<page>", "embed_shell", _Shell(app, embeds.portals, policy).show)
    script = (assets / "parapet-embed.js").read_bytes()
    server.add_url_rule(f"{PATH}parapet-embed.js", "embed_script", lambda: _script(script))
    server.add_url_rule(SIGN_IN_PATH, "embed_sign_in", lambda: _sign_in(embeds, app.get_asset_url("embed-sign-in.js")))
    server.register_error_handler(DependencyException, lambda _error: problem.answer(404, "there is no such file"))
    server.before_request(lambda: _keep_to_the_page(app.callback_map))
    return gate


def check(filters: Mapping[str, str]) -> None:
    """Pass choices that an address could hold; BadFilterError, a ValueError, for others."""
    Filters.parse(filters)


class _Shell:
    """The document of a frame: it holds no data, and only the portals of its page may show it."""

    def __init__(self, app: Dash, portals: Portals, policy: str) -> None:
        self._app = app
        self._portals = portals
        self._policy = policy.format(hashes=" ".join(app.csp_hashes()))

    def show(self, page: str) -> Response:
        showing = self._portals.showing(page)
        if not showing:
            abort(404)
        told = {origin: name if portal.popup else "" for name, portal in showing.items() for origin in portal.origins}
        response = Response(embed.named(self._app.index(), told), mimetype="text/html")
        ancestors = f"frame-ancestors {' '.join(told)}"
        response.headers["Content-Security-Policy"] = self._policy.replace("frame-ancestors 'none'", ancestors)
        return response


def _below(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(PATH + name for name in names)


def _reader() -> BoundScope:
    return cast("BoundScope", current_scope())


def _script(text: bytes) -> Response:
    """What portals load from here; the one file that another origin may use."""
    response = Response(text, mimetype="text/javascript")
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def _sign_in(embeds: Embeds, script: str) -> Response:
    """GET /embed/sign-in?page=…&portal=…, in a window of its own: a code for the frame that opened it."""
    asked = request.args
    try:
        code = embeds.code(current_scope(), asked.get("portal", ""), asked.get("page", ""))
    except EmbedRefusedError as refusal:
        audit.deny(str(refusal))
        return problem.answer(refusal.status, str(refusal))
    response = Response(_SIGN_IN.format(code=escape(code), script=escape(script)), mimetype="text/html")
    response.headers["Content-Security-Policy"] = _SIGN_IN_POLICY
    response.headers["Cross-Origin-Opener-Policy"] = "unsafe-none"  # the code goes to the frame that opened the window
    return response


def _keep_to_the_page(callbacks: Collection[str]) -> Response | None:
    """Before a callback of a frame: it must be one of these, and the layout of its own page is the only one for it."""
    if request.endpoint != PATH.rstrip("/") + CALLBACK_PATH:
        return None
    asked = request.get_json(silent=True)
    inputs = asked.get("inputs") if isinstance(asked, dict) else None
    if not isinstance(asked, dict) or not isinstance(inputs, list):
        return problem.answer(400, "this is no callback of Dash")
    first = inputs[0].get("value") if inputs and isinstance(inputs[0], dict) else None
    output, own = asked.get("output"), PATH + _reader().page
    if output in callbacks and (output != "page.children" or first == own):
        return None
    reason = "this frame is for another page" if output in callbacks else "a frame has no such callback"
    audit.deny(reason)
    return problem.answer(403, reason)
