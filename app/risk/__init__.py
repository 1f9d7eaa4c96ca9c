"""Measures: pure functions from frames to frames, with no server and no database."""
