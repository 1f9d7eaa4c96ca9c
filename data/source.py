"""What an opened file is to the loader: its columns by name, and the limits and errors of opening one."""

from dataclasses import dataclass


class LoadError(Exception):
    """A file that cannot be loaded as a whole: what is wrong and the remedy; `load` puts the file's name before it."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How far a packed file may expand: `unpacked` bytes in all, and `ratio` times its size beyond `small` bytes.

    Files of desks shrink 5 to 40 times when packed; deflate reaches 1032 times, which only a bomb needs. `cells` is
    the area of a sheet, empty cells included, because a workbook is held in memory.
    """

    unpacked: int = 16 << 30
    ratio: int = 250
    small: int = 64 << 20
    cells: int = 30_000_000

    def allowed(self, packed: int) -> int:
        """The most bytes that a file of `packed` bytes may unpack to."""
        return min(self.unpacked, max(self.small, self.ratio * packed))


@dataclass(frozen=True, slots=True)
class Source:
    """An opened file, which is the temporary relation `incoming`: `source_row`, then c1, c2, … in the file's order.

    `names` and `types` (DuckDB's) are those of the file's columns. Lines of a CSV that do not fit its header are not in
    `incoming` but in the temporary table `malformed`.
    """

    names: tuple[str, ...]
    types: tuple[str, ...]

    def find(self, name: str) -> int | None:
        """The position of the file's column of that name, exactly or but for its case; None if it has none."""
        if name in self.names:
            return self.names.index(name)
        folded = [own.casefold() for own in self.names]
        return folded.index(name.casefold()) if name.casefold() in folded else None


def text_source(names: list[str]) -> Source:
    """A source whose columns are all text; LoadError when the header is blank or names a column twice."""
    names = [name.strip() for name in names]
    if not any(names):
        raise LoadError("the first line is blank; it must hold the names of the columns")
    for name in names:
        if name and names.count(name) > 1:
            raise LoadError(f"two columns are named '{name}'; rename or remove one of them")
    return Source(tuple(names), ("VARCHAR",) * len(names))


def quote(text: str) -> str:
    """Write a text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"
