"""Embeds: a portal's signed word, good once, for a bearer that opens one page to one reader for a few minutes.

A bearer is 32 random bytes that a frame keeps in memory; the store has its SHA-256. It opens what its reader's last
login opened, of that only the desks that portal and token name, and nothing but its page under the choices fixed.
"""

import hashlib
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from joserfc import jws, jwt
from joserfc.errors import JoseError
from sqlalchemy import Row, bindparam, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from auth.portals import Portal, Portals
from auth.readers import Readers
from data.bearer import embed_bearer
from data.bound import BoundScope
from data.scope import Scope
from data.store import Clock, Store, spent_token

PREFIX = "parapet-embed_"
TYPE = "embed+jwt"
LONGEST = timedelta(seconds=120)
"""How long a token may be good, whatever it says itself."""

LEEWAY = timedelta(seconds=30)
"""By how much a portal's clock may be ahead."""

CODE_LASTS = timedelta(minutes=1)
_TABLE = embed_bearer.c
_FIND = select(embed_bearer).where(_TABLE.hash == bindparam("shown"))
_TAKE = delete(embed_bearer).where(_TABLE.hash == bindparam("shown")).returning(*embed_bearer.c)
_PURGE = delete(embed_bearer).where(_TABLE.ends_at <= bindparam("now"))
_KNOWN_AFTER = timedelta(minutes=10)
"""How long it is remembered whose a bearer was that is over."""

_OTHERS = (
    select(_TABLE.hash)
    .where(_TABLE.reader == bindparam("owner"), _TABLE.hash != bindparam("newest"), _TABLE.ends_at > bindparam("now"))
    .order_by(_TABLE.ends_at.desc())
)
_PURGE_SPENT = delete(spent_token).where(spent_token.c.ends_at <= bindparam("now"))
_LONGEST_TEXT = 8_000


