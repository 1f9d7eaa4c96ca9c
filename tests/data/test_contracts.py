import re
from pathlib import Path

import pytest
import sqlalchemy as sa

from data.contracts import CONTRACTS
from data.mapping import read_mapping
from data.rules import CURRENCIES, WITHDRAWN
from data.schema import LOADABLE

DOCS = Path(__file__).parents[2] / "docs"
MAPPINGS = sorted((DOCS / "mappings").glob("*.toml"))
every_contract = pytest.mark.parametrize("contract", CONTRACTS.values(), ids=list(CONTRACTS))


def test_every_loadable_table_has_one_contract():
    assert {name: contract.table for name, contract in CONTRACTS.items()} == LOADABLE


@every_contract
def test_a_contract_fills_every_column_that_may_not_be_empty(contract):
    filled = {column.target for column in contract.stored if column.required or column.default}
    given = {"batch_id", "source_row", f"{contract.table.name}_id"}
    assert {column.name for column in contract.table.c if not column.nullable} <= filled | given


@every_contract
def test_a_contract_stores_only_what_its_table_has(contract):
    assert {column.target for column in contract.stored} <= set(contract.table.c.keys())


@every_contract
def test_the_key_of_a_contract_is_the_key_of_its_table(contract):
    key = {column.target for column in contract.columns if column.name in contract.key}
    unique = [{c.name for c in u.columns} for u in contract.table.constraints if isinstance(u, sa.UniqueConstraint)]
    primary = {column.name for column in contract.table.primary_key}
    assert (key in unique) if contract.keeping == "reference" else (primary - {"known_from"} == key)


@every_contract
def test_rules_speak_of_columns_of_the_contract(contract):
    names = {column.name for column in contract.columns}
    assert {rule.column for rule in (*contract.rules, *contract.comparisons)} <= names


@every_contract
def test_operators_can_read_about_every_column(contract):
    text = (DOCS / "loading.md").read_text()
    section = text.split(f"\n### {contract.name}\n")[1].split("\n#")[0]
    documented = dict(re.findall(r"^\| `(\w+)` \| (.*?) \|", section, re.MULTILINE))
    needed = {name for name, about in documented.items() if about.startswith("required")}
    assert list(documented) == [column.name for column in contract.columns]
    assert needed == set(contract.required)


@pytest.mark.parametrize("file", MAPPINGS, ids=lambda file: file.stem)
def test_a_ready_mapping_gives_what_its_table_requires(file):
    (table,) = re.findall(r"^# parapet load (\w+) --mapping", file.read_text(), re.MULTILINE)
    named, contract = read_mapping(file).named(), CONTRACTS[table]
    own_names = {"months", "currency", "value", "split", "dividend"}
    assert named <= {column.name for column in contract.columns}
    assert set(contract.required) <= named | own_names


def test_withdrawn_currencies_are_no_longer_current_ones():
    assert len(CURRENCIES) == len(set(CURRENCIES))
    assert {"USD", "EUR", "DEM"} <= set(CURRENCIES)
    assert not set(WITHDRAWN) & {"USD", "EUR", "GBP"}
