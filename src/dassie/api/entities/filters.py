"""Filter entities, of version 2 and of version 1."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, NotRequired, TypedDict

from dassie.api.entities.shapes import Id, Stamp, Words
from dassie.api.entities.values import stamp
from dassie.store import filters
from dassie.store.filters import Keyword, Singled

Context = Annotated[str, Words("home", "notifications", "public", "thread", "account")]


class FilterKeyword(TypedDict):
    """A word of a filter."""

    id: Id
    keyword: str
    whole_word: bool


class FilterStatus(TypedDict):
    """A post that a filter singles out."""

    id: Id
    status_id: Id


class Filter(TypedDict):
    """What somebody wants to be warned of, or not to see."""

    id: Id
    title: str
    context: list[Context]
    expires_at: Stamp | None
    filter_action: Annotated[str, Words("warn", "hide", "blur")]
    keywords: NotRequired[list[FilterKeyword]]
    statuses: NotRequired[list[FilterStatus]]


class FilterResult(TypedDict):
    """What a filter found in a post."""

    filter: Filter
    keyword_matches: list[str] | None
    status_matches: list[str] | None


class V1Filter(TypedDict):
    """A keyword, as apps of before 4.0 know it."""

    id: Id
    phrase: str
    context: list[Context]
    expires_at: Stamp | None
    irreversible: bool
    whole_word: bool


def show_filter(
    one: filters.Filter, keywords: Sequence[Keyword] | None = None, singled: Sequence[Singled] | None = None
) -> Filter:
    """A filter; with its keywords and posts where they are given, as in answers about filters."""
    shown: Filter = {
        "id": str(one.id),
        "title": one.title,
        "context": one.contexts,
        "expires_at": stamp(one.expires_at),
        "filter_action": one.action,
    }
    if keywords is not None:
        shown["keywords"] = [show_keyword(keyword) for keyword in keywords]
    if singled is not None:
        shown["statuses"] = [show_singled(post) for post in singled]
    return shown


def show_keyword(one: Keyword) -> FilterKeyword:
    """A keyword of a filter."""
    return {"id": str(one.id), "keyword": one.keyword, "whole_word": one.whole_word}


def show_singled(one: Singled) -> FilterStatus:
    """A post that a filter singles out."""
    return {"id": str(one.id), "status_id": str(one.status_id)}


def show_old(one: filters.Filter, keyword: Keyword) -> V1Filter:
    """A keyword as version 1 shows it: with what its filter says, and the keyword's id."""
    return {
        "id": str(keyword.id),
        "phrase": keyword.keyword,
        "context": one.contexts,
        "expires_at": stamp(one.expires_at),
        "irreversible": one.action == "hide",
        "whole_word": keyword.whole_word,
    }
