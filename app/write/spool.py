"""A file that is only ever written, emptied by whoever sends it on."""


class Spool:
    """Takes bytes from writers that want a file object, which cannot seek, and gives them back in pieces."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._sent = 0
        self.closed = False

    def write(self, piece: bytes) -> int:
        """Take a piece."""
        self._pieces.append(bytes(piece))
        self._sent += len(piece)
        return len(piece)

    def tell(self) -> int:
        """Bytes taken so far."""
        return self._sent

    def flush(self) -> None:
        """Nothing waits here."""

    def close(self) -> None:
        """No more will come."""
        self.closed = True

    def drain(self) -> bytes:
        """All that came since the last time."""
        pieces, self._pieces = self._pieces, []
        return b"".join(pieces)
