"""One computation for concurrent misses of the same key: the first computes, the others wait for its answer."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Flight:
    """Locks by key, kept only while someone holds or awaits them."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._locks: dict[str, tuple[threading.Lock, int]] = {}

    def once(self, key: str, find: Callable[[], bytes | None], make: Callable[[], bytes]) -> bytes:
        """What `find` has, else what `make` makes: for one caller a key at a time. `make` must leave it findable."""
        if (found := find()) is not None:
            return found
        with self._holding(key):
            return found if (found := find()) is not None else make()

    @contextmanager
    def _holding(self, key: str) -> Iterator[None]:
        with self._guard:
            lock, holders = self._locks.get(key, (threading.Lock(), 0))
            self._locks[key] = (lock, holders + 1)
        try:
            with lock:
                yield
        finally:
            with self._guard:
                holders = self._locks[key][1]
                if holders == 1:
                    del self._locks[key]
                else:
                    self._locks[key] = (lock, holders - 1)
