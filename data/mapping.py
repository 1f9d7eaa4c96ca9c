"""How a foreign file names and writes what a contract asks for: a small TOML file, read once and checked."""

import tomllib
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Literal

import orjson
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from data.source import LoadError


def _text(value: object) -> object:
    """Write a TOML number, date or truth as a file would."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, (int, float, date, datetime)) else value


Text = Annotated[str, BeforeValidator(_text)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Unpivot(_Part):
    """A wide file: the name of each column fills the contract's column `name`, its cells fill `value`.

    Without `columns` these are all the file's columns that nothing else uses, save those to `ignore`.
    """

    name: str
    value: str
    columns: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()


class Mapping(_Part):
    """From the columns of a file to those of a contract; what it does not mention is taken by its own name.

    `columns`: contract column → file column. `constants`: contract column → one value for all rows.
    `translations`: contract column → {the file's value → the contract's}. `formats`: contract column → the file's
    way to write dates and times, as in strftime. `nulls`: texts that mean "nothing here".
    """

    columns: dict[str, str] = Field(default_factory=dict)
    constants: dict[str, Text] = Field(default_factory=dict)
    translations: dict[str, dict[str, Text]] = Field(default_factory=dict)
    formats: dict[str, str] = Field(default_factory=dict)
    nulls: tuple[str, ...] = ()
    unpivot: Unpivot | None = None
    delimiter: Literal["", ",", ";", "\t", "|"] = ""
    sheet: str = ""

    @property
    def fingerprint(self) -> bytes:
        """What distinguishes this mapping from another; nothing for one that changes nothing."""
        return b"" if self == Mapping() else orjson.dumps(self.model_dump(), option=orjson.OPT_SORT_KEYS)

    def named(self) -> set[str]:
        """Every column of the contract that the mapping speaks of."""
        wide = {self.unpivot.name, self.unpivot.value} if self.unpivot else set()
        return {*self.columns, *self.constants, *self.translations, *self.formats} | wide


def read_mapping(file: Path) -> Mapping:
    """Read a mapping file; LoadError with one line a mistake."""
    try:
        return Mapping.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise LoadError(f"{file}: the mapping file cannot be read: {error}") from None
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise LoadError(f"{file}: the mapping file is not usable: {wrong}; see docs/loading.md") from None
