"""How values look, for those who read the API's description: marks in annotations, without effect at run time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, NotRequired, TypedDict


@dataclass(frozen=True, slots=True)
class Shape:
    """A text of a certain form, in the words of JSON Schema."""

    format: str = ""
    pattern: str = ""
    says: str = ""


class Words(tuple[str, ...]):
    """The words that a text may be: `Annotated[str, Words("public", "private")]`."""

    __slots__ = ()

    def __new__(cls, *words: str) -> Words:
        return super().__new__(cls, words)


Id = Annotated[str, Shape(pattern="^-?[0-9]{1,19}$")]
Stamp = Annotated[str, Shape(format="date-time")]
Day = Annotated[str, Shape(format="date")]
Url = Annotated[str, Shape(format="uri")]
Html = Annotated[str, Shape(says="HTML")]
Digits = Annotated[str, Shape(pattern="^[0-9]+$", says="A number as text")]

Visibility = Annotated[str, Words("public", "unlisted", "private", "direct")]
QuotePolicy = Annotated[str, Words("public", "followers", "nobody")]


class Empty(TypedDict):
    """Nothing more to say."""


class Error(TypedDict):
    """Why something is refused."""

    error: str
    error_description: NotRequired[str]
    details: NotRequired[dict[str, list[dict[str, str]]]]
