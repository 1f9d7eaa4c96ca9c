"""Failed tries by address within the last minute, counted in this process, so that guessing costs little to refuse."""

from collections import deque
from datetime import datetime, timedelta
from math import ceil
from threading import Lock

from flask import Response

from auth.problem import slow_down
from data.store import Clock

MINUTE = timedelta(minutes=1)
_ADDRESSES = 10_000


class Failures:
    """Counts tries that failed; an address that failed `most` times within a minute has to wait until one is older."""

    def __init__(self, most: int, clock: Clock) -> None:
        self._most = most
        self._clock = clock
        self._lock = Lock()
        self._by_address: dict[str, deque[datetime]] = {}

    def note(self, address: str) -> None:
        """One more failed try from there; of very many addresses the one longest unseen is forgotten."""
        with self._lock:
            tries = self._by_address.pop(address, deque(maxlen=self._most))
            tries.append(self._clock())
            self._by_address[address] = tries
            if len(self._by_address) > _ADDRESSES:
                del self._by_address[next(iter(self._by_address))]

    def refusal(self, address: str) -> Response | None:
        """The answer to an address that has to wait, which is no row of the audit trail; None to others."""
        with self._lock:
            tries = self._by_address.get(address)
            wait = tries[0] + MINUTE - self._clock() if tries and len(tries) == self._most else timedelta()
        if wait <= timedelta():
            return None
        return slow_down(ceil(wait.total_seconds()), "too many failed tries from this address")
