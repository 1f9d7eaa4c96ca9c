"""Numbers in portions: a walk by cursor stays with one snapshot, and what has not changed is not sent again."""

from base64 import urlsafe_b64decode, urlsafe_b64encode

import pytest

from app.answer import Answers
from app.cursor import Cursor
from app.filters import BadFilterError
from app.main import create_server
from app.rows import Rows
from app.settings import Settings
from data.store import Store
from tests.ledger import Ledger
from tests.programs import program_of

BOOKS = """
    books:
      book desk
      EQ1  Cash
      EQ2  Europe
    instruments:
      symbol
      AAA
      BBB
    prices:
      instrument price_date price
      AAA        2022-01-03 10
      BBB        2022-01-03 20
      AAA        2022-01-04 11
      BBB        2022-01-04 21
    trades:
      trade_id book instrument quantity price trade_date
      T1       EQ1  AAA        1        10    2022-01-03
      T2       EQ1  BBB        2        20    2022-01-03
      T3       EQ1  AAA        3        11    2022-01-04
      T4       EQ1  BBB        4        21    2022-01-04
      T5       EQ1  AAA        5        11    2022-01-04
      T6       EQ2  AAA        6        11    2022-01-04
"""
MORE = """
    trades:
      trade_id book instrument quantity price trade_date
      T7       EQ1  AAA        7        11    2022-01-04
"""
BLOTTER = "/api/v1/panels/blotter-trades.json"
TREE = "/api/v1/panels/positions-tree-by-instrument.json"


@pytest.fixture
def ledger(tmp_path):
    found = Ledger(tmp_path, BOOKS)
    yield found
    found.warehouse.close()


@pytest.fixture
def server(ledger):
    found = create_server(Settings(home=ledger.folder, oidc_issuer="http://localhost:1", log_format="text"))
    yield found
    found.session_interface._engine.dispose()


@pytest.fixture
def program(server, ledger):
    """Make a program of a reader in the groups given."""
    store = Store(f"sqlite:///{ledger.folder / 'store.sqlite'}")
    yield lambda reader, *groups: program_of(server, store, reader, *groups)
    store.close()


@pytest.fixture
def tom(program):
    return program("tom", "role:trader", "desk:Cash")


@pytest.fixture
def rita(program):
    return program("rita", "role:risk_manager")


def walked(get, path, limit, query=""):
    """The answers of a whole walk."""
    answers = [get(f"{path}?limit={limit}{query}").get_json()]
    while answers[-1]["next"]:
        answers.append(get(f"{path}?limit={limit}{query}&cursor={answers[-1]['next']}").get_json())
    return answers


@pytest.mark.parametrize("path", [BLOTTER, TREE])
@pytest.mark.parametrize("limit", [1, 2, 3, 100])
def test_the_pages_of_a_walk_are_the_whole_answer_in_its_order(tom, path, limit):
    whole, pages = tom(path).get_json(), walked(tom, path, limit)
    assert [row for page in pages for row in page["rows"]] == whole["rows"]
    assert {len(page["rows"]) for page in pages[:-1]} <= {limit}
    assert {page["total"] for page in pages} == {len(whole["rows"])}
    assert "next" not in whole


def test_a_page_says_what_a_whole_answer_says(tom):
    whole, page = tom(TREE + "?known=000001").get_json(), tom(TREE + "?limit=2").get_json()
    assert page["columns"] == whole["columns"]
    assert page["about"] | {"exported_at": ""} == whole["about"] | {"exported_at": ""}


def test_a_page_of_the_blotter_reads_only_the_days_that_hold_it(tom, monkeypatch):
    read, real = [], Rows.read
    monkeypatch.setattr(Rows, "read", lambda *given: read.append((given[1], real(*given))) or read[-1][1])
    assert [row["trade_id"] for row in tom(BLOTTER + "?limit=2").get_json()["rows"]] == ["T3", "T4"]
    assert [table.num_rows for name, table in read if name == "trades"] == [2]


def test_a_walk_stays_with_the_snapshot_that_it_began_with(tom, ledger):
    first = tom(BLOTTER + "?limit=3").get_json()
    ledger.add(MORE)
    second = tom(f"{BLOTTER}?limit=3&cursor={first['next']}").get_json()
    assert [row["trade_id"] for row in first["rows"] + second["rows"]] == ["T3", "T4", "T5", "T1", "T2"]
    assert (second["about"]["snapshot"], second["next"]) == ("000001", None)
    assert tom(BLOTTER + "?limit=3").get_json()["total"] == 6


def test_a_walk_of_a_reader_counts_and_holds_his_own_rows(tom, rita):
    assert tom(BLOTTER + "?limit=1").get_json()["total"] == 5
    assert rita(BLOTTER + "?limit=1").get_json()["total"] == 6


