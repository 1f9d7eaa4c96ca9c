"""What the limits say after a load, for the operator; readers then find the same answer kept."""

from app.answer import Answers
from app.filters import Filters
from app.question import EmptyError
from data.scope import OPERATOR

WORDS = {"breach": "in breach", "warning": "in warning", "ok": "within", "unknown": "not measured"}


def limit_report(answers: Answers) -> str:
    """How many limits are in each state as of the newest day, and a line each that is in breach or not measured.

    Empty where there are no limits, or nothing to measure yet.
    """
    try:
        frame = answers.table("limits-use", Filters(), OPERATOR).frame
    except EmptyError:
        return ""
    if frame.empty:
        return ""
    counts = frame["state"].value_counts()
    states = [f"{counts[state]} {words}" for state, words in WORDS.items() if state in counts]
    of_note = frame[frame["state"].isin(["breach", "unknown"])]
    told = (
        of_note["limit_id"]
        + ": "
        + of_note["utilisation"].map("{:.1%} used".format).where(of_note["state"] == "breach", of_note["reason"])
    )
    head = f"{len(frame)} limit{'s' if len(frame) > 1 else ''}: {', '.join(states)}"
    return "\n  ".join([head, *told])
