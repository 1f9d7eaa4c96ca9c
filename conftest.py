"""What every test may ask for."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from data.store import Store
from tests.ledger import ledger, open_ledger

__all__ = ["ledger", "open_ledger", "store"]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """The app's own store in a new folder, its tables made."""
    store = Store(f"sqlite:///{tmp_path / 'store.sqlite'}")
    store.create()
    yield store
    store.close()
