"""The ten questions of docs/questions.md, answered by clicking on the demo, in as many clicks as that page counts."""

import re
from pathlib import Path

import pytest
from selenium.webdriver.common.actions.action_builder import ActionBuilder
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from tests.browser.test_find import OPTIONS, ask

PAGE = (Path(__file__).parents[2] / "docs" / "questions.md").read_text()
CLICKS = {int(number): int(clicks) for number, clicks in re.findall(r"^\| (\d+) \|.*\| (\d+) \|$", PAGE, re.MULTILINE)}
MARK = """
    const chart = document.querySelector('#overview-pnl-against-var .js-plotly-plot');
    const trace = chart._fullData.find((one) => one.name.startsWith('exception'));
    const { xaxis, yaxis } = chart._fullLayout;
    const [x, y] = [trace.x.at(-1), trace.y.at(-1)];
    const box = chart.querySelector('.nsewdrag').getBoundingClientRect();
    const lost = chart._fullData[0].y[chart._fullData[0].x.indexOf(x)];
    return [box.left + xaxis.d2p(x), box.top + yaxis.d2p(y), lost];
"""


class Walk:
    """A reader who counts his clicks, from his home on."""

    def __init__(self, desk, reader):
        desk.sign_in(reader)
        desk.open("/")
        self.desk = desk
        self.clicks = 0

    def click(self, css):
        self.desk.click(css)
        return self._stepped()

    def follow(self, text):
        """Click the link of that text that is seen."""
        links = self.desk.driver.find_elements(By.XPATH, f"//a[normalize-space()='{text}']")
        next(link for link in links if link.is_displayed()).click()
        return self._stepped()

    def cell(self, panel, name, column):
        """Click a number of a tree or a table by the name of its row."""
        index = self.desk.names(panel).index(name)
        return self.click(f"#{panel} .ag-row[row-index='{index}'] .ag-cell[col-id={column}]")

    def point(self, left, top):
        """Click a place of the window, wherever the pointer was left before; another page follows."""
        before = self.desk.place
        pointer = ActionBuilder(self.desk.driver)
        pointer.pointer_action.move_to_location(left, top).click()
        pointer.perform()
        self.desk.until(lambda: self.desk.place != before)
        return self._stepped()

    def find(self, text):
        """By the palette: a few letters and Enter count as one click."""
        ask(self.desk, text)
        self.desk.until(lambda: [name.endswith(text) for name in self.desk.texts(f"{OPTIONS}:first-child b")] == [True])
        before = self.desk.place
        self.desk.press(Keys.ENTER)
        self.desk.until(lambda: self.desk.place != before)
        return self._stepped()

    def _stepped(self):
        self.clicks += 1
        self.desk.settle()
        return self

    def row(self, panel, name):
        """The texts of the row whose first cell begins with that."""
        return next(row for row in self.desk.rows(panel) if row[0].startswith(name))

    def says(self, *words, css="#drawer"):
        self.desk.until(lambda: all(word in self.desk.text(css) for word in words), f"{css} does not say {words}")


@pytest.fixture
def walk(desk):
    def start(number, reader="risk-manager"):
        begun.append((number, Walk(desk, reader)))
        return begun[-1][1]

    begun = []
    yield start
    for number, walked in begun:
        assert walked.clicks == CLICKS[number]


def test_every_question_of_the_page_is_walked():
    walked = {int(name.split("_")[1]) for name in globals() if re.match(r"test_\d+_", name)}
    assert walked == CLICKS.keys() == set(range(1, 11))


def test_1_the_vol_desk_made_money_that_day_and_what_its_index_book_is_made_of(walk):
    walked = walk(1).find("Vol").find("2020-03-16").follow("Explain")
    totals = {row[0]: row[-1] for row in walked.desk.rows("explain-tree-by-instrument")}
    assert totals["Vol"] == "+3,231"
    assert [totals[f"VOL-{book}"] for book in ("INDEX", "NAMES", "DISPERSION", "TAIL")] == [
        *("−1,663", "−1,030", "−539", "+6,463")
    ]
    walked.cell("explain-tree-by-instrument", "VOL-INDEX", "total")
    walked.says("SPX 20200417 P3150", "−5,958,780.00", "adds exactly")


