"""The firm's own scenario files beside the warehouse: on screen as soon as they are there, and gone with them."""

import pytest

from app.filters import Filters
from app.screen.failure import explain_failure
from data.scenarios import ScenarioError
from tests import desks
from tests.ledger import FIRM

ASKED = Filters(window=60)
CRASH = """
title = "{title}"
kind = "hypothetical"

[[shocks]]
kind = "spot"
percent = {percent}
"""


@pytest.fixture(scope="module")
def ledger(tmp_path_factory):
    opened = desks.opened(tmp_path_factory)
    yield opened
    opened.warehouse.close()


@pytest.fixture
def folder(ledger):
    found = ledger.warehouse.folder.parent / "scenarios"
    found.mkdir()
    yield found
    for file in found.iterdir():
        file.unlink()
    found.rmdir()


def losses(ledger):
    frame = ledger.answers.table("stress-scenarios", ASKED, FIRM).frame
    return dict(zip(frame["scenario"], frame["pnl"].fillna(0.0), strict=True))


def test_a_file_put_there_is_a_scenario_at_once_and_a_changed_one_another(ledger, folder):
    before = losses(ledger)
    file = folder / "ours.toml"
    file.write_text(CRASH.format(title="Ours", percent=-10))
    first = losses(ledger)
    assert set(first) == {*before, "Ours"}
    file.write_text(CRASH.format(title="Ours", percent=-20))
    assert losses(ledger)["Ours"] != first["Ours"]
    file.unlink()
    assert losses(ledger) == before


def test_a_file_named_like_one_of_the_products_takes_its_place(ledger, folder):
    before = losses(ledger)
    (folder / "equity_crash.toml").write_text(CRASH.format(title="Our crash", percent=-7))
    assert set(before) - set(losses(ledger)) == {"Equities −20% with skew"}


def test_a_file_that_cannot_be_used_is_named_and_no_number_is_shown(ledger, folder):
    (folder / "bad.toml").write_text(CRASH.format(title="Bad", percent=-120))
    with pytest.raises(ScenarioError) as caught:
        losses(ledger)
    title, words = explain_failure("stress-scenarios", caught.value)
    assert title == "A scenario file cannot be used"
    assert words.startswith("bad.toml: shocks.0: percent must be above -100")


def test_limits_on_stress_follow_the_files(ledger, folder):
    ledger.add(
        """
        limits:
          limit_id scope_kind scope_node measure         soft hard side
          stress   firm       -          stress_by.worst 1    2    both
        """
    )

    def use():
        return ledger.answers.table("limits-use", ASKED, FIRM).frame.set_index("limit_id").loc["stress", "use"]

    before = use()
    (folder / "ruin.toml").write_text(CRASH.format(title="Ruin", percent=-99))
    (folder / "glory.toml").write_text(CRASH.format(title="Glory", percent=99))
    assert use() > before
