"""A desk with three instruments, two books and a counterparty, whose files are loaded in tests."""

from datetime import UTC, datetime
from pathlib import Path

import duckdb

from data.load import create, load

NOW = datetime(2024, 6, 3, 12, 0, tzinfo=UTC)
INSTRUMENTS = """symbol,asset_class,instrument_type,currency
AAA,equity,equity,USD
EEE,equity,equity,EUR
WTI,commodity,commodity,USD
"""
BOOKS = """book,desk,business_unit,legal_entity
B1,Vol,Equities,Firm Ltd
B2,Vol,Equities,Firm Ltd
"""
COUNTERPARTIES = "counterparty\nCP\n"
TRADE = "trade_id,trade_time,settle_date,book,instrument,quantity,price\n"


class Desk:
    """An open warehouse and a folder for files."""

    def __init__(self, folder):
        self.folder = folder
        self.connection = duckdb.connect()
        create(self.connection)
        self.load("instruments", INSTRUMENTS, "instruments.csv")
        self.load("books", BOOKS, "books.csv")
        self.load("counterparties", COUNTERPARTIES, "counterparties.csv")

    def write(self, content, name="file.csv"):
        file = self.folder / name
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        return file

    def load(self, table, content, name="file.csv", **how):
        file = content if isinstance(content, Path) else self.write(content, name)
        return load(self.connection, table, file, **{"now": NOW} | how)

    def ask(self, sql):
        return self.connection.execute(sql).fetchall()

    def findings(self, columns="source_row, column_name, value, reason"):
        return self.ask(f"SELECT {columns} FROM quarantine ORDER BY batch_id, source_row, column_name")
