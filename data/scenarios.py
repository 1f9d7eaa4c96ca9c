"""Stress scenarios as files: a TOML file a scenario, checked when it is read."""

import os
import tomllib
from collections.abc import Iterable
from datetime import date
from itertools import pairwise
from operator import attrgetter
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, ValidationError, model_validator

FOLDER = Path(__file__).with_name("scenarios")
UNITS = {
    "spot": ("percent",),
    "commodity": ("percent",),
    "fx": ("percent",),
    "zero": ("basis_points",),
    "vol": ("percent", "vol_points"),
}
SIZES = ("percent", "basis_points", "vol_points")
AXES = {"months": ("zero", "vol"), "moneyness": ("vol",)}

Numbers = tuple[FiniteFloat, ...]
File = tuple[Path, int, int]


class ScenarioError(ValueError):
    """A scenario file that cannot be used: names the file, what is wrong and what may be written."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Shock(_Part):
    kind: Literal["spot", "commodity", "fx", "zero", "vol"]
    owners: tuple[str, ...] = ()
    percent: FiniteFloat | Numbers | None = None
    basis_points: FiniteFloat | Numbers | None = None
    vol_points: FiniteFloat | Numbers | None = None
    months: Numbers = ()
    moneyness: Numbers = ()

    @property
    def unit(self) -> str:
        """The one key that holds the size; ValueError for none or several."""
        given = [name for name in SIZES if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(f"write the size once, as one of {', '.join(UNITS[self.kind])}")
        return given[0]

    @property
    def along(self) -> str:
        """The one key that holds the nodes, or none; ValueError for both."""
        given = [name for name in AXES if getattr(self, name)]
        if len(given) > 1:
            raise ValueError("write months or moneyness, not both")
        return "".join(given)

    @model_validator(mode="after")
    def _fits(self) -> Self:
        sizes, nodes = self.sizes, self.nodes
        if self.unit not in UNITS[self.kind]:
            raise ValueError(f"{self.unit} does not move {self.kind}; write {' or '.join(UNITS[self.kind])}")
        if self.along and self.kind not in AXES[self.along]:
            raise ValueError(f"{self.along} is for {' and '.join(AXES[self.along])}, not for {self.kind}; leave it out")
        if len(sizes) != (len(nodes) or 1):
            raise ValueError(f"{self.unit} has {len(sizes)} sizes for {len(nodes)} nodes; write one size a node")
        if any(b <= a for a, b in pairwise(nodes)):
            raise ValueError(f"{self.along} must rise from node to node")
        if self.unit == "percent" and self.kind != "commodity" and min(sizes) <= -100:
            raise ValueError("percent must be above -100: nothing is worth less than nothing")
        return self

    @property
    def sizes(self) -> Numbers:
        """One size, or one a node."""
        size = getattr(self, self.unit)
        return size if isinstance(size, tuple) else (size,)

    @property
    def nodes(self) -> Numbers:
        """The nodes that the sizes belong to."""
        return getattr(self, self.along) if self.along else ()

    def record(self) -> dict[str, Any]:
        """As `app.risk.stress.Shock` takes it."""
        return {
            "kind": self.kind,
            "size": self.sizes,
            "unit": self.unit,
            "owners": self.owners,
            "along": self.along,
            "nodes": self.nodes,
        }


class _Scenario(_Part):
    title: str = Field(min_length=1)
    kind: Literal["historical", "hypothetical"]
    note: str = ""
    first: date | None = None
    last: date | None = None
    shocks: tuple[_Shock, ...] = ()

    @model_validator(mode="after")
    def _whole(self) -> Self:
        dated, shocked = self.first is not None and self.last is not None, bool(self.shocks)
        if self.kind == "historical" and (not dated or shocked):
            raise ValueError("a historical scenario has first and last, two dates, and no shocks")
        if self.kind == "hypothetical" and (self.first or self.last or not shocked):
            raise ValueError("a hypothetical scenario has [[shocks]] and no dates")
        if self.first and self.last and self.last <= self.first:
            raise ValueError("last must be after first")
        return self


def scenario_files(*folders: Path) -> tuple[File, ...]:
    """The files of all folders with their moment of change and size; of two of one name that of the later folder."""
    there = (folder for folder in folders if folder.is_dir())
    found = (file for folder in there for file in sorted(os.scandir(folder), key=attrgetter("name")))
    named = {file.name: file for file in found if file.name.endswith(".toml")}
    return tuple((Path(file), file.stat().st_mtime_ns, file.stat().st_size) for file in named.values())


def scenarios(files: Iterable[File]) -> tuple[dict[str, Any], ...]:
    """Every scenario of the files as a plain record for `app.risk.stress.Scenario.of`; its name is its file's.

    Crises first, in time, then shocks by name. ScenarioError that names file, key and remedy for the first file that is
    not usable, and for a title that two files share.
    """
    found = sorted((read_scenario(file) for file, *_ in files), key=_order)
    titles = [record["title"] for record in found]
    for record in found:
        if titles.count(record["title"]) > 1:
            raise ScenarioError(f"{record['name']}.toml: title: another scenario is called so; choose another title")
    return tuple(found)


def read_scenario(file: Path) -> dict[str, Any]:
    """One scenario file as a plain record; ScenarioError with one line a mistake."""
    try:
        scenario = _Scenario.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ScenarioError(f"{file.name}: the scenario file cannot be read: {error}") from None
    except ValidationError as error:
        wrong = "; ".join(_said(one) for one in error.errors())
        raise ScenarioError(f"{file.name}: {wrong}; see docs/stress.md") from None
    record = scenario.model_dump(exclude={"shocks"})
    return {"name": file.stem, **record, "shocks": tuple(shock.record() for shock in scenario.shocks)}


def _said(error: Any) -> str:
    place = ".".join(str(part) for part in error["loc"]) or "the file"
    if error["type"] == "extra_forbidden":
        return f"{place}: there is no such key; correct its spelling or take it out"
    if error["type"] == "missing":
        return f"{place}: it is missing; add it"
    return f"{place}: {str(error['msg']).removeprefix('Value error, ')}"


def _order(record: dict[str, Any]) -> tuple[bool, str, str]:
    return record["kind"] != "historical", str(record["first"] or ""), record["name"]
