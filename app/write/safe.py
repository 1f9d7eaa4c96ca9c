"""Text that a spreadsheet cannot take for a formula, whichever way it splits the line.

A cell that starts, after blanks and quotes, with = + - @ or a full-width form of them, or with a tab or a line
break, gets an apostrophe before it. So does what follows a semicolon, tab or line break inside a cell: where the
list separator is the semicolon, Excel does not see the quotes of a comma-separated file and starts a cell there.
"""

import pyarrow as pa
import pyarrow.compute as pc

_BLANK = r'["\x00-\x08\x0b\x0c\x0e-\x20\x7f-\x{a0}\pZ\p{Cf}]*'
_ARMED = rf"(^|[;\t\r\n])({_BLANK}[=+\-@＝＋－＠])"
_BROKEN = r"^([\t\r\n])"


def disarm(text: pa.Array) -> pa.Array:
    """The same text, with an apostrophe before whatever could start a formula."""
    return pc.replace_substring_regex(pc.replace_substring_regex(text, _ARMED, r"\1'\2"), _BROKEN, r"'\1")
