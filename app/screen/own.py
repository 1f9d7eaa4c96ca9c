"""What a reader keeps for himself, as the screen is given it: views, branches, notes, preferences, reports, keys."""

from dataclasses import dataclass

from app.annotations import Annotations
from app.answer import Answers
from app.branches import Branches
from app.preferences import Preferences
from app.reports import Reports
from app.saved_views import SavedViews
from app.screen.reports import Desk
from auth.access import Access
from auth.readers import Readers
from auth.seeing import Seeing
from auth.sessions import OwnSessions
from auth.tokens import Tokens
from data.store import Clock, Store


@dataclass(frozen=True, slots=True)
class Own:
    """The shelves of all readers; every way in takes a scope and reaches what is that reader's or open to him."""

    views: SavedViews
    preferences: Preferences
    notes: Annotations
    branches: Branches
    tokens: Tokens
    sessions: OwnSessions
    reports: Desk
    access: Access
    readers: Readers
    seeing: Seeing

    @classmethod
    def of(cls, store: Store, answers: Answers, readers: Readers, clock: Clock) -> "Own":
        """Those of a store."""
        views = SavedViews(store, answers, clock)
        return cls(
            views,
            Preferences(store, views, clock),
            Annotations(store, answers, clock),
            Branches(store, clock),
            Tokens(store, clock),
            OwnSessions(store, clock),
            Desk(Reports(store, clock), readers.all),
            Access(store, clock),
            readers,
            Seeing(readers),
        )
