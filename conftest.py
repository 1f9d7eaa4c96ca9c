"""What every test may ask for."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from data.store import Store, audit_event
from tests.ledger import ledger, open_ledger

__all__ = ["ledger", "open_ledger", "store"]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """The app's own store in a new folder, its tables made."""
    store = Store(f"sqlite:///{tmp_path / 'store.sqlite'}")
    store.create()
    yield store
    store.close()


@pytest.fixture(autouse=True)
def attack_leaves_a_row(request: pytest.FixtureRequest) -> Iterator[None]:
    """What `@pytest.mark.attack` promises: whatever the attack was, the audit trail of its store has a row of it."""
    mark = request.node.get_closest_marker("attack")
    row = mark.kwargs.get("row", "denied") if mark else ""
    store = request.getfixturevalue("store") if row else None
    yield
    if store:
        with store.engine.connect() as connection:
            found = {*connection.execute(select(audit_event.c.event)).scalars()}
        if row not in found:
            pytest.fail(f"attack {mark.args[0]} left no {row} row, only {found}")
