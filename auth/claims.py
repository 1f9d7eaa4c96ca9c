"""What a login server says of a reader, read by the rules for its claims: name, address and groups."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from auth.grants import GroupRules, groups_in
from auth.login import LEEWAY, ClaimRules
from data.scope import ROLES

_NAMES = ("name", "preferred_username", "email")

Document = Mapping[str, Any]
"""An id_token's claims, or what userinfo answers."""


@dataclass(frozen=True, slots=True)
class Told:
    """A reader as a login server tells of him, before anything is made of it; `auth_time` is 0 where it is not told."""

    sub: str
    sid: str
    name: str
    email: str
    groups: tuple[str, ...]
    auth_time: float
    id_token: str


def at(claims: object, path: str) -> Any:
    """What stands under a name, or where the dots of a path lead; None where nothing does."""
    if not isinstance(claims, Mapping):
        return None
    if path in claims:
        return claims[path]
    dots = (place for place, letter in enumerate(path) if letter == ".")
    found = (at(claims[path[:dot]], path[dot + 1 :]) for dot in dots if path[:dot] in claims)
    return next((each for each in found if each is not None), None)


def complete(claims: Document, rules: ClaimRules) -> bool:
    """Whether an id_token says all that is wanted, so that userinfo need not be asked."""
    return at(claims, rules.groups) is not None and bool(_name([claims], rules))


def read(documents: Sequence[Document], rules: ClaimRules, names: GroupRules, *, id_token: str, now: float) -> Told:
    """Read the claims of an id_token and, after it, of userinfo: the first that says something counts."""
    first = documents[0]
    groups = groups_in(next((found for each in documents if (found := at(each, rules.groups)) is not None), None))
    when = first.get("auth_time")
    told = isinstance(when, int | float) and not isinstance(when, bool) and 0 < when <= now + LEEWAY
    return Told(
        sub=str(first["sub"]),
        sid=str(first.get("sid") or ""),
        name=_name(documents, rules) or str(first["sub"]),
        email=next((found for each in documents if (found := _email(each))), ""),
        groups=named(groups, rules, names),
        auth_time=float(when or 0) if told else 0.0,
        id_token=id_token,
    )


def named(groups: Sequence[str], rules: ClaimRules, names: GroupRules) -> tuple[str, ...]:
    """What groups of a login server are called here: without the slash of a full path, and by the map where one is set.

    The slash stays where a prefix of the rules begins with one.
    """
    if not any(prefix.startswith("/") for prefix in (names.role_prefix, names.desk_prefix)):
        groups = [group.removeprefix("/") for group in groups]
    if not rules.role_map:
        return tuple(groups)
    meant = {group.removeprefix("/"): called for group, called in rules.role_map.items()} | dict(rules.role_map)
    mapped = [_called(name, names) for group in groups for name in meant.get(group, ())]
    others = [group for group in groups if group not in meant and not _is_role(group, names)]
    return tuple(dict.fromkeys([*mapped, *others]))


def _is_role(group: str, names: GroupRules) -> bool:
    return group.startswith(names.role_prefix) and group.removeprefix(names.role_prefix) in ROLES


def _called(name: str, names: GroupRules) -> str:
    if name in ROLES:
        return names.role_prefix + name
    return names.desk_prefix + name.removeprefix("desk:")


def _name(documents: Sequence[Document], rules: ClaimRules) -> str:
    paths = (rules.name, *_NAMES) if rules.name else _NAMES
    found = (at(each, path) for path in paths for each in documents)
    return next((str(each) for each in found if each), "")


def _email(claims: Document) -> str:
    """The reader's address, unless the login server says that it is not verified."""
    found, verified = claims.get("email"), claims.get("email_verified", True)
    return found if isinstance(found, str) and verified is not False else ""
