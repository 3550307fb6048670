"""The text of a post: body, title, warning and language, and how they are put together."""

from __future__ import annotations

import re
from html import escape, unescape
from typing import Any

from msgspec import Struct

from dassie.federation.vocab.values import language, line, text

MAX_CONTENT = 200_000
MAX_TITLE = 500
MAX_SUMMARY = 20_000
MAX_LANGUAGES = 50

NATIVE = frozenset({"Note", "Question"})
CONVERTED = frozenset({"Article", "Page", "Video", "Audio", "Image", "Event"})
STATUS_TYPES = NATIVE | CONVERTED

_TAG = re.compile(r"<[^<>]{0,2000}>")
_BLANK_LINES = re.compile(r"\n[ \t]*(?:\n[ \t]*)+")


class Content(Struct, frozen=True):
    """What is written. `html` is raw: sanitise before use. `title` and `warning` are as sent."""

    html: str
    title: str
    warning: str
    language: str | None
    is_empty: bool
    """Whether the document has no body of its own."""


def mapping_of(type_name: str) -> str:
    """`native`, `converted` or `unsupported`: what becomes of an object of this type."""
    if type_name in NATIVE:
        return "native"
    return "converted" if type_name in CONVERTED else "unsupported"


def read_content(doc: dict[str, Any], type_name: str, link: str | None) -> Content:
    """Body and titles of an object.

    A title becomes a heading above the body. A converted type whose body is missing shows its summary,
    and always ends with `link`: its own page shows more than we do. Its summary is never a warning.
    """
    body, spoken = _in_language(doc, "content", MAX_CONTENT)
    title, title_language = _in_language(doc, "name", MAX_TITLE)
    summary, summary_language = _in_language(doc, "summary", MAX_SUMMARY)
    title = line(title, MAX_TITLE)
    body = as_html(body, doc.get("mediaType"))
    converted = mapping_of(type_name) == "converted"
    return Content(
        html=_converted(title, body or summary, link) if converted else _headed(title, body),
        title=title,
        warning="" if converted else summary.strip(),
        language=spoken or title_language or summary_language or _declared_language(doc),
        is_empty=not body.strip(),
    )


def as_html(body: str, media_type: Any) -> str:
    """The body as HTML; Markdown and plain text (PeerTube) become escaped paragraphs."""
    kind = text(media_type, 100).partition(";")[0].strip().lower()
    if kind not in ("text/markdown", "text/plain") or not body.strip():
        return body
    blocks = _BLANK_LINES.split(body.replace("\r\n", "\n").strip())
    return "".join(f"<p>{escape(block, quote=False).replace(chr(10), '<br>')}</p>" for block in blocks)


def _headed(title: str, body: str) -> str:
    """The title above the body, unless the body begins with it, as some forums have it."""
    if not title or _start_of(body, title).startswith(title):
        return body
    return f"<h2>{escape(title)}</h2>{body}"


def _converted(title: str, body: str, link: str | None) -> str:
    heading = f"<h2>{escape(title)}</h2>" if title else ""
    if title and _start_of(body, title) == title:
        body = ""  # lotide repeats the title as the body
    elif body and not body.lstrip().startswith("<"):
        body = f"<p>{body}</p>"
    shown = escape(link or "")
    return f'{heading}{body}<p><a href="{shown}">{shown}</a></p>' if link else heading + body


def _start_of(body: str, title: str) -> str:
    """The first words of a body, enough to compare with the title."""
    return unescape(_TAG.sub("", body[: 2 * len(title) + 500])).strip()


def _in_language(doc: dict[str, Any], name: str, limit: int) -> tuple[str, str | None]:
    """A text and its language. Of a map with several, the entry equal to the plain text, else the first."""
    plain = text(doc.get(name), limit)
    texts = doc.get(f"{name}Map")
    if type(texts) is not dict or not texts:
        return plain, None
    first = ""
    for key, value in list(texts.items())[:MAX_LANGUAGES]:
        first = first or key
        if type(value) is not str:
            continue
        if not plain:
            return text(value, limit), language(key)
        if text(value, limit) == plain:
            return plain, language(key)
    return plain, language(first)


def _declared_language(doc: dict[str, Any]) -> str | None:
    """Lemmy and PeerTube: `language {identifier, name}`; others: a bare tag."""
    found = doc.get("language")
    return language(found.get("identifier") if type(found) is dict else found)
