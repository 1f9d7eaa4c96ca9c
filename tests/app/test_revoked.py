"""A reader who begins a run and loses his grant while it is queued or going: neither it nor what is kept is his.

The firm's book: desk Cash has book EQ1 with 100 AAA, desk Europe has book EQ2 with -10 EEE. Ada is a trader of Cash, to
whom Europe is granted for a while; Bob is a trader of Europe.
"""

import pytest

from app import main
from app.settings import Settings
from auth.access import Access, Wish
from auth.seals import verify
from data.scope import Scope
from data.store import utc_now
from tests import callbacks
from tests.app.test_jobs_screen import BOOKS
from tests.programs import program_of

URL = "http://localhost:8050"
OURS = {"Origin": URL, "Sec-Fetch-Site": "same-origin"}
ADA, BOB = ("role:trader", "desk:Cash"), ("role:trader", "desk:Europe")
OF_EUROPE = {"EQ2", "EEE"}
ADMIN = Scope("root", "Root", frozenset({"admin"}), firm=True)
EUROPE = {"desk": {"Europe"}}
COVER = Wish("ada", "desk", "Europe", "allow", "cover")
TAKEN = [COVER, Wish("ada", "desk", "Europe", "deny", "left"), Wish("ada", "role", "trader", "deny", "disabled")]
"""What takes Europe from Ada: her grant revoked, her desk denied, her role denied."""

RUN, WINDOW = "var-simulated-by-book", "window=60"
EUROPES = f"{WINDOW}&desk=Europe"


class Browser:
    """A reader at one page: the panel of the run, with its buttons."""

    def __init__(self, server, name, groups):
        self._web = server.test_client()
        with self._web.session_transaction(base_url=URL) as session:
            session.update(sub=name, name=name.title(), groups=list(groups))
        self._wires = self.get("/_dash-dependencies").json

    def get(self, path, **headers):
        return self._web.get(path, base_url=URL, headers=headers)

    def asks(self, output, query, pressed=""):
        wires = callbacks.filling(self._wires, output)
        asked = callbacks.body(wires, {"var-question.data": query, pressed: 1}, [pressed] if pressed else ())
        return self._web.post(callbacks.PATH, json=asked, headers=OURS, base_url=URL)

    def presses(self, button, query):
        return self.asks(f"{RUN}.asked", query, f"{RUN}-{button}.n_clicks").text

    def sees(self, query):
        return self.asks(f"{RUN}.made", query).text


@pytest.fixture
def house(open_ledger, monkeypatch, store, tmp_path):
    """A server and its answers, over the store; Europe is granted to Ada."""
    folder, made = open_ledger(BOOKS).folder, []
    create = main.create_answers
    monkeypatch.setattr(main, "create_answers", lambda *given: made.append(create(*given)) or made[0])
    kept = f"sqlite:///{tmp_path / 'store.sqlite'}"
    server = main.create_server(Settings(home=folder, oidc_issuer="http://localhost:1", store_url=kept))
    Access(store, utc_now).give(ADMIN, [COVER], EUROPE)
    yield server, made[0]
    server.session_interface._engine.dispose()


def take(store, way):
    access = Access(store, utc_now)
    if way == COVER:
        access.revoke(ADMIN, access.all()[0].grant_id, "back")
    else:
        access.give(ADMIN, [way], EUROPE)


def words(text):
    return {*text.replace('"', " ").replace(",", " ").replace("\\", " ").split()}


@pytest.mark.attack(21)
@pytest.mark.parametrize("state", ["queued", "running"])
@pytest.mark.parametrize("way", TAKEN, ids=["revoked", "desk-denied", "role-denied"])
def test_who_loses_a_desk_while_his_run_is_under_way_is_told_nothing_of_it(house, store, gate, state, way):
    server, answers = house
    at, go = gate
    ada, bob = Browser(server, "ada", ADA), Browser(server, "bob", BOB)
    program = program_of(server, store, "ada", *ADA)
    if state == "queued":
        bob.presses("run", "window=61")
    ada.presses("run", EUROPES)
    assert at.wait(10)
    assert {"queued": "Waiting for its turn", "running": "Running"}[state] in ada.sees(EUROPES)
    take(store, way)
    for said in (ada.sees(EUROPES), ada.presses("cancel", EUROPES)):
        assert "Running" not in said
        assert "Waiting" not in said
        assert "Not open to you" in said or "the account lacks a role" in said
    go.set()
    answers.needs.simulations.jobs.wait()
    for _before_and_after_somebody_else_has_asked in range(2):
        closed = [EUROPES, f"{WINDOW}&book=EQ2"]
        for query in closed:
            paths = (f"/export/{RUN}.json", f"/export/{RUN}.xlsx", "/export/page/var.xlsx")
            assert [ada.get(f"{path}?{query}").status_code for path in paths] == [403] * 3
            assert program(f"/api/v1/panels/{RUN}.json?{query}").status_code == 403
        told = [ada.sees(query) for query in (WINDOW, *closed)]
        told += [ada.get(f"/export/{RUN}.json?{WINDOW}").text, program(f"/api/v1/panels/{RUN}.csv?{WINDOW}").text]
        assert not OF_EUROPE & words(" ".join(told))
        assert "EQ2" in bob.sees(WINDOW)
    tag = bob.get(f"/export/{RUN}.json?{WINDOW}").headers.get("ETag", "none")
    assert ada.get(f"/export/{RUN}.json?{EUROPES}", If_None_Match=tag).status_code == 403
    assert verify(store).sound
