"""What an HTML page says of itself for a card: JSON-LD, OpenGraph, Twitter cards, then plain title and description."""

from __future__ import annotations

import re
from functools import cache
from html import escape, unescape
from typing import Any
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct
from selectolax.lexbor import LexborHTMLParser

from dassie.domain.cards import MAX_DESCRIPTION, MAX_NAME, MAX_TITLE, Details, card_url, line, moment, side
from dassie.domain.html_shape import TOKEN
from dassie.domain.languages import valid_language

MAX_PAGE = 1_000_000
"""Characters that are parsed."""
MAX_SCRIPTS = 10
MAX_SCRIPT = 200_000
MAX_TAGS = 2_000
MAX_STEPS = 60_000
"""Tags that are looked at; what a page says of itself stands at its beginning."""
MAX_ITEMS = 50
_ARTICLES = frozenset(
    {"Article", "NewsArticle", "ReportageNewsArticle", "BlogPosting", "SocialMediaPosting", "TechArticle", "WebPage"}
)
_TOLD = frozenset({"html", "meta", "link", "title", "script"})
_RAW = frozenset({"script", "style", "title", "textarea", "iframe", "xmp", "noembed", "noframes"})
"""Elements in which nothing is a tag but their own end."""
# Some wrap their JSON into a commented CDATA section.
_CDATA = re.compile(r"(?:/\*|//)?\s{0,20}(?:<!\[CDATA\[|\]\]>)\s{0,20}(?:\*/)?")
_CREATOR = re.compile(r"@?([A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?)@([A-Za-z0-9.-]{1,253}(?::[0-9]{2,5})?)\Z")
_TO_OEMBED = {"application/json+oembed", "text/json+oembed"}


class Page(Struct, frozen=True):
    """A page, taken apart."""

    details: Details
    oembed_url: str | None
    """Where the page says a description of it is, as JSON (oembed.com section 4)."""


def read_page(html: str, url: str) -> Page:
    """What the page at `url` says. Never raises; the title is empty where it has none."""
    tree = LexborHTMLParser(only(html[:MAX_PAGE], _TOLD))
    meta, links = _meta(tree), _links(tree)
    article = _article(tree)
    canonical = _same_host(links.get("canonical") or meta.get("og:url"), url) or url
    player = card_url(meta.get("twitter:player", ""), url) or ""
    width, height = side(meta.get("twitter:player:width")), side(meta.get("twitter:player:height"))
    author, publisher = _named(article.get("author")), _named(article.get("publisher"))
    if player and urlsplit(player).scheme != "https":
        player = ""
    details = Details(
        url=canonical,
        type="video" if player else "link",
        title=line(_text(article.get("headline")) or meta.get("og:title") or _title(tree), MAX_TITLE),
        description=line(
            _text(article.get("description")) or meta.get("og:description") or meta.get("description"),
            MAX_DESCRIPTION,
        ),
        language=valid_language(_language(article) or meta.get("og:locale") or _html_language(tree)),
        author_name=line(
            author.get("name") or meta.get("og:author") or meta.get("og:author:username") or meta.get("author"),
            MAX_NAME,
        ),
        author_url=card_url(author.get("url", ""), url) or "",
        creator=_creator(meta.get("fediverse:creator")),
        provider_name=line(publisher.get("name") or meta.get("og:site_name"), MAX_NAME),
        provider_url=_site(meta.get("og:site")),
        html=iframe(player, width, height) if player else "",
        embed_url=card_url(meta.get("twitter:player:stream", ""), url) or "",
        width=width,
        height=height,
        image_url=card_url(meta.get("og:image") or meta.get("twitter:image") or _image(article), url),
        image_description=line(meta.get("og:image:alt") or meta.get("twitter:image:alt"), MAX_DESCRIPTION),
        published_at=moment(article.get("datePublished")) or moment(meta.get("article:published_time")),
    )
    return Page(details, card_url(links.get("oembed", ""), url))


def iframe(url: str, width: int, height: int) -> str:
    """A player in a frame, which is all that a card's HTML may be."""
    sizes = "".join(f' {name}="{value}"' for name, value in (("width", width), ("height", height)) if value)
    return (
        f'<iframe src="{escape(url)}"{sizes} allowfullscreen="true" scrolling="no" frameborder="0" '
        'sandbox="allow-scripts allow-same-origin allow-popups allow-popups-to-escape-sandbox allow-forms"></iframe>'
    )


def only(html: str, names: frozenset[str]) -> str:
    """The tags of these names with what is inside raw ones, and nothing else: at most `MAX_TAGS`, in linear time.

    A parser takes minutes for a page of nothing but nested boxes (lexbor 2.5 looks through all that are open, for
    each), and none of them says anything of the page.
    """
    parts: list[str] = []
    starts = _starts_of(names)
    at = 0
    for _ in range(MAX_STEPS):
        start = starts.search(html, at)
        token = TOKEN.match(html, start.start()) if start else None
        if start is None or token is None or len(parts) >= MAX_TAGS:
            break
        at, name = token.end(), (start[1] or "").lower()
        inside = ""
        if name in _RAW:
            end = _end_of(name).search(html, at)
            inside = html[at : end.start() if end else len(html)] + f"</{name}>"
            at = end.end() if end else len(html)
        if name in names and token[0].endswith(">"):
            parts.append(token[0] + inside)
    return "".join(parts)


