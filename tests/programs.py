"""A program: a client without a session that shows a personal token of a reader who signed in once."""

from datetime import timedelta

from auth.grants import GroupRules
from auth.readers import Readers
from auth.tokens import Tokens
from data.store import utc_now


def token_of(store, reader, *groups, pages=()):
    """A token of a reader in these groups, for these pages."""
    readers = Readers(store, utc_now, GroupRules(), timedelta(days=30))
    readers.seen(reader, reader.title(), "", groups)
    return Tokens(store, utc_now).make(readers.scope(reader), "program", 30, pages)


def program_of(server, store, reader, *groups, pages=()):
    """A function that gets an address as that reader's program."""
    shown, client = token_of(store, reader, *groups, pages=pages), server.test_client()

    def get(path, **headers):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return client.get(path, headers={"Authorization": f"Bearer {shown}", **named})

    return get
