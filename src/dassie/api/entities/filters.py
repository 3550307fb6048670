"""Filter entities, of version 2 and of version 1."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dassie.api.entities.values import stamp
from dassie.store.filters import Filter, Keyword, Singled


def show_filter(
    one: Filter, keywords: Sequence[Keyword] | None = None, singled: Sequence[Singled] | None = None
) -> dict[str, Any]:
    """A filter; with its keywords and posts where they are given, as in answers about filters."""
    shown: dict[str, Any] = {
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


def show_keyword(one: Keyword) -> dict[str, Any]:
    """A keyword of a filter."""
    return {"id": str(one.id), "keyword": one.keyword, "whole_word": one.whole_word}


def show_singled(one: Singled) -> dict[str, Any]:
    """A post that a filter singles out."""
    return {"id": str(one.id), "status_id": str(one.status_id)}


def show_old(one: Filter, keyword: Keyword) -> dict[str, Any]:
    """A keyword as version 1 shows it: with what its filter says, and the keyword's id."""
    return {
        "id": str(keyword.id),
        "phrase": keyword.keyword,
        "context": one.contexts,
        "expires_at": stamp(one.expires_at),
        "irreversible": one.action == "hide",
        "whole_word": keyword.whole_word,
    }
