"""What every test may ask for."""

from tests.ledger import ledger

__all__ = ["ledger"]
