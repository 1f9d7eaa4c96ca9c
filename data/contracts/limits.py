"""What a file of limits must hold."""

from data import schema
from data.contract import Column, Contract, Rule
from data.contracts.columns import KNOWN_FROM
from data.rules import DESK_KNOWN, NODES_KNOWN, NOT_YET_KNOWN, currency, positive

OVER_BOOKS = "scope_kind IN ('firm', 'legal_entity', 'business_unit', 'desk', 'book')"
ASSET_CLASSES = ", ".join(f"'{name}'" for name in schema.ASSET_CLASSES)

limits = Contract(
    "limits",
    schema.risk_limit,
    "history",
    key=("limit_id", "valid_from"),
    columns=(
        Column("limit_id", "the firm's name of the limit, the same in all its periods", required=True),
        Column("scope_kind", "what is limited", required=True, allowed=schema.LIMIT_SCOPES),
        Column("scope_node", "the desk, book, currency … by name; empty for the firm", default="''"),
        Column("desk", "narrows a scope inside the books, such as a factor, to one desk"),
        Column("measure", "measure and column, such as `exposure.gross` or `value_at_risk.var`", required=True),
        Column("side", "which sign counts", default="'both'", allowed=schema.LIMIT_SIDES),
        Column("soft", "a warning above it, positive", required=True),
        Column("hard", "a breach above it, positive", required=True),
        Column("currency", "currency of both levels, ISO 4217", required=True),
        Column("valid_from", "first business date of these terms; may be ahead", required=True),
        Column("valid_to", "last business date; empty while the limit stands"),
        KNOWN_FROM,
    ),
    rules=(
        Rule(
            "scope_node",
            "scope_kind <> 'firm' AND scope_node = ''",
            "a limit of this scope names its node",
            "name the desk, book, currency … that is limited",
        ),
        Rule(
            "scope_node",
            "scope_kind = 'firm' AND scope_node <> ''",
            "the firm has no node",
            "leave it empty, or give the scope_kind that it belongs to",
        ),
        Rule(
            "scope_node",
            f"scope_kind = 'asset_class' AND scope_node NOT IN ({ASSET_CLASSES})",
            "unknown asset class",
            f"choose one of {', '.join(schema.ASSET_CLASSES)}",
        ),
        currency("scope_node", when="scope_kind = 'currency'"),
        Rule(
            "scope_node",
            "scope_kind = 'tenor' AND NOT regexp_full_match(scope_node, '[1-9][0-9]*[DWMY]')",
            "this is not a tenor",
            "write a number and D, W, M or Y: 3M, 10Y",
        ),
        Rule(
            "desk",
            f"{OVER_BOOKS} AND desk IS NOT NULL",
            "this scope is made of whole books and cannot be narrowed to a desk",
            "leave it empty; scope_node names the desk or book",
        ),
        Rule(
            "measure",
            r"NOT regexp_full_match(measure, '[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*')",
            "this is not a measure and a column",
            "join them with a point: exposure.gross, value_at_risk.var, sensitivities.pv01",
        ),
        positive("soft"),
        positive("hard"),
        Rule(
            "soft", "soft > hard", "the soft level is above the hard one", "a warning comes before a breach: swap them"
        ),
        currency("currency"),
        Rule("valid_to", "valid_to < valid_from", "the limit ends before it begins", "check both dates of the limit"),
        NOT_YET_KNOWN,
    ),
    comparisons=(*NODES_KNOWN, DESK_KNOWN),
)
