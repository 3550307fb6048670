"""Link cards: what a page tells of itself, and which addresses may have one."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime
from typing import Literal
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

from msgspec import Struct

from dassie.domain.text import clean

CardType = Literal["link", "photo", "video"]
MAX_URL = 2_000
"""Bytes; addresses are indexed, and PostgreSQL's indexes take some 2,700."""
MAX_TITLE = 500
MAX_DESCRIPTION = 2_000
MAX_NAME = 250
MAX_SIDE = 10_000

_SAFE = "/:?#[]@!$&'()*+,;=%~-._|"


class Details(Struct, frozen=True, kw_only=True):
    """What a card shows. Texts are plain, addresses absolute; empty where nothing is told."""

    url: str
    """As the page calls itself."""
    type: CardType = "link"
    title: str = ""
    description: str = ""
    language: str | None = None
    author_name: str = ""
    author_url: str = ""
    creator: str = ""
    """`user@host` of the account that the page names as its author."""
    provider_name: str = ""
    provider_url: str = ""
    html: str = ""
    """A player: one iframe."""
    embed_url: str = ""
    width: int = 0
    height: int = 0
    image_url: str | None = None
    image_description: str = ""
    published_at: datetime | None = None


def card_url(url: str, base: str = "") -> str | None:
    """The absolute web address of a link, normalised, without its fragment; None where it can have no card."""
    url = clean(url).strip()
    if not url or len(url) > MAX_URL or url == "null":
        return None
    try:
        parts = urlsplit(urljoin(base, url))
        host, port = parts.hostname or "", parts.port
        if parts.scheme.lower() not in ("http", "https") or not host or parts.username or parts.password:
            return None
        name = host if host.isascii() else unicodedata.normalize("NFKC", host).encode("idna").decode("ascii")
    except (ValueError, UnicodeError):
        return None
    if ":" in name:
        name = f"[{name}]"
    scheme = parts.scheme.lower()
    place = name if port in (None, {"http": 80, "https": 443}[scheme]) else f"{name}:{port}"
    path, query = quote(parts.path or "/", safe=_SAFE), quote(parts.query, safe=_SAFE)
    whole = urlunsplit((scheme, place.lower(), path, query, ""))
    return whole if len(whole) <= MAX_URL else None


def line(value: object, most: int) -> str:
    """A text of a page on one line, cut to `most` characters; empty for what is no text."""
    return " ".join(clean(value[: most * 4]).split())[:most].strip() if isinstance(value, str) else ""


def side(value: object) -> int:
    """Pixels, from a number or its text; 0 for everything else."""
    text = str(value).strip().removesuffix("px") if isinstance(value, (int, str)) else ""
    return min(int(text), MAX_SIDE) if text.isascii() and text.isdigit() and len(text) < 6 else 0


def moment(value: object) -> datetime | None:
    """A date or time as pages write it (ISO 8601), in UTC."""
    if not isinstance(value, str) or not 8 <= len(value.strip()) <= 40:
        return None
    try:
        at = datetime.fromisoformat(value.strip())
        at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return at if 1990 <= at.year <= 2200 else None


def may_credit(domains: list[str], url: str) -> bool:
    """Whether an account with these attribution domains lets pages at `url` name it: the domain or one above it."""
    host = (urlsplit(url).hostname or "").lower()
    return any(host == domain or host.endswith(f".{domain}") for one in domains if (domain := one.lower().strip(".")))
