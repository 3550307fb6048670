"""Which of two answers somebody wants: the page for people or the document for servers (RFC 9110 section 12.5.1)."""

from __future__ import annotations

from functools import lru_cache

from dassie.door.request import Request

ACTIVITY_TYPES = frozenset({"application/activity+json", "application/ld+json"})
PAGE_TYPES = frozenset({"text/html", "application/xhtml+xml"})
MAX_ACCEPT = 2_000


def wants_activity(request: Request) -> bool:
    """Whether an ActivityPub document is asked for, at least as much as a page. Browsers never do."""
    return _wants_activity(request.headers.get("accept", "")[:MAX_ACCEPT])


@lru_cache(maxsize=256)  # every server of one make sends the same
def _wants_activity(header: str) -> bool:
    wishes = accepted(header)
    activity = max((wishes.get(kind, 0.0) for kind in ACTIVITY_TYPES), default=0.0)
    return activity > 0 and activity >= max(wishes.get(kind, 0.0) for kind in PAGE_TYPES)


def wants_page(request: Request) -> bool:
    """Whether a page is asked for by name, and more than a document."""
    wishes = accepted(request.headers.get("accept", ""))
    return any(wishes.get(kind, 0.0) > 0 for kind in PAGE_TYPES) and not wants_activity(request)


def accepted(header: str) -> dict[str, float]:
    """Media types in an Accept header and how much each is wanted, 0 … 1; what is unreadable counts as 1."""
    wishes: dict[str, float] = {}
    for part in header[:MAX_ACCEPT].split(","):
        kind, *params = part.split(";")
        quality = 1.0
        for param in params:
            name, _, value = param.partition("=")
            if name.strip().lower() == "q":
                quality = _quality(value.strip())
        if kind.strip():
            wishes[kind.strip().lower()] = quality
    return wishes


def _quality(text: str) -> float:
    try:
        return min(max(float(text), 0.0), 1.0)
    except ValueError:
        return 1.0
