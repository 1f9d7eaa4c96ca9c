"""What was made once: plain bytes in one cache under one release, made by one asker a key while others wait."""

import hashlib
from collections.abc import Callable
from typing import Any

import orjson
from flask_caching import Cache

from app.flight import Flight


class Kept:
    """A key is a JSON string of the release and of everything that decides the bytes."""

    def __init__(self, cache: Cache, release: str) -> None:
        self.cache = cache
        self.release = release
        self._flight = Flight()

    def once(self, parts: list[Any], make: Callable[[], bytes]) -> bytes:
        """The bytes of these parts, made if nobody has yet."""
        key = self._key(parts).decode()

        def keep() -> bytes:
            value = make()
            self.cache.set(key, value, timeout=0)
            return value

        return self._flight.once(key, lambda: self.cache.get(key), keep)

    def find(self, parts: list[Any]) -> bytes | None:
        """The bytes of these parts; None where nobody has made them."""
        found: bytes | None = self.cache.get(self._key(parts).decode())
        return found

    def mark(self, parts: list[Any]) -> str:
        """The key of these parts as 32 hexadecimal digits, from which nothing of them can be read."""
        return hashlib.blake2b(self._key(parts), digest_size=16).hexdigest()

    def _key(self, parts: list[Any]) -> bytes:
        options = orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS
        return orjson.dumps([self.release, *parts], default=str, option=options)
