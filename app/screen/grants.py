"""Grants in the drawer: an administrator's list of what readers were given or denied here, and the form for more."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from dash import ALL, Dash, Input, Output, State, ctx, dcc, html, no_update
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from app.answer import Answers
from app.filters import Filters
from app.screen.drawer import Open, leaf, part
from app.screen.failure import explain_failure
from auth.access import EFFECTS, LONGEST, Access, BadGrantError, Grant, Wish
from auth.grants import KINDS
from auth.permissions import permit
from auth.readers import Reader, Readers
from auth.stepup import StaleLoginError, require_fresh
from data.scope import ROLES, Scope

REVOKE = "grant-revoke"
SHOWN = 200
_MOMENT = timedelta(microseconds=1)  # a grant ends with its last day
_MEANS = (
    "What is granted here joins the groups of a reader's login at his next request; deny wins over allow. "
    "Nobody changes his own grants."
)


def pages(access: Access, readers: Readers, answers: Answers) -> dict[str, Open]:
    """The drawer's page `#grants=all`."""

    def opened(_asked: Mapping[str, str], _filters: Filters, scope: Scope) -> list[Component]:
        permit(scope, "grant access")
        if ctx.triggered_id == "version":  # what is being written would be lost
            unchanged: list[Component] = no_update
            return unchanged
        kept = html.Div(listed(access.all()), id="grants-list")
        parts = [html.P(_MEANS), *_form(readers.all(), answers.names(scope), scope)]
        return leaf("Grants", "who may see what", [*parts, *part("Given or denied here", [kept])])

    return {"grants": opened}


def install(app: Dash, access: Access, answers: Answers, reader: Callable[[], Scope]) -> None:
    """A click grants, denies or revokes, each with the reason that is written; the list follows."""

    def change(*wires: Any) -> tuple[Any, str, Any]:
        whom, effect, what, until, reason = wires[-5:]
        if not ctx.triggered[0]["value"]:  # a button that has just appeared
            raise PreventUpdate
        try:
            scope = reader()
            permit(scope, "grant access")
            require_fresh("change what readers may see")
            if isinstance(ctx.triggered_id, dict):
                gone = access.revoke(scope, int(ctx.triggered_id["id"]), reason or "")
                said = f"Revoked: {gone.effect} {gone.kind} {gone.value} for {gone.reader}."
            else:
                kind, _, value = (what or "").partition(" ")
                wish = Wish(whom or "", kind, value, effect or "", reason or "", valid_until=_day(until))
                new = access.give(scope, [wish], answers.names(scope))
                said = "Done; it counts from the next request on." if new else "This stands already."
            return listed(access.all()), said, ""
        except StaleLoginError as error:
            return no_update, "", html.A(f"{error}.", href=error.link)
        except Exception as error:  # noqa: BLE001 whatever it is, the reader is told in words
            return no_update, "", _said(error)

    app.callback(
        Output("grants-list", "children"),
        Output("grants-said", "children"),
        Output("grants-problem", "children"),
        Input("grant-give", "n_clicks"),
        Input({"type": REVOKE, "id": ALL}, "n_clicks"),
        State("grant-reader", "value"),
        State("grant-effect", "value"),
        State("grant-what", "value"),
        State("grant-until", "value"),
        State("grant-reason", "value"),
        prevent_initial_call=True,
    )(change)


def listed(grants: Iterable[Grant]) -> list[Component]:
    """A line a grant, the newest first; what stands has a way to revoke it."""
    now = datetime.now(UTC)
    lines = [_line(grant, grant.state(now)) for grant in list(grants)[:SHOWN]]
    return [html.Ul(lines)] if lines else [html.P("Nothing is granted or denied here yet.", className="faint")]


def _line(grant: Grant, state: str) -> Component:
    begins = f" from {grant.valid_from:%Y-%m-%d}" if state == "to come" else ""
    until = f" until {grant.valid_until - _MOMENT:%Y-%m-%d}" if grant.valid_until else ""
    about = f"{state}{begins}{until} · by {grant.granted_by} on {grant.granted_at:%Y-%m-%d}: {grant.reason}"
    effect = html.Span(grant.effect, className="warn" if grant.effect == "deny" else "")
    said = f"Revoke {grant.effect} {grant.kind} {grant.value} of {grant.reader}"
    button = html.Button("Revoke", id={"type": REVOKE, "id": grant.grant_id}, **{"aria-label": said})
    return html.Li(
        [
            html.Span([html.B(grant.reader), " ", effect, f" {grant.kind.replace('_', ' ')} {grant.value}"]),
            html.Span(about, className="faint"),
            *([button] if state in {"stands", "to come"} else []),
        ],
        className="" if state in {"stands", "to come"} else "struck",
    )


def _form(readers: Iterable[Reader], names: Mapping[str, Iterable[str]], scope: Scope) -> list[Component]:
    whom = html.Datalist(
        [html.Option(r.name, value=r.reader) for r in readers if r.reader != scope.reader], id="grantees"
    )
    there_are: Mapping[str, Iterable[str]] = {"role": ROLES, **names}
    what = [
        {"value": f"{kind} {name}", "label": f"{kind.replace('_', ' ')} {name}"}
        for kind in KINDS
        for name in sorted(there_are[kind])
    ]
    effects = dcc.RadioItems(list(EFFECTS), EFFECTS[0], id="grant-effect", className="choice")
    fields = [
        _field("Reader", dcc.Input(id="grant-reader", type="text", list="grantees", maxLength=LONGEST)),
        html.Div([html.Span("Effect"), effects], className="row", role="group", **{"aria-label": "Effect"}),
        _field("What", dcc.Dropdown(what, id="grant-what", placeholder="role, desk, book or legal entity")),
        _field("Last day", dcc.Input(id="grant-until", type="text", placeholder="2026-12-31, or none", maxLength=10)),
        _field("Reason", dcc.Input(id="grant-reason", type="text", placeholder="to revoke, too", maxLength=LONGEST)),
    ]
    return [
        whom,
        html.Div(fields, className="order"),
        html.Button("Grant or deny", id="grant-give", className="chip"),
        html.P(id="grants-said", role="status"),
        html.P(id="grants-problem", className="warn", role="alert"),
    ]


def _field(label: str, control: Component) -> Component:
    return html.Label([html.Span(label), control])


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text.strip()) if text and text.strip() else None
    except ValueError:
        raise BadGrantError("the last day is no date; write it as 2026-12-31", "valid_until") from None


def _said(error: Exception) -> str:
    if isinstance(error, BadGrantError):
        text = str(error)
        return f"{text[:1].upper()}{text[1:]}."
    return ": ".join(explain_failure("grants", error))
