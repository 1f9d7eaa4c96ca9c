"""What auditors look at beside the trail: whether its seals hold, and what readers were given or denied here."""

import pandas as pd

from app.risk.measure import Column, measure

CHAIN = (
    Column("state", "State", "text"),
    Column("at", "Checked", "time", "UTC"),
    Column("sealed", "Sealed rows", "count", additive=False),
    Column("faults", "Found", "text"),
    Column("head", "Newest seal", "text"),
)
GRANTS = (
    Column("reader", "Reader", "text"),
    Column("effect", "Effect", "text"),
    Column("kind", "Of what", "text"),
    Column("value", "Name", "text"),
    Column("valid_from", "Valid from", "time", "UTC"),
    Column("valid_until", "Valid until", "time", "UTC"),
    Column("reason", "Reason", "text"),
    Column("granted_by", "By", "text"),
    Column("revoked_by", "Revoked by", "text"),
    Column("revoked_at", "Revoked", "time", "UTC"),
)


@measure(
    "Chain of seals",
    columns=CHAIN,
    additive=False,
    conventions={
        "Seal": "each row's rests on the row and on all before it, so that an edit or a gap shows",
        "Checked": "the whole trail, at most every five minutes while somebody looks at this",
    },
)
def audit_chain(audit_checks: pd.DataFrame) -> pd.DataFrame:
    """Whether every row of the audit trail is as it was sealed, when that was last looked at, and the newest seal."""
    faults = audit_checks.reindex(columns=["faults"])["faults"].fillna("")
    state = faults.map(lambda found: "fail" if found else "pass")
    said = faults.map(lambda found: found or "nothing edited, removed or slipped in")
    frame = audit_checks.assign(state=state, faults=said)
    return frame.reindex(columns=[column.name for column in CHAIN]).reset_index(drop=True)


@measure(
    "Grants",
    columns=GRANTS,
    additive=False,
    conventions={"Deny": "wins over allow, and over the groups of the login; what is revoked stays on record"},
)
def grant_log(access_grants: pd.DataFrame) -> pd.DataFrame:
    """The newest 500 grants that are kept here: what readers may see beside, or in spite of, their groups."""
    return access_grants.reindex(columns=[column.name for column in GRANTS]).reset_index(drop=True)
