"""The text of a column's cells, made a column at a time, and rows woven from them."""

from collections.abc import Callable

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc

Parts = list[str | pa.Array]

_INSIDE = bytes(b for b in range(0x20, 0x7F) if chr(b) not in '"&;<>\\')
_ENDS = np.zeros(256, dtype=bool)
_ENDS[[b for b in _INSIDE if chr(b) not in " =+-@"]] = True
LONGEST = 32_767


def weave(parts: Parts, rows: int) -> pa.Buffer:
    """The rows' text, one after the other; each part is a literal or holds, without nulls, a piece of every row.

    All pieces go into one pool, and one gather in reading order brings them together.
    """
    folded = _fold(parts)
    order = np.empty((rows, len(folded)), np.int32)
    pool: list[pa.Array] = []
    start = 0
    for place, part in enumerate(folded):
        if isinstance(part, str):
            pool.append(pa.array([part]))
            order[:, place] = start
        elif pa.types.is_dictionary(part.type):
            pool.append(part.dictionary)
            np.add(part.indices.to_numpy(), start, out=order[:, place])
        else:
            pool.append(part)
            order[:, place] = np.arange(start, start + rows)
        start += len(pool[-1])
    return pa.concat_arrays(pool).take(pa.array(order.ravel())).buffers()[2]


def _fold(parts: Parts) -> Parts:
    """Fewer parts with the same text: a literal melts into the literal, else the dictionary, beside it."""
    folded: Parts = []
    for part in parts:
        if isinstance(part, str) and folded and isinstance(folded[-1], str):
            folded[-1] += part
        else:
            folded.append(part)
    for place, part in enumerate(folded):
        if not isinstance(part, str) and pa.types.is_dictionary(part.type):
            before, after = _claim(folded, place - 1), _claim(folded, place + 1)
            folded[place] = _renamed(part, pc.binary_join_element_wise(before, part.dictionary, after, ""))
    return [part for part in folded if not isinstance(part, str) or part]


def _claim(folded: Parts, place: int) -> str:
    """The literal at that place, which leaves it empty; nothing where there is none."""
    text = folded[place] if 0 <= place < len(folded) else ""
    if not isinstance(text, str):
        return ""
    if text:
        folded[place] = ""
    return text


def _renamed(coded: pa.DictionaryArray, names: pa.Array) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(coded.indices, names)


def joined(parts: Parts) -> pa.Array:
    """The parts side by side as one array of text; null where any part is."""
    pieces = [part if isinstance(part, str) else part.cast(pa.string()) for part in parts]
    return pc.binary_join_element_wise(*pieces, "")


def filled(parts: Parts, missing: str) -> Parts:
    """The parts of one cell, or `missing` in the rows where any part is null."""
    first, *others = (part for part in parts if not isinstance(part, str))
    if not others and pa.types.is_dictionary(first.type):
        names = joined([part if isinstance(part, str) else part.dictionary for part in parts])
        return [_renamed(first, pc.coalesce(names, missing))]
    if not any(part.null_count for part in (first, *others)):
        return parts
    return [pc.coalesce(joined(parts), missing)]


def texts(values: pa.Array, treat: Callable[[pa.Array], pa.Array], opening: str, closing: str) -> Parts:
    """Text cells: `treat` finishes any text; text that needs no treatment stands between `opening` and `closing`."""
    sample = values.slice(0, 256)
    if pc.count_distinct(sample).as_py() > len(sample) // 2:
        return [opening, values, closing] if plain(values) else [treat(values)]
    coded = values.dictionary_encode("encode")
    return [opening, coded, closing] if plain(coded.dictionary) else [_renamed(coded, treat(coded.dictionary))]


def plain(text: pa.Array) -> bool:
    """Whether every format and every spreadsheet takes the text as it stands: nothing to quote, escape or disarm."""
    sizes = np.frombuffer(text.buffers()[1], np.int32)[text.offset : text.offset + len(text) + 1]
    if not len(text) or sizes[-1] == sizes[0]:
        return True
    held = np.frombuffer(text.buffers()[2], np.uint8)
    body = held[sizes[0] : sizes[-1]].tobytes()
    some = np.diff(sizes)
    firsts, lasts = sizes[:-1][some > 0], sizes[1:][some > 0] - 1
    return (
        not body.translate(None, _INSIDE)
        and b"_x" not in body
        and bool(_ENDS[held[firsts]].all() and (held[lasts] != ord(" ")).all())
        and int(some.max()) <= LONGEST
    )


def distinct(values: pa.Array, treat: Callable[[pa.Array], pa.Array]) -> pa.Array:
    """What `treat` makes of the values, asked once a distinct value."""
    coded = values.dictionary_encode("encode")
    return _renamed(coded, treat(coded.dictionary))


def numbers(values: pa.Array, *, comma: bool = False) -> pa.Array:
    """Integers and floats in the fewest digits that read back the same, decimals in all of theirs.

    With `comma`, which wants values without nulls, each is followed by a comma.
    """
    if pa.types.is_decimal(values.type):
        text = values.cast(pa.string())
        return pc.binary_join_element_wise(text, ",", "") if comma else text
    raw = orjson.dumps(values.fill_null(0).to_numpy(), option=orjson.OPT_SERIALIZE_NUMPY)
    commas = np.flatnonzero(np.frombuffer(raw, np.uint8) == ord(","))
    text = raw[1:-1] + b"," if comma else raw.translate(None, b"[],")
    ends = np.empty(len(values) + 1, np.int32)
    ends[0], ends[1:-1], ends[-1] = 0, commas if comma else commas - np.arange(1, len(values)), len(text)
    cells = pa.StringArray.from_buffers(len(values), pa.py_buffer(ends), pa.py_buffer(text))
    return pc.if_else(values.is_valid(), cells, None) if values.null_count else cells


def moments(values: pa.Array) -> Parts:
    """Dates as 2022-12-28, UTC timestamps as 2022-12-28T09:30:00.000000Z, in parts."""
    if pa.types.is_date(values.type):
        return [distinct(values, lambda some: some.cast(pa.string()))]
    within = values.cast(pa.timestamp("us")).cast(pa.time64("us"))
    return [*moments(values.cast(pa.date32())), "T", within.cast(pa.string()), "Z"]
