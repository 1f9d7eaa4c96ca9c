"""The proof: laws over the registries, rooms that mirror the source, a real browser, measurements."""
