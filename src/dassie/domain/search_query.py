"""What somebody types into the search of posts, taken apart (limits_and_rules section 18). Nothing here can fail."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Literal, TypeVar

import regex

from dassie.domain.languages import valid_language
from dassie.domain.search_words import words_of
from dassie.domain.text import normalise_tag

MAX_LENGTH = 4_096
MAX_TERMS = 32
MAX_RANGES = 4

PROPERTIES = frozenset({"image", "video", "audio", "media", "poll", "link", "embed", "sensitive", "reply", "quote"})
"""What `has:` and `is:` take; both words share the list."""

T = TypeVar("T")
Place = Literal["library", "public"]
Words = tuple[str, ...]
Span = tuple[datetime, datetime]

_TERM = regex.compile(r'([+-]?)(?:([A-Za-z]{2,8}):)?(?:"([^"]*+)"?|([^\s"]++))')
_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»", '"'))
_AUTHOR = regex.compile(r"@?([A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?)(?:@([\p{L}\p{M}\p{N}.:-]{1,253}))?")
_DATE = regex.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2})(?:T[0-9:.Z+-]*)?)?)?")


@dataclass(frozen=True, slots=True)
class Author:
    """Whose posts: `me`, or a handle. `domain` is empty where none was typed."""

    username: str
    domain: str = ""

    @property
    def me(self) -> bool:
        return not self.username


@dataclass(slots=True)
class Side:
    """One side of a query: what must be, or what must not be."""

    phrases: list[Words] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    properties: list[str] = field(default_factory=list)
    languages: list[str] = field(default_factory=list)
    authors: list[Author] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)

    @property
    def empty(self) -> bool:
        return not any((self.phrases, self.tags, self.properties, self.languages, self.authors, self.places))


@dataclass(slots=True)
class SearchQuery:
    """All terms hold at once. Times: `not_before` <= post < `before`, and outside every one of `outside`."""

    must: Side = field(default_factory=Side)
    must_not: Side = field(default_factory=Side)
    not_before: datetime | None = None
    before: datetime | None = None
    outside: list[Span] = field(default_factory=list)

    @property
    def empty(self) -> bool:
        """Whether nothing at all is asked for."""
        limited = self.not_before is not None or self.before is not None or bool(self.outside)
        return self.must.empty and self.must_not.empty and not limited


def parse(text: str, zone: tzinfo = UTC) -> SearchQuery:
    """The query in a text. Terms past `MAX_TERMS` are ignored; an operator with a strange value is plain text.

    Days begin and end as they do in `zone`.
    """
    query = SearchQuery()
    for count, term in enumerate(_TERM.finditer(text[:MAX_LENGTH].translate(_QUOTES))):
        if count >= MAX_TERMS:
            break
        sign, operator, quoted, bare = term.groups()
        side = query.must_not if sign == "-" else query.must
        value = (quoted if quoted is not None else bare).strip()
        if operator is not None and _operate(query, side, operator.lower(), value, zone):
            continue
        if operator is not None:
            value = f"{operator} {value}"
        _add_text(side, value, tag=operator is None and quoted is None)
    return query


def _add_text(side: Side, value: str, *, tag: bool) -> None:
    if tag and value[:1] in ("#", "＃"):
        name = normalise_tag(value)
        if name:
            side.tags.append(name)
        return
    words = tuple(words_of(value)[:MAX_TERMS])
    if words:
        side.phrases.append(words)


def _operate(query: SearchQuery, side: Side, operator: str, value: str, zone: tzinfo) -> bool:
    """Apply `operator:value`; False where it is none of ours or has a value that it does not take."""
    if operator in ("has", "is"):
        return _keep(side.properties, value.lower() if value.lower() in PROPERTIES else None)
    if operator == "language":
        return _keep(side.languages, valid_language(value))
    if operator == "from":
        return _keep(side.authors, _author(value))
    if operator == "in":
        return _place(side, value.lower())
    if operator in ("before", "after", "during"):
        span = _span(value, zone)
        if span is not None:
            _limit(query, operator, span, negated=side is query.must_not)
        return span is not None
    return False


def _keep(kept: list[T], value: T | None) -> bool:
    if value is None:
        return False
    if value not in kept:
        kept.append(value)
    return True


def _author(value: str) -> Author | None:
    if value.lower() == "me":
        return Author("")
    match = _AUTHOR.fullmatch(value)
    return Author(match[1].lower(), (match[2] or "").lower()) if match else None


def _place(side: Side, value: str) -> bool:
    if value == "library":
        return _keep(side.places, "library")
    if value == "public":
        return _keep(side.places, "public")
    return value == "all"


def _span(value: str, zone: tzinfo) -> Span | None:
    """The day, month, year or moment that a date names; in UTC, as long as it lasts in `zone`."""
    match = _DATE.fullmatch(value)
    if match is None:
        return None
    year, month, day = int(match[1]), int(match[2] or 1), int(match[3] or 1)
    try:
        if "T" in value:
            at = datetime.fromisoformat(value)
            moment = (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)
            return moment, moment + timedelta(milliseconds=1)
        start = datetime(year, month, day, tzinfo=zone)
        if match[3]:
            end = start + timedelta(days=1)  # on the clock of the zone, where a day may have 23 hours
        elif match[2]:
            end = datetime(year + month // 12, month % 12 + 1, 1, tzinfo=zone)
        else:
            end = datetime(year + 1, 1, 1, tzinfo=zone)
        return start.astimezone(UTC), end.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _limit(query: SearchQuery, operator: str, span: Span, *, negated: bool) -> None:
    start, end = span
    if operator == "during" and negated:
        if len(query.outside) < MAX_RANGES:
            query.outside.append(span)
        return
    if (operator == "after") != negated or operator == "during":
        floor = end if operator == "after" else start
        query.not_before = floor if query.not_before is None else max(query.not_before, floor)
    if (operator == "before") != negated or operator == "during":
        ceiling = start if operator == "before" else end
        query.before = ceiling if query.before is None else min(query.before, ceiling)
