"""What tests of the app share: a run that can be held in the middle."""

import threading

import pytest

from app import simulation


@pytest.fixture
def gate(monkeypatch):
    """Holds a run at its third block until told to go on."""
    at, go, moves = threading.Event(), threading.Event(), simulation.simulated_moves

    def held(*given, block, **named):
        if block == 2:
            at.set()
            assert go.wait(10)
        return moves(*given, block=block, **named)

    monkeypatch.setattr(simulation, "simulated_moves", held)
    yield at, go
    go.set()
