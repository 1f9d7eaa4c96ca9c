"""The only wiring: settings in, a Flask server out, with every part given what it needs."""

import json
import logging
from datetime import timedelta
from functools import partial
from importlib.metadata import version
from math import inf
from pathlib import Path

import structlog
from dash import Dash
from flask import Flask
from flask_caching import Cache
from werkzeug.middleware.proxy_fix import ProxyFix

from app import api, compression, embedding, routes, screen
from app.answer import Answers
from app.engine import AT_ONCE
from app.screen import sealed
from app.screen.own import Own
from app.settings import Settings, read_settings
from auth import frames, guard, rates
from auth.admission import Admission
from auth.embeds import Embeds
from auth.failures import Failures
from auth.grants import GroupRules
from auth.login import ClaimRules, LoginSettings, read_role_map
from auth.readers import Readers
from data.store import Store, utc_now
from data.warehouse import Warehouse

ASSETS = Path(__file__).parent.parent / "assets"
POLICY = (
    "default-src 'self'; script-src 'self' {hashes}; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "font-src 'self' data:; worker-src 'self' blob:; object-src 'none'; base-uri 'self'; form-action 'self'; "
    "frame-ancestors 'none'"
)


def create_server(settings: Settings | None = None) -> Flask:
    """The WSGI application: nothing is created at import, everything is closed unless it is opened here."""
    settings = settings or read_settings()
    write_logs(settings.log_format)
    server = Flask("parapet", static_folder=None)
    server.config["MAX_CONTENT_LENGTH"] = 1_000_000
    store = Store(settings.store)
    store.create()
    answers = create_answers(settings, server, store)
    app = Dash(
        "parapet",
        server=server,
        title="Parapet",
        update_title=None,
        assets_folder=str(ASSETS),
        assets_ignore=embedding.FILES,
        include_assets_files=False,
        pages_folder="",
        use_pages=False,
        use_async=False,
        suppress_callback_exceptions=True,
    )
    login = login_settings(settings)
    readers = Readers(store, utc_now, login.rules, login.away)
    screen.build(app, answers, Own.of(store, answers, readers, utc_now), guard.current_scope)
    sealed.seal(app)
    routes.send_files(app)
    routes.register(server, answers)
    framed = frames_of(server, settings, answers, store, readers)
    compression.install(server)
    policy = POLICY.format(hashes=" ".join(app.csp_hashes()))
    guard.install(
        server,
        login,
        store,
        csp=lambda: policy,
        open_endpoints=["health"],
        token_endpoints=api.TOKEN_ENDPOINTS,
        framed=framed,
    )
    rates.install(server, settings.rates, settings.cache_url)
    if hops := settings.trusted_proxies:
        server.wsgi_app = ProxyFix(server.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    return server


def frames_of(
    server: Flask, settings: Settings, answers: Answers, store: Store, readers: Readers
) -> frames.Frames | None:
    """The gate of what portals show in frames, with all that stands behind it; None where no portal is set."""
    portals = embedding.portals_of(settings.portals)
    if not portals:
        embedding.close(server)
        return None
    login = login_settings(settings)

    embeds = Embeds(
        portals,
        store,
        readers,
        utc_now,
        audience=settings.base_url,
        check=embedding.check,
        bounds=settings.embed_bounds,
    )
    gate = partial(frames.Frames, embeds, login.lacking, Failures(login.token_failures, utc_now))
    return embedding.install(server, answers, embeds, gate, assets=ASSETS, policy=POLICY)


def create_answers(settings: Settings, server: Flask | None = None, store: Store | None = None) -> Answers:
    """The path to numbers alone, for commands that need no pages; what the `store` remembers is read only with one."""
    config: dict[str, object]
    if settings.cache_url:
        config = {
            "CACHE_TYPE": "RedisCache",
            "CACHE_REDIS_URL": settings.cache_url,
            "CACHE_KEY_PREFIX": "parapet:",
        }
    else:
        config = {
            "CACHE_TYPE": "FileSystemCache",
            "CACHE_DIR": str(settings.home / "cache"),
            "CACHE_THRESHOLD": settings.cache_items,
        }
    cache = Cache(server or Flask("parapet"), config={**config, "CACHE_DEFAULT_TIMEOUT": 0})
    return Answers(
        Warehouse(settings.warehouse),
        cache,
        base_currency=settings.base_currency,
        release=version("parapet"),
        at_once=AT_ONCE if server else inf,  # a command waits, a page does not
        store=store,
    )


def login_settings(settings: Settings) -> LoginSettings:
    """What the login needs of the settings."""
    listed = settings.admission_file or settings.home / "readers.txt" if settings.admission == "listed" else None
    return LoginSettings(
        issuer=settings.oidc_issuer,
        client_id=settings.oidc_client_id,
        client_secret=settings.oidc_client_secret.get_secret_value(),
        base_url=settings.base_url,
        title=settings.oidc_title,
        scopes=settings.oidc_scopes,
        authentication=settings.oidc_authentication,
        claims=ClaimRules(
            settings.groups_claim, settings.name_claim, read_role_map(json.loads(settings.oidc_role_map))
        ),
        others=settings.login_servers,
        rules=GroupRules(settings.role_prefix, settings.desk_prefix, settings.masked),
        idle=timedelta(minutes=settings.session_idle_minutes),
        lifetime=timedelta(hours=settings.session_hours),
        away=timedelta(days=settings.away_days),
        renew=timedelta(minutes=settings.renew_minutes),
        strict=settings.renewal == "strict",
        fresh=timedelta(minutes=settings.fresh_minutes),
        admission=Admission(listed),
        token_failures=settings.token_failures,
    )


def write_logs(form: str) -> None:
    """One line an event on standard output, as JSON or for people."""
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    renderer = structlog.processors.JSONRenderer() if form == "json" else structlog.dev.ConsoleRenderer()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
    )
