"""The app's own store: made at start, kept private, aware of time zones."""

import stat
import threading
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import inspect, select, text

from data.store import Store, StoreError, audit_event, metadata, whatif_branch


def test_the_tables_are_made_with_the_folder_and_again_without_harm(tmp_path):
    store = Store(f"sqlite:///{tmp_path / 'new' / 'store.sqlite'}")
    store.create()
    store.create()
    assert set(inspect(store.engine).get_table_names()) == set(metadata.tables)
    assert stat.S_IMODE((tmp_path / "new" / "store.sqlite").stat().st_mode) == 0o600
    store.close()


def test_several_may_make_the_tables_at_once(tmp_path):
    url, errors = f"sqlite:///{tmp_path / 'store.sqlite'}", []

    def make():
        store = Store(url)
        try:
            store.create()
        except Exception as error:  # noqa: BLE001 whatever it is, the test shows it
            errors.append(error)
        store.close()

    threads = [threading.Thread(target=make) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []


def test_readers_do_not_wait_for_a_writer(store):
    with store.engine.connect() as connection:
        assert connection.execute(text("PRAGMA journal_mode")).scalar() == "wal"
    with store.engine.begin() as writing:
        row = {"at": datetime.now(UTC), "event": "login", "reader": "", "address": "", "details": "{}"}
        writing.execute(audit_event.insert(), row)
        with store.engine.connect() as reading:
            assert reading.execute(select(audit_event)).all() == []


def test_moments_come_back_aware_and_in_utc(store):
    noon = datetime(2022, 12, 28, 12, 0, 0, 123456, tzinfo=timezone(timedelta(hours=2)))
    with store.engine.begin() as connection:
        row = {"at": noon, "event": "login", "reader": "", "address": "", "details": "{}"}
        connection.execute(audit_event.insert(), row)
        (at,) = connection.execute(select(audit_event.c.at)).scalars()
    assert at == noon
    assert at.tzinfo is UTC


@pytest.mark.parametrize("url", ["nonsense", "oracle+no_such_driver://host/db", "nosuch://host/db"])
def test_an_address_that_cannot_be_used_names_its_setting(url):
    with pytest.raises(StoreError, match="PARAPET_STORE_URL"):
        Store(url)


@pytest.mark.parametrize("url", ["sqlite://", "postgresql+psycopg://host/db"])
def test_a_row_of_the_same_key_is_replaced_in_one_statement(url):
    store = Store(url)
    text = str(store.put(whatif_branch).compile(store.engine))
    assert "ON CONFLICT (owner, name) DO UPDATE SET text = excluded.text, saved_at = excluded.saved_at" in text
    store.close()