class EmbedRefusedError(PermissionError):
    """A token, code or bearer that opens nothing; `owner` is its reader where there is one, for the audit trail."""

    def __init__(self, message: str, status: int = 401, owner: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.owner = owner


@dataclass(frozen=True, slots=True)
class Opened:
    """A new bearer, shown this once: for `seconds`, under the choices `filters`; `scope` and `portal` say whose."""

    bearer: str
    seconds: int
    filters: Mapping[str, str]
    scope: BoundScope
    portal: str


@dataclass(frozen=True, slots=True)
class Bounds:
    """How long bearers last, and how many one reader may have at once: one more ends the one that ends first.

    `popup` is for those that a reader signed in for himself: there is no back end to renew them unseen.
    """

    lasts: timedelta = timedelta(minutes=10)
    popup: timedelta = timedelta(hours=1)
    most: int = 50


class Embeds:
    """The bearers in the store. `audience` is this app's address; `check` raises ValueError for unreadable choices."""

    def __init__(  # noqa: PLR0913 what it stands on, and what the app says of itself
        self,
        portals: Portals,
        store: Store,
        readers: Readers,
        clock: Clock,
        *,
        audience: str,
        check: Callable[[Mapping[str, str]], object] = dict,
        bounds: Bounds = Bounds(),
    ) -> None:
        self.portals = portals
        self.bounds = bounds
        self._engine = store.engine
        self._readers = readers
        self._clock = clock
        self._audience = audience
        self._check = check

    def exchange(self, token: str, page: str) -> Opened:
        """A portal's token for a bearer; EmbedRefusedError unless it is the portal's, timely, new and for this page."""
        name, portal, claims = self._claims(token)
        owner = self._owner(portal, claims)
        if claims.get("page") != page or page not in portal.pages:
            raise EmbedRefusedError("the token is for another page, or the portal may not show this one", 403, owner)
        desks = _desks(claims.get("desks"), owner)
        filters = self._filters(claims.get("filters", {}), owner)
        self._spend(portal.issuer, claims, owner)
        return self._open({"reader": owner, "portal": name, "page": page}, desks, filters, self.bounds.lasts)

    def code(self, scope: Scope, portal: str, page: str) -> str:
        """A code for the frame of a reader who is signed in himself: good once, for a minute; refused as above."""
        found = self.portals.named(portal)
        if scope.seen_by:
            raise EmbedRefusedError("while you see as another reader you cannot sign in here", 403, scope.seen_by)
        if found is None or not found.popup or page not in found.pages:
            raise EmbedRefusedError("this portal may not show this page to those who sign in here", 403, scope.reader)
        code = secrets.token_urlsafe(32)
        self._keep(f"code {code}", {"reader": scope.reader, "portal": portal, "page": page}, None, {}, CODE_LASTS)
        return code

    def redeem(self, code: str, page: str) -> Opened:
        """A code for a bearer; EmbedRefusedError unless it is known, new, in time and for this page."""
        with self._engine.begin() as connection:
            row = connection.execute(_TAKE, {"shown": _hash(f"code {code}")}).first()
        if row is None or row.ends_at <= self._clock():
            raise EmbedRefusedError("the code is unknown, used or over; sign in again")
        if row.page != page:
            raise EmbedRefusedError("the code is for another page", 403, row.reader)
        return self._open({"reader": row.reader, "portal": row.portal, "page": page}, None, {}, self.bounds.popup)

    def admit(self, shown: str) -> BoundScope:
        """What a bearer opens now; EmbedRefusedError if it is unknown or over, or its reader or portal is out."""
        with self._engine.connect() as connection:
            row = connection.execute(_FIND, {"shown": _hash(shown)}).first() if shown.startswith(PREFIX) else None
        if row is None:
            raise EmbedRefusedError("there is no such bearer, or it is over; the portal has to send a new token")
        if row.ends_at <= self._clock():
            raise EmbedRefusedError("the bearer is over; the portal has to send a new token", 401, row.reader)
        return self._scope(row)

    def _open(
        self, whose: Mapping[str, str], desks: list[str] | None, filters: Mapping[str, str], lasts: timedelta
    ) -> Opened:
        bearer = PREFIX + secrets.token_urlsafe(32)
        row = self._keep(bearer, whose, desks, filters, lasts)
        with self._engine.connect() as connection:
            scope = self._scope(connection.execute(_FIND, {"shown": row["hash"]}).one())
        return Opened(bearer, int(lasts.total_seconds()), filters, scope, whose["portal"])

    def _keep(
        self,
        value: str,
        whose: Mapping[str, str],
        desks: list[str] | None,
        filters: Mapping[str, str],
        lasts: timedelta,
    ) -> dict[str, Any]:
        now = self._clock()
        bound = {"desks": json.dumps(desks), "filters": json.dumps(dict(filters))}
        row = {"hash": _hash(value), **whose, **bound, "ends_at": now + lasts}
        with self._engine.begin() as connection:
            connection.execute(_PURGE, {"now": now - _KNOWN_AFTER})
            connection.execute(insert(embed_bearer), row)
            surplus = _OTHERS.offset(self.bounds.most - 1)
            ended = update(embed_bearer).where(_TABLE.hash.in_(surplus)).values(ends_at=now)
            connection.execute(ended, {"owner": whose["reader"], "newest": row["hash"], "now": now})
        return row

    def _scope(self, row: Row[Any]) -> BoundScope:
        portal = self.portals.named(row.portal)
        if portal is None or row.page not in portal.pages:
            raise EmbedRefusedError("the portal may not show this page any more", 403, row.reader)
        scope = self._readers.scope(row.reader)
        if scope is None:
            raise EmbedRefusedError("you have not signed in for too long, or never; sign in once", 403, row.reader)
        for desks in (portal.desks, json.loads(row.desks)):
            scope = scope if desks is None else narrowed(scope, frozenset(desks))
        return BoundScope.of(scope, row.page, tuple(json.loads(row.filters).items()))

    def _claims(self, token: str) -> tuple[str, Portal, Mapping[str, Any]]:
        try:
            said = json.loads(jws.extract_compact(token.encode()).payload) if len(token) <= _LONGEST_TEXT else {}
            found = self.portals.of_issuer(said.get("iss"))
            if found is None:
                raise EmbedRefusedError("the token does not pass: iss")
            opened = _verified(token, found[1])
        except (JoseError, ValueError, TypeError, AttributeError) as error:
            raise EmbedRefusedError(f"the token does not pass: {type(error).__name__}") from None
        problems = {
            "typ": opened.header.get("typ") != TYPE,
            "aud": opened.claims.get("aud") not in (self._audience, [self._audience]),
            "jti": not isinstance(opened.claims.get("jti"), str) or not opened.claims["jti"],
            "iat or exp": not self._timely(opened.claims),
        }
        if wrong := next((name for name, bad in problems.items() if bad), ""):
            raise EmbedRefusedError(f"the token does not pass: {wrong}")
        return *found, opened.claims

    def _timely(self, claims: Mapping[str, Any]) -> bool:
        said = [claims.get("iat"), claims.get("exp"), claims.get("nbf", 0)]
        times = [each for each in said if isinstance(each, int | float)]
        if len(times) < len(said):
            return False
        issued, expires, begins = times
        now, ahead = self._clock().timestamp(), LEEWAY.total_seconds()
        in_time = max(issued, begins) <= now + ahead and now < expires
        return in_time and 0 < expires - issued <= LONGEST.total_seconds()

    def _owner(self, portal: Portal, claims: Mapping[str, Any]) -> str:
        named = claims.get(portal.reader)
        if not isinstance(named, str) or not named:
            raise EmbedRefusedError(f"the token does not pass: {portal.reader}")
        if portal.match == "id":
            return named
        same = [each.reader for each in self._readers.all() if each.email and each.email.lower() == named.lower()]
        if len(same) != 1:
            raise EmbedRefusedError("no one reader has this address; sign in once", 403, named)
        return same[0]

    def _filters(self, claim: object, owner: str) -> dict[str, str]:
        if not isinstance(claim, dict) or not all(isinstance(each, str) and each for each in claim.values()):
            raise EmbedRefusedError("the token does not pass: filters", 401, owner)
        try:
            self._check(claim)
        except ValueError as error:
            raise EmbedRefusedError(f"the token does not pass: filters: {error}", 401, owner) from None
        return claim

    def _spend(self, issuer: str, claims: Mapping[str, Any], owner: str) -> None:
        now = self._clock()
        ends_at = datetime.fromtimestamp(claims["exp"], now.tzinfo) + LEEWAY
        row = {"jti": "embed " + _hash(f"{issuer}\n{claims['jti']}"), "ends_at": ends_at}
        try:
            with self._engine.begin() as connection:
                connection.execute(_PURGE_SPENT, {"now": now})
                connection.execute(insert(spent_token), row)
        except IntegrityError:
            raise EmbedRefusedError("the token was used before (jti)", 401, owner) from None


def narrowed(scope: Scope, desks: frozenset[str]) -> Scope:
    """Of a scope what lies in these desks: desks open as a whole alone, no single books or entities."""
    open_here = desks if scope.firm or scope.rest else scope.desks & desks
    return replace(scope, firm=False, rest=False, desks=open_here, books=frozenset(), entities=frozenset())


def _verified(token: str, portal: Portal) -> jwt.Token:
    """The token by whichever of the portal's keys made it; JoseError if none did."""
    for key in portal.keys[:-1]:
        try:
            return jwt.decode(token, key, algorithms=["ES256"])
        except JoseError:
            continue
    return jwt.decode(token, portal.keys[-1], algorithms=["ES256"])


def _desks(claim: object, owner: str) -> list[str] | None:
    if claim is None:
        return None
    if not isinstance(claim, list) or not all(isinstance(each, str) for each in claim):
        raise EmbedRefusedError("the token does not pass: desks", 401, owner)
    return claim


def _hash(shown: str) -> str:
    return hashlib.sha256(shown.encode(errors="replace")).hexdigest()
