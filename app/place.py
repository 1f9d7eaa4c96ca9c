"""Where a number stands in a table: the address of its row, by the names in it and not by its position."""

from app.table import Column, Table

SEPARATOR = "\t"
_WORDS = {"text", "date"}


def addresses(table: Table) -> list[str]:
    """The address of each row: in a tree its keys down to its level, the total's is empty; else what names the row.

    A row is named by the first columns that tell rows apart, words and dates before any number. A tree ends at its
    deepest row.
    """
    frame = table.frame
    if "level" in frame:
        levels = frame["level"].tolist()
        return _joined(table, table.columns[: max(levels, default=0)], levels)
    named: list[Column] = []
    for column in table.columns:
        if column.kind not in _WORDS or (named and not frame.duplicated([one.name for one in named]).any()):
            break
        named.append(column)
    return _joined(table, named, [len(named)] * len(frame))


def _joined(table: Table, named: tuple[Column, ...] | list[Column], levels: list[int]) -> list[str]:
    if not named:
        return [""] * len(levels)
    texts = [_texts(table, column) for column in named]
    return [SEPARATOR.join(parts[:level]) for level, *parts in zip(levels, *texts, strict=True)]


def _texts(table: Table, column: Column) -> list[str]:
    values = table.frame[column.name]
    said = values.astype(object).where(values.notna(), "").astype(str)
    return (said.str[:10] if column.kind == "date" else said).tolist()
