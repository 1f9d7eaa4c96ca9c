"""The pages: each file is one VIEW value, found by its name; no SQL, no authorisation, no callbacks."""
