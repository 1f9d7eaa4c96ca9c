"""Signing in and out, and that the reader's desks decide what there is to see."""

import requests

VOL = "trader-vol"


def test_a_trader_sees_the_own_desk_and_nothing_else(desk):
    desk.sign_in(VOL)
    desk.open("/positions?scale=k")
    assert desk.names("positions-tree-by-instrument")[0] == "Vol"
    desk.click(".crumb summary")
    offered = desk.texts(".crumb .list a.strong")
    assert offered == ["Vol"]
    desk.open("/positions?desk=Rates")
    assert "Not open to you" in desk.text("#positions-tree-by-instrument")
    assert {entry["message"].partition("a status of ")[2][:3] for entry in desk.browser.get_logs()} == {"403"}
    assert "Priya Raman" in desk.find(".who").get_attribute("textContent")


def test_after_signing_out_the_way_back_leads_over_the_login(desk):
    desk.sign_in(VOL)
    desk.click(".who summary")
    desk.click(".who a[href$='/logout']")
    desk.user = ""
    desk.until(lambda: "/logout" not in desk.place)
    desk.driver.get(f"{desk.address}/pnl")
    assert desk.find(f"#user-{VOL}").is_displayed()
    desk.click(f"#user-{VOL}")
    desk.settle()
    desk.user = VOL
    assert desk.place == "/pnl"


def test_without_a_session_nothing_answers(running):
    for path in ("/_dash-layout", "/_dash-dependencies", "/version", "/export/positions-tree-by-instrument.csv"):
        assert requests.get(running + path, timeout=10, allow_redirects=False).status_code == 401, path