@cache
def _starts_of(names: frozenset[str]) -> re.Pattern[str]:
    return re.compile(rf"<(?:!--|({'|'.join(sorted(names | _RAW))})(?=[\s/>]))", re.IGNORECASE)


@cache
def _end_of(name: str) -> re.Pattern[str]:
    return re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE)


# Its tags --------------------------------------------------------------------------------------------


def _meta(tree: LexborHTMLParser) -> dict[str, str]:
    """What the meta tags say, by name or property; the first of each counts."""
    found: dict[str, str] = {}
    for tag in tree.css("meta[content]")[:MAX_TAGS]:
        given = tag.attributes
        content = (given.get("content") or "").strip()
        for name in (given.get("property"), given.get("name")):
            if name and content:
                found.setdefault(name.strip().lower()[:100], content)
    return found


def _links(tree: LexborHTMLParser) -> dict[str, str]:
    """Addresses of the canonical page and of its oEmbed description."""
    found: dict[str, str] = {}
    for tag in tree.css("link[href]")[:MAX_TAGS]:
        given = tag.attributes
        href = (given.get("href") or "").strip()
        if "canonical" in (given.get("rel") or "").lower().split():
            found.setdefault("canonical", href)
        elif (given.get("type") or "").strip().lower() in _TO_OEMBED:
            found.setdefault("oembed", href)
    return found


def _title(tree: LexborHTMLParser) -> str:
    title = tree.css_first("head > title") or tree.css_first("title")
    return title.text() if title is not None else ""


def _html_language(tree: LexborHTMLParser) -> str | None:
    root = tree.css_first("html")
    return root.attributes.get("lang") if root is not None else None


def _same_host(url: str | None, page: str) -> str | None:
    """Of itself a page may only speak as one of its own host."""
    absolute = card_url(url or "", page)
    return absolute if absolute and urlsplit(absolute).netloc == urlsplit(page).netloc else None


def _site(told: str | None) -> str:
    if not told:
        return ""
    return card_url(told if told.startswith(("http://", "https://")) else f"http://{told}") or ""


def _creator(told: str | None) -> str:
    found = _CREATOR.match((told or "").strip()[:400])
    return f"{found[1]}@{found[2].lower()}" if found else ""


# JSON-LD ---------------------------------------------------------------------------------------------


def _article(tree: LexborHTMLParser) -> dict[str, Any]:
    """The first thing in the page's JSON-LD that is an article or a page; without any, nothing."""
    for script in tree.css('script[type="application/ld+json"]')[:MAX_SCRIPTS]:
        told = _CDATA.sub(" ", script.text()[:MAX_SCRIPT])
        for text in dict.fromkeys((told, unescape(told))):  # some escape what needs no escaping
            try:
                decoded = msgspec.json.decode(text)
            except (msgspec.DecodeError, RecursionError, UnicodeError):
                continue
            for one in _items(decoded):
                if not _ARTICLES.isdisjoint(_kinds(one.get("@type"))):
                    return one
    return {}


def _items(decoded: Any) -> list[dict[str, Any]]:
    """The objects at its root, and those of a graph at its root."""
    roots = decoded if isinstance(decoded, list) else [decoded]
    found: list[dict[str, Any]] = []
    for root in roots[:MAX_ITEMS]:
        if isinstance(root, dict):
            graph = root.get("@graph")
            inner = graph[:MAX_ITEMS] if isinstance(graph, list) else []
            found += [one for one in [root, *inner] if isinstance(one, dict)]
    return found


def _kinds(value: Any) -> list[str]:
    found = value if isinstance(value, list) else [value]
    return [one for one in found if isinstance(one, str)]


def _first(value: Any) -> Any:
    return (value[0] if value else None) if isinstance(value, list) else value


def _text(value: Any) -> str:
    found = _first(value)
    return unescape(found) if isinstance(found, str) else ""


def _named(value: Any) -> dict[str, str]:
    """`name` and `url` of a person or an organisation, of which some give only the name."""
    found = _first(value)
    if isinstance(found, str):
        return {"name": unescape(found)}
    given = found if isinstance(found, dict) else {}
    return {name: _text(given.get(name)) for name in ("name", "url")}


def _image(article: dict[str, Any]) -> str:
    found = _first(article.get("image"))
    return _text(found.get("url") if isinstance(found, dict) else found)


def _language(article: dict[str, Any]) -> str | None:
    found = _first(article.get("inLanguage"))
    if isinstance(found, dict):
        found = found.get("alternateName") or found.get("name")
    return found if isinstance(found, str) else None