def test_2_the_three_positions_that_add_most_to_the_firm_s_var(walk):
    walked = walk(2).follow("VaR & ES")
    assert [row[:2] for row in walked.desk.rows("var-by-instrument")[:3]] == [
        ["MRK", "+709"],
        ["PFE", "+443"],
        ["UNH", "+426"],
    ]
    walked.says("3,544", css="#var-summary")


def test_3_how_far_the_yen_is_from_its_limit(walk):
    walked = walk(3).click("#navigation a[href*='/limits']")
    row = walked.row("limits-use", "net-jpy")
    assert {"8,847", "10,000", "12,000", "73.7%", "+3,153"} <= set(row)


def test_4_what_happens_if_2008_repeats(walk):
    walked = walk(4, "trader-vol").follow("Stress")
    assert walked.desk.rows("stress-scenarios")[0] == [
        *("Lehman, Sep–Oct 2008", "+20,353", "VOL-DISPERSION", "−10,165", "0.0%")
    ]


def test_5_the_file_that_a_trade_came_from(walk):
    walked = walk(5, "trader-vol").follow("Blotter")
    walked.cell("blotter-trades", "T000019983", "instrument")
    walked.says("T000019983", "trades.parquet", "line 20,702", "batch 10", "c690d2b492ca")


def test_6_the_last_exception_of_the_backtest_and_why(walk):
    walked = walk(6)
    left, top, lost = map(round, walked.desk.run(MARK))
    assert lost == -10_826
    walked.point(left, top)
    assert "as_of=2022-11-11" in walked.desk.place
    walked.says("5,208", "850 vs 11-10", css="#overview-var")  # 4,358 the day before
    walked.says("−11,739", css="#overview-explain-parts")


def test_7_what_may_still_be_bought_before_a_limit(walk):
    walked = walk(7, "trader-vol")
    left = {row[0]: row[-1] for row in walked.desk.rows("book-headroom")}
    assert (left["Vol · Gross"], left["Vol · VaR"]) == ("+40,501", "+529")
    assert (left["VOL-DISPERSION · Gross"], left["VOL-NAMES · Vega"]) == ("+18,221", "+8.0")
    assert left["VOL-TAIL · Vega"] == "−32.7"


def test_8_what_changed_in_my_delta(walk):
    walked = walk(8, "trader-vol").follow("Pivot").click("#pivot-fields .zone.show .add > summary")
    walked.desk.press("delta")
    walked.click("#pivot-fields .zone.show .add .list a[href*='sensitivities.delta']:not([hidden])")
    walked.click("#pivot-fields .compare > summary").follow("the vs date")
    found = [row[-3:-1] for row in walked.desk.rows("pivot-tree")]
    assert dict(zip(walked.desk.texts("#pivot-tree .tree-text"), found, strict=True)) == {
        "Vol": ["−139.4", "−232.0"],
        "VOL-DISPERSION": ["−1.0", "−314.2"],
        "VOL-INDEX": ["−0.3", "+105.3"],
        "VOL-NAMES": ["−0.3", "−12.4"],
        "VOL-TAIL": ["−137.9", "−10.7"],
    }


def test_9_the_prices_that_are_stale(walk):
    walked = walk(9).follow("priced 99.5%")
    walked.says("BUND-2048-08", "NGH", "198", "200")


def test_10_what_var_was_known_to_be_that_evening(walk):
    walked = walk(10).click("summary[aria-label^='Known at']")
    walked.click("#bar-question .list a[href*='known=000001']")
    walked.says("3,544", css="#overview-var")
    assert "known=000001" in walked.desk.place
