"""What an endpoint takes, as its route declares it: `takes=[take.text("title", required=True), take.flag("local")]`.

The API's description is made of it, and under test a call that reads what its route does not declare fails
(`door/forms.py`), so a declaration says all there is. Names are bare: `a[]` and `a[b]` follow from the kind.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "text",
    "word",
    "flag",
    "integer",
    "limit",
    "id",
    "time",
    "texts",
    "ids",
    "words",
    "file",
    "object",
    "objects",
    "header",
]


@dataclass(frozen=True, slots=True)
class Take:
    """One parameter."""

    name: str
    kind: Kind
    says: str = ""
    """What the name does not tell."""
    required: bool = False
    least: int | None = None
    most: int | None = None
    """The largest number, or how many characters or values at most."""
    default: int | None = None
    words: tuple[str, ...] = ()
    """The words that are understood; a `text` may be another one too."""
    inside: tuple[Take, ...] = ()
    """What an object holds; nothing: any names."""


def text(name: str, says: str = "", *, required: bool = False, most: int | None = None) -> Take:
    """A text."""
    return Take(name, "text", says, required, most=most)


def word(name: str, allowed: Collection[str], says: str = "", *, required: bool = False) -> Take:
    """One of a few words."""
    return Take(name, "word", says, required, words=_ordered(allowed))


def flag(name: str, says: str = "", *, required: bool = False) -> Take:
    """Yes or no."""
    return Take(name, "flag", says, required)


def integer(
    name: str, says: str = "", *, least: int | None = None, most: int | None = None, required: bool = False
) -> Take:
    """A whole number within bounds."""
    return Take(name, "integer", says, required, least, most)


def id(name: str, says: str = "", *, required: bool = False) -> Take:
    """An id."""
    return Take(name, "id", says, required)


def time(name: str, says: str = "", *, required: bool = False) -> Take:
    """A time, ISO 8601."""
    return Take(name, "time", says, required)


def texts(name: str, says: str = "", *, most: int | None = None, required: bool = False) -> Take:
    """Several texts."""
    return Take(name, "texts", says, required, most=most)


def words(name: str, allowed: Collection[str], says: str = "", *, most: int | None = None) -> Take:
    """Several words; unknown ones are passed over or refused by what reads them."""
    return Take(name, "words", says, most=most, words=_ordered(allowed))


def ids(name: str, says: str = "", *, most: int = 80, required: bool = False) -> Take:
    """Several ids."""
    return Take(name, "ids", says, required, most=most)


def file(name: str, says: str = "", *, required: bool = False) -> Take:
    """A file, in a multipart body."""
    return Take(name, "file", says, required)


def object(name: str, inside: Sequence[Take] = (), says: str = "", *, required: bool = False) -> Take:
    """Something with parts: `name[part]`, or an object of JSON."""
    return Take(name, "object", says, required, inside=tuple(inside))


def objects(name: str, inside: Sequence[Take], says: str = "") -> Take:
    """A list of such."""
    return Take(name, "objects", says, inside=tuple(inside))


def header(name: str, says: str = "") -> Take:
    """A header of the request that means something here."""
    return Take(name, "header", says)


def limit(default: int, most: int) -> Take:
    """How many are wanted; more than there may be means as many as there may be."""
    return Take("limit", "limit", least=0, most=most, default=default)


def page(default: int, most: int) -> tuple[Take, ...]:
    """The part of a list: the cursors stand in the Link header of the answer."""
    return (id("max_id"), id("since_id"), id("min_id"), limit(default, most))


def _ordered(allowed: Collection[str]) -> tuple[str, ...]:
    return tuple(sorted(allowed) if isinstance(allowed, (set, frozenset)) else allowed)