@pytest.mark.parametrize(
    ("path", "query"),
    [(TREE, ""), (BLOTTER, "&desk=Cash"), (BLOTTER, "&as_of=2022-01-03"), (BLOTTER, "&known=000002")],
)
def test_a_cursor_is_good_for_its_own_question_alone(tom, ledger, path, query):
    cursor = tom(BLOTTER + "?limit=1").get_json()["next"]
    ledger.add(MORE)
    refused = tom(f"{path}?limit=1&cursor={cursor}{query}")
    assert refused.status_code == 400
    assert refused.get_json()["error"]["details"]["parameter"] in ("cursor", "known")


def test_a_cursor_is_good_for_the_rows_of_its_reader_alone(tom, rita):
    cursor = rita(BLOTTER + "?limit=1").get_json()["next"]
    assert tom(f"{BLOTTER}?limit=1&cursor={cursor}").status_code == 400


def test_a_cursor_that_was_changed_is_refused(tom):
    cursor = tom(BLOTTER + "?limit=1").get_json()["next"]
    snapshot, start, seal = urlsafe_b64decode(cursor).decode().split(".")
    others = [(snapshot, "3", seal), ("000002", start, seal), ("../../x", start, seal), (snapshot, "-1", seal)]
    others += [(snapshot, start, seal[::-1]), (snapshot, start)]
    changed = [urlsafe_b64encode(".".join(parts).encode()).decode() for parts in others]
    for text in (*changed, cursor[:-4], cursor + "AAAA", cursor.swapcase(), "x", "é", "%00", "A" * 10_000):
        refused = tom(f"{BLOTTER}?limit=1&cursor={text}")
        assert (refused.status_code, refused.get_json()["error"]["details"]) == (400, {"parameter": "cursor"}), text


def test_a_cursor_reads_back_as_it_was_written():
    cursor = Cursor.at("000017", 5000, "mark")
    assert Cursor.parse(str(cursor)) == cursor
    cursor.check("mark")
    with pytest.raises(BadFilterError, match="begin again without a cursor"):
        cursor.check("another")


@pytest.mark.parametrize("limit", ["0", "-1", "10001", "1.5", "ten", "²", "999999"])
def test_a_limit_is_a_number_of_rows(tom, limit):
    refused = tom(f"{BLOTTER}?limit={limit}")
    assert (refused.status_code, refused.get_json()["error"]["details"]) == (400, {"parameter": "limit"})
    assert "1 to 10,000" in refused.get_json()["error"]["message"]


@pytest.mark.parametrize("query", ["json?cursor=x", "csv?limit=5", "xlsx?limit=5&cursor=x"])
def test_what_does_not_go_with_pages_is_said(tom, query):
    assert tom(BLOTTER.replace("json", query)).get_json()["error"]["details"] == {"parameter": "limit"}


@pytest.mark.parametrize("path", [TREE, TREE.replace("json", "csv"), BLOTTER, BLOTTER + "?limit=2"])
def test_what_a_program_has_already_is_not_made_again(tom, path, monkeypatch):
    tag = tom(path).headers["ETag"]
    for name in ("stream", "table", "trades"):
        monkeypatch.setattr(Answers, name, None)
    again = tom(path, If_None_Match=tag)
    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", tag)


def test_no_answer_is_kept_by_anything_between_and_each_is_of_its_reader(tom):
    for answer in (tom(TREE), tom(TREE, If_None_Match=tom(TREE).headers["ETag"])):
        assert answer.headers["Cache-Control"] == "no-store"
        assert {"Authorization", "Cookie"} <= set(answer.vary)


def test_the_tag_changes_with_all_that_changes_the_numbers_and_with_nothing_else(program, tom, rita, ledger):
    ann = program("ann", "role:trader", "desk:Cash")
    tag = tom(TREE).headers["ETag"]
    assert tom(TREE).headers["ETag"] == ann(TREE).headers["ETag"] == tag
    others = [tom(TREE + query).headers["ETag"] for query in ("?desk=Cash", "?as_of=2022-01-03", "?limit=1")]
    others += [rita(TREE).headers["ETag"], tom(TREE.replace("json", "csv")).headers["ETag"]]
    ledger.add(MORE)
    others.append(tom(TREE).headers["ETag"])
    assert len({tag, *others}) == 1 + len(others)


def test_the_tag_of_a_reader_opens_nothing_to_one_with_other_desks(tom, rita):
    answer = tom(TREE, If_None_Match=rita(TREE).headers["ETag"])
    assert answer.status_code == 200
    assert "Europe" not in answer.text
    assert tom(TREE + "?desk=Europe", If_None_Match=rita(TREE + "?desk=Europe").headers["ETag"]).status_code == 403
    assert tom(TREE + "?desk=Europe", If_None_Match="*").status_code == 403


def test_what_the_app_itself_writes_has_no_tag_for_it_changes_at_any_moment(program):
    admin = program("ada", "role:admin")
    answer = admin("/api/v1/panels/operations-readers.json")
    assert answer.status_code == 200
    assert "ETag" not in answer.headers
