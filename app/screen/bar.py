"""The bar on top, which always says what the numbers are about, and the navigation, which carries the choices along.

Whose book, which date, compared with what, known when, in which currency, how fresh, how complete, who is reading.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from itertools import groupby
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html, no_update
from dash.development.base_component import Component

from app.answer import Answers
from app.figures.plain import element, written
from app.filters import Filters, Scale
from app.question import Choices, Status
from app.screen import badge, exports, glossary, news, seeing, settings, tour, whatif
from app.screen.conventions import conventions
from app.screen.failure import explain_failure
from app.screen.menu import choice, menu, query
from app.screen.page import filters_of, open_views, view_at
from app.screen.permitted import permitted
from app.screen.trail import trail
from app.view import View
from data.scope import Scope

SCALES: tuple[tuple[Scale, str], ...] = (("1", "units"), ("k", "thousands"), ("m", "millions"))
_RECENT = 30


def install(app: Dash, answers: Answers, reader: Callable[[], Scope]) -> None:
    """The bar follows the address and the version; a picked date becomes an address."""
    badge.install(app, answers, reader)

    def fill_bar(pathname: str, search: str | None, _: str | None, shown: dict[str, str] | None) -> tuple[Any, ...]:
        scope = reader()
        filters, wrong = filters_of((search or "").removeprefix("?"))
        view = view_at(app.strip_relative_path(pathname), scope.roles)
        pages = written(navigation(app, scope, view, filters))
        try:
            status, choices = answers.status(filters, scope), answers.choices(filters, scope)
        except Exception as error:  # noqa: BLE001 the way to other choices must stay open
            return pages, [], [], written([_lost(error)]), [], written([who(app, scope)]), None
        about = dates(status, choices)
        state = [
            *([dcc.Link("Start over", href="?", className="chip warn", title=wrong)] if wrong else []),
            *freshness(status),
            *synthetic(status),
            coverage(status),
        ]
        away = exports.page_menu(app, view, filters, status, scope, answers.release) if view else []
        asked = [
            _snapshots(filters, choices, status),
            _money(filters, choices, status),
            *conventions(view.panels if view else (), filters),
            *whatif.chip(app, filters, scope),
        ]
        parts = [[trail(filters, choices, scope)], asked, state, [*away, who(app, scope)]]
        path, *rest = (written(part) for part in parts)
        picked = no_update if shown == about else days(about)
        return pages, path, picked, *rest, about

    app.callback(
        Output("bar-pages", "tree"),
        Output("bar-trail", "tree"),
        Output("bar-days", "children"),
        Output("bar-asked", "tree"),
        Output("bar-fresh", "tree"),
        Output("bar-away", "tree"),
        Output("shown-dates", "data"),
        Input("url", "pathname"),
        Input("url", "search"),
        Input("version", "data"),
        State("shown-dates", "data"),
    )(fill_bar)

    app.clientside_callback(
        ClientsideFunction("parapet", "picked"),
        Output("picked", "data"),
        Input("as-of", "date"),
        Input("vs", "date"),
        State("shown-dates", "data"),
        prevent_initial_call=True,
    )

    def pick_date(picked: dict[str, str], search: str | None) -> str:
        filters, _ = filters_of((search or "").removeprefix("?"))
        return move(filters, answers.choices(filters, reader()), picked["name"], date.fromisoformat(picked["day"]))

    app.callback(Output("url", "search"), Input("picked", "data"), State("url", "search"), prevent_initial_call=True)(
        pick_date
    )


def move(filters: Filters, choices: Choices, name: str, day: date) -> str:
    """The query after a date was picked: the last business day up to it; `vs` must stay before `as_of`."""
    day = next((known for known in choices.days if known <= day), choices.days[-1])
    if name == "as_of":
        day_or_latest = None if day == choices.days[0] else day
        return query(replace(filters, as_of=day_or_latest, vs=filters.vs if filters.vs and filters.vs < day else None))
    return query(replace(filters, vs=day))


def navigation(app: Dash, scope: Scope, here: View | None, filters: Filters) -> list[Any]:
    """The pages this reader may open, by section, with the choices carried along."""
    found: list[Any] = []
    carried = query(filters)
    for section, views in groupby(open_views(scope), key=lambda view: view.section):
        found.append(html.H6(section))
        found += [_page_link(app, view, carried, on=view is here) for view in views]
    return found


def dates(status: Status, choices: Choices) -> dict[str, str]:
    """The dates that the numbers are of, and between which others can be picked."""
    shown = {"as_of": status.as_of, "vs": status.vs, "first": choices.days[-1], "last": choices.days[0]}
    return {name: str(day) for name, day in shown.items()}


def days(shown: dict[str, str]) -> list[Component]:
    """The fields of the two dates: drawn anew only where one of `dates` changes."""
    return [
        _day("As of", "as-of", shown["as_of"], shown["first"], shown["last"]),
        _day("vs", "vs", shown["vs"], shown["first"], shown["as_of"]),
    ]


def freshness(status: Status) -> list[Component]:
    """Whether the snapshot is the latest, and its age."""
    made = status.snapshot.created_at
    word, age = ("latest", html.Span(**{"data-at": made})) if status.latest else ("historical", status.snapshot.number)
    title = f"snapshot {status.snapshot.number} of {made}, newest prices of {status.newest_day}"
    return [html.Span([html.Span(f"{word} "), age], className=f"fresh {word}", title=title)]


def coverage(status: Status) -> Component:
    """The share of positions priced; it opens the reasons."""
    share = status.coverage.share
    text = "100%" if share == 1 else f"{min(share * 100, 99.9):.1f}%"
    tone = "" if share >= 0.99 else " warn"
    return html.A(
        ["priced ", html.B(text, className=tone)], href="#coverage=reasons", className="chip", title="See why"
    )


def synthetic(status: Status) -> list[Component]:
    """That some prices are simulated; it opens how many. Nothing where all have a source."""
    if not status.synthetic:
        return []
    title = f"{status.synthetic:,} instruments have simulated prices. See which numbers have no real source"
    return [html.A("synthetic", href="#coverage=reasons", className="chip", title=title)]


def who(app: Dash, scope: Scope) -> Component:
    """Who is reading: name and role, desks; what helps in the first hour, and the way out."""
    role = next(iter(sorted(scope.roles)), "reader").replace("_", " ").capitalize()
    reach = scope.reach
    own = permitted(scope, "schedule reports", html.A("Reports", href="#reports=mine"))
    own.append(html.A("Sessions", href="#sessions=mine"))
    look = permitted(scope, "choose settings", settings.link())
    first = [*seeing.links(scope), *own, glossary.link(), news.link(), tour.link(), *look]
    leave = html.A("Sign out", href=app.get_relative_path("/logout"))
    about = [html.Div([html.B(scope.name), html.Div(scope.reader, className="faint")], className="item"), *first, leave]
    return menu(
        [html.B(role), html.Span(f" {reach}", className="reach")], about, label=f"{scope.name}, {role}", kind="who"
    )


def _lost(error: Exception) -> Component:
    title, remedy = explain_failure("bar", error)
    return html.Span(
        [f"{title}: {remedy} ", dcc.Link("Start over", href="?", className="chip")], className="warn", role="alert"
    )


def _day(label: str, name: str, day: str, first: str, last: str) -> Component:
    picker = dcc.DatePickerSingle(
        id=name,
        date=day,
        min_date_allowed=first,
        max_date_allowed=last,
        display_format="YYYY-MM-DD",
        first_day_of_week=1,
        show_outside_days=False,
        day_size=30,
    )
    return html.Label([html.Span(label), picker], className="chip day")


def _snapshots(filters: Filters, choices: Choices, status: Status) -> Component:
    links = [choice("latest", replace(filters, known=""), kind="strong")]
    links += [
        choice([element(html.B, kept.number), f" {kept.created_at[:16]}Z"], replace(filters, known=kept.number))
        for kept in choices.snapshots[:_RECENT]
    ]
    label = f"Known at snapshot {status.snapshot.number}"
    return menu([html.Span("Known at ", className="label"), html.B(filters.known or "latest")], links, label=label)


def _money(filters: Filters, choices: Choices, status: Status) -> Component:
    scales = [choice(label, replace(filters, scale=scale), on=scale == filters.scale) for scale, label in SCALES]
    currencies = [choice(code, replace(filters, ccy=code), on=code == status.base) for code in choices.currencies]
    scale = f" {filters.scale}" if filters.scale != "1" else ""
    body = [html.Div(scales, className="segments"), html.Div(currencies, className="codes")]
    return menu([html.B(status.base), scale], body, label="Currency and scale", kind="money")


def _page_link(app: Dash, view: View, carried: str, *, on: bool) -> dict[str, Any]:
    href = app.get_relative_path(view.path) + carried
    current = {"aria-current": "page"} if on else {}
    children = [view.title, badge.mark()] if view.name == badge.PAGE else view.title
    return element(html.Div, element(dcc.Link, children, href=href, className="on" if on else ""), **current)
