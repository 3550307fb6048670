"""What `dassie doctor` says: one finding per check, with its cause and its cure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check."""

    level: Literal["ok", "warn", "fail"]
    what: str
    cause: str = ""
    cure: str = ""

    def lines(self) -> list[str]:
        """As it is printed."""
        out = [f"{self.level:<5} {self.what}"]
        if self.cause:
            out.append(f"      Cause: {self.cause}")
        if self.cure:
            out.append(f"      Cure:  {self.cure}")
        return out


def ok(what: str) -> Finding:
    return Finding("ok", what)


def warn(what: str, cause: str, cure: str) -> Finding:
    return Finding("warn", what, cause, cure)


def fail(what: str, cause: str, cure: str) -> Finding:
    return Finding("fail", what, cause, cure)
