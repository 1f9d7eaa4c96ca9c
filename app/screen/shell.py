"""The frame around every page: the document, what is always there, and the behaviour that needs no server."""

from collections.abc import Iterable
from pathlib import Path

import plotly
from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html
from dash.fingerprint import build_fingerprint

from app import files
from app.screen import badge, news, notes, palette, seeing, settings, tour, views
from app.screen.drawn import Drawn

POLL_MILLISECONDS = 8_000


QUESTIONS = ("/_dash-layout", "/_dash-dependencies")
"""What Dash asks for first."""


def document(app: Dash, ahead: Iterable[str] = QUESTIONS) -> str:
    """The HTML document; the theme is set in the head, before anything is painted.

    What its scripts will ask for is asked for beside them: what all grids are drawn with, and `ahead`.
    """
    grids = app.get_relative_path("/_dash-component-suites/dash_ag_grid/async-community.js")
    asked = "".join(f'<link rel="preload" as="fetch" crossorigin href="{app.get_relative_path(at)}">' for at in ahead)
    early, icon = files.addressed(app, "theme.js"), files.addressed(app, "favicon.svg")
    return f"""<!doctype html>
<html lang="en" data-charts="{_plotly(app)}"><head>
{{%metas%}}<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{%title%}}</title><link rel="icon" type="image/svg+xml" href="{icon}">
<script src="{early}"></script>{{%css%}}
{asked}<link rel="preload" as="script" href="{grids}">
</head><body>{{%app_entry%}}<footer>{{%config%}}{{%scripts%}}{{%renderer%}}</footer></body></html>"""


def _plotly(app: Dash) -> str:
    """Where the charts' library lies, under an address that changes with it."""
    path = "package_data/plotly.min.js"
    made = int((Path(plotly.__file__).parent / path).stat().st_mtime)
    suite = f"/_dash-component-suites/plotly/{build_fingerprint(path, plotly.__version__, made)}"
    return str(app.get_relative_path(suite))


def layout(app: Dash, leaves: Iterable[str]) -> html.Div:
    """What every page shares: brand, bar, navigation, the place of the page and the drawer with its `leaves`."""
    home = app.get_relative_path("/")
    return html.Div(
        [
            html.A("Skip to the page", href="#page", className="skip"),
            dcc.Location(id="url", refresh="callback-nav"),
            dcc.Store(id="version"),
            dcc.Store(id="theme"),
            dcc.Store(id="dressed"),
            dcc.Store(id="shown-dates"),
            dcc.Store(id="rested"),
            dcc.Store(id="picked"),
            *(part for room in (views, notes, settings) for part in room.stores()),
            palette.store(),
            badge.store(),
            news.store(),
            *tour.card(),
            dcc.Store(id="poll-address", data=app.get_relative_path("/version")),
            dcc.Interval(id="poll", interval=POLL_MILLISECONDS),
            html.Div(
                [
                    html.Button("☰", id="nav-switch", className="nav-switch", **{"aria-label": "Navigation"}),
                    dcc.Link([html.I("◢"), " Parapet"], href=home, className="brand-name"),
                ],
                className="brand",
            ),
            html.Header(
                [
                    html.Div(
                        [Drawn([], id="bar-trail"), html.Div(id="bar-days"), Drawn([], id="bar-asked")],
                        id="bar-question",
                        className="bar-part",
                    ),
                    html.Div(Drawn([], id="bar-fresh"), id="bar-state", className="bar-part"),
                    html.Div(
                        [
                            palette.button(),
                            *views.parts(),
                            html.Button("◐", id="theme-switch", className="chip", **{"aria-label": "Dark or light"}),
                        ],
                        id="bar-rest",
                        className="bar-part",
                    ),
                    html.Button(
                        "⋯", id="bar-more", className="chip", **{"aria-label": "More", "aria-expanded": "false"}
                    ),
                    html.Div(Drawn([], id="bar-away"), id="bar-reader", className="bar-part"),
                ],
                className="top",
            ),
            html.Nav(Drawn([], id="bar-pages"), id="navigation", **{"aria-label": "Pages"}),
            html.Main(id="page", tabIndex="-1"),
            seeing.place(),
            html.Aside(
                id="drawer", className="drawer", **{"aria-label": "Explanation", "data-leaves": " ".join(leaves)}
            ),
        ],
        className="shell",
    )


def install(app: Dash) -> None:
    """The client's own callbacks: navigation on a narrow screen, the hash, the version, the query.

    `rested` follows the query once the numbers are on screen: what can wait for them asks after it.
    """

    def client(name: str, *wires: Input | Output | State, initially: bool = True) -> None:
        app.clientside_callback(ClientsideFunction("parapet", name), *wires, prevent_initial_call=not initially)

    client("nav", Output("nav-switch", "title"), Input("nav-switch", "n_clicks"), Input("url", "pathname"))
    client("hash", Output("drawer", "title"), Input("url", "hash"), Input("page", "children"))
    client(
        "version",
        Output("version", "data"),
        Input("poll", "n_intervals"),
        State("version", "data"),
        State("poll-address", "data"),
    )
    client("rested", Output("rested", "data"), Input("url", "search"))
