"""Filters of posts: where they work, what they do, and how a keyword is found in a text (limits_and_rules section 17).

Keywords are looked for one by one with plain text search, so that no combination of keyword and text takes long.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

import regex

CONTEXTS = ("home", "notifications", "public", "thread", "account")
ACTIONS = ("warn", "hide", "blur")
MAX_TITLE = 256
MAX_KEYWORD = 512
MOST_FILTERS = 200
"""Of one person."""
MOST_KEYWORDS = 1_000
"""Of all filters of one person."""
MOST_STATUSES = 2_000
"""Singled out by all filters of one person."""
LONGEST = 10 * 365 * 86_400
"""Seconds; a filter that is to last longer can be without an end."""
SEARCHED = 20_000
"""Characters of a post in which keywords are looked for."""


MOST_PLACES = 1_000
"""Where a phrase stands so often within longer words, it is looked for no further."""

_WORDS = regex.compile(r"[\p{L}\p{M}\p{Nd}\p{Pc}]++")


@dataclass(frozen=True, slots=True)
class Keyword:
    """Something to look for, ready to be found."""

    folded: str
    at_start: bool
    """Only where a word begins."""
    at_end: bool
    """Only where a word ends."""
    word: bool
    """It is a single word, and only found as such."""


class Searched:
    """A text to look in, without regard to capitals; of a very long one the beginning."""

    __slots__ = ("_starts", "_words", "folded", "text")

    def __init__(self, text: str) -> None:
        self.text = unicodedata.normalize("NFC", text[:SEARCHED])
        self.folded = self.text.casefold()
        self._starts: list[int] | None = None
        self._words: dict[str, tuple[int, int]] | None = None

    def word(self, folded: str) -> tuple[int, int] | None:
        """Where this word first stands by itself."""
        if self._words is None:
            self._words = {}
            for match in _WORDS.finditer(self.text):
                self._words.setdefault(match[0].casefold(), match.span())
        return self._words.get(folded)

    def place(self, start: int, end: int) -> tuple[int, int] | None:
        """A part of the folded text in the text itself; None where it begins or ends within a sign (ß is two)."""
        if len(self.folded) == len(self.text):
            return start, end
        if self._starts is None:
            self._starts = [0, *accumulate(len(sign.casefold()) for sign in self.text)]
        first, last = bisect_left(self._starts, start), bisect_left(self._starts, end)
        whole = self._starts[first] == start and self._starts[last] == end
        return (first, last) if whole else None


def keyword(text: str, whole_word: bool) -> Keyword:
    """A keyword as people wrote it. A word's edge is asked for only on sides where the keyword has a letter."""
    plain = unicodedata.normalize("NFC", text)
    word = whole_word and _WORDS.fullmatch(plain) is not None
    return Keyword(plain.casefold(), whole_word and in_word(plain[:1]), whole_word and in_word(plain[-1:]), word)


def first_match(keywords: Sequence[Keyword], text: Searched) -> str | None:
    """What is found first in the text, as it stands there; where two begin together, the first keyword counts."""
    found: tuple[int, int] | None = None
    for one in keywords:
        place = text.word(one.folded) if one.word else _find(one, text)
        if place is not None and (found is None or place[0] < found[0]):
            found = place
    return text.text[found[0] : found[1]] if found is not None else None


def in_word(sign: str) -> bool:
    """Whether a sign belongs to words: letters and marks of all scripts, digits, and what joins (the underscore)."""
    return _WORDS.match(sign) is not None


def _find(one: Keyword, text: Searched) -> tuple[int, int] | None:
    at = text.folded.find(one.folded) if one.folded else -1
    for _ in range(MOST_PLACES):
        if at < 0:
            return None
        place = text.place(at, at + len(one.folded))
        if place is not None and _fits(one, text.text, *place):
            return place
        at = text.folded.find(one.folded, at + 1)
    return None


def _fits(one: Keyword, text: str, start: int, end: int) -> bool:
    if one.at_start and start and in_word(text[start - 1]):
        return False
    return not (one.at_end and in_word(text[end : end + 1]))
