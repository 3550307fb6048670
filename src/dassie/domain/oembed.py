"""oEmbed (oembed.com): what a site says about one of its pages, and of its HTML the frame alone."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import msgspec
from msgspec import structs
from selectolax.lexbor import LexborHTMLParser

from dassie.domain.cards import MAX_NAME, MAX_TITLE, Details, card_url, line, side
from dassie.domain.page_details import iframe, only

MAX_HTML = 20_000
_FRAME = frozenset({"iframe"})


def read_oembed(body: bytes, endpoint: str, page: Details) -> Details | None:
    """The card of a page by its oEmbed document; None where that is none, or of a kind that would need scripts.

    What it does not tell comes from the page.
    """
    try:
        told: Any = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        return None
    if not isinstance(told, dict) or str(told.get("version")) not in ("1.0", "1"):
        return None
    common = structs.replace(
        page,
        title=line(told.get("title"), MAX_TITLE) or page.title,
        author_name=line(told.get("author_name"), MAX_NAME) or page.author_name,
        author_url=_url(told, "author_url", endpoint) or page.author_url,
        provider_name=line(told.get("provider_name"), MAX_NAME) or page.provider_name,
        provider_url=_url(told, "provider_url", endpoint) or page.provider_url,
        image_url=_url(told, "thumbnail_url", endpoint) or page.image_url,
        html="",
        embed_url="",
        width=0,
        height=0,
        type="link",
    )
    match told.get("type"):
        case "link":
            return common
        case "photo":
            return _photo(told, endpoint, common)
        case "video":
            return _video(told, endpoint, common)
        case _:
            return None  # rich: mostly scripts


def _photo(told: dict[str, Any], endpoint: str, common: Details) -> Details | None:
    url = _url(told, "url", endpoint)
    if not url:
        return None
    sizes = {"width": side(told.get("width")), "height": side(told.get("height"))}
    return structs.replace(common, type="photo", embed_url=url, image_url=url, **sizes)


def _video(told: dict[str, Any], endpoint: str, common: Details) -> Details | None:
    width, height = side(told.get("width")), side(told.get("height"))
    html = only_frame(told.get("html"), width, height)
    return structs.replace(common, type="video", html=html, width=width, height=height) if html else None


def only_frame(html: object, width: int, height: int) -> str:
    """The first frame in some HTML with a https address, written anew; empty where there is none."""
    if not isinstance(html, str) or len(html) > MAX_HTML:
        return ""
    for frame in LexborHTMLParser(only(html, _FRAME)).css("iframe[src]")[:3]:
        source = (frame.attributes.get("src") or "").strip()
        url = card_url(f"https:{source}" if source.startswith("//") else source)
        if url and urlsplit(url).scheme == "https":
            fragment = urlsplit(source).fragment
            own = (side(frame.attributes.get("width")) or width, side(frame.attributes.get("height")) or height)
            return iframe(f"{url}#{fragment}" if fragment else url, *own)
    return ""


def _url(told: dict[str, Any], name: str, endpoint: str) -> str:
    value = told.get(name)
    return card_url(value, endpoint) or "" if isinstance(value, str) else ""
