"""The table of endpoints, which lies beside the samples and is not ours to commit, as rows to be walked."""

from __future__ import annotations

import csv
import os
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from entities_check import check_entity, definitions
from worlds import Got

LATER = ("undocumented", "admin")
LATER_GROUPS = {"collections_alpha", "fasp"}


@dataclass(frozen=True)
class Row:
    """One endpoint as Mastodon has it."""

    method: str
    path: str
    auth: str
    scopes: str
    returns: str
    params: str

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def path_names(self) -> list[str]:
        return re.findall(r":(\w+)", self.path)

    @property
    def takes(self) -> set[str]:
        """The outermost names of its parameters, without those it ignores and those of the path."""
        named = [one for one in self.params.split(";") if one and ":path" not in one and "(ignored)" not in one]
        return {re.split(r"[\[:]", one)[0] for one in named}

    @property
    def sizes(self) -> tuple[int, int] | None:
        """How many are on a page where nothing is said, and at most; None where the table does not say."""
        found = re.search(r"(?:^|;)limit:\w+\(default=(\d+),max=(\d+)\)", self.params)
        return (int(found[1]), int(found[2])) if found else None

    def words(self) -> dict[str, set[str]]:
        """The words that parameters may be, by their names."""
        found = re.findall(r"(?:^|;)(\w+):String\((\w+(?:\|\w+)+)\)", self.params)
        return {name: set(words.split("|")) for name, words in found}

    def fill(self, values: dict[str, str]) -> str:
        """The path with these in place of its names."""
        return re.sub(r":(\w+)", lambda match: values[match[1]], self.path)


def table_path() -> Path | None:
    """The file with the table; None where this machine has none."""
    samples = os.environ.get("DASSIE_SAMPLES")
    path = Path(samples).parent / "reference" / "mastodon_endpoints.csv" if samples else None
    return path if path is not None and path.is_file() else None


needs_table = pytest.mark.skipif(
    table_path() is None, reason="DASSIE_SAMPLES is not set, or has no ../reference/mastodon_endpoints.csv"
)


@cache
def rows() -> list[Row]:
    """What people's apps use: not what is undocumented, for admins, or gone."""
    path = table_path()
    assert path is not None
    with path.open(newline="") as file:
        found = list(csv.DictReader(file))
    return [
        Row(one["method"], one["path"], one["auth"], one["scopes"], one["returns"], one["params"])
        for one in found
        if not one["group"].startswith(LATER)
        and one["group"] not in LATER_GROUPS
        and "removed" not in one["deprecated_or_removed"]
    ]


def wrong(returns: str, got: Got) -> list[str]:
    """What is wrong with an answer that the table says is `returns`."""
    kind = got.headers.get("content-type", "")
    if returns.startswith("text '"):
        return [] if got.text == returns[6:-1] else [f"{got.text!r} is not {returns}"]
    if returns.startswith("HTML"):
        return [] if "text/html" in kind or got.code in (302, 303) else [f"{kind} is no page"]
    if re.fullmatch(r"[0-9]{3}( or [0-9]{3})?", returns):
        return [] if str(got.code) in returns else [f"{got.code} is not {returns}"]
    if "301" in returns or "JRD" in returns:
        return [] if got.code in (200, 301) and re.search("json|xml", kind) else [f"{got.code} {kind} is not {returns}"]
    if "json" not in kind:
        return [f"{kind} is no JSON"]
    return _wrong(returns.partition(" with ")[0], got.json)


def _wrong(returns: str, shown: Any) -> list[str]:
    if returns == "{}":
        return [] if shown == {} else [f"{shown} is not empty"]
    if returns.startswith("{"):
        return _object(returns[1:-1], shown)
    if "|" in returns and all(one in definitions() for one in returns.split("|")):
        return min((check_entity(one, shown) for one in returns.split("|")), key=len)
    return check_entity(returns, shown)


def _object(described: str, shown: Any) -> list[str]:
    """`name: Type`, or `name: one|of|these`."""
    name, _, kind = described.partition(": ")
    if not isinstance(shown, dict) or set(shown) != {name}:
        return [f"{shown} is not {{{described}}}"]
    if "|" in kind:
        return [] if shown[name] in kind.split("|") else [f"{shown[name]} is none of {kind}"]
    return check_entity(kind, shown[name])
