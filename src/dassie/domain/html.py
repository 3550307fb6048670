"""HTML from other people: what of it is kept, and the plain text in it.

The allow-list is Mastodon's (`federation` 11.3, `limits_and_rules` 11). nh3 decides what survives; what it
cannot do is done around it: headings, pictures and formulas are brought into allowed shapes before, classes
and links are put in order after. Nothing here raises, whatever comes in (CVE-2026-50129 in Mastodon).
"""

from __future__ import annotations

import re
from functools import lru_cache
from html import unescape

import nh3

from dassie.domain.html_shape import TAG_NAME, TOKEN, attributes, needs_reshape, reshape
from dassie.domain.words import words

MAX_INPUT = 200_000
"""Characters that are looked at; the rest is cut off before parsing."""
MAX_LINKS = 10
SCHEMES = words("http https dat dweb ipfs ipns ssb gopher xmpp magnet gemini")
ALLOWED_TAGS = words("p br span a abbr del s pre blockquote code b strong u sub sup i em ul ol li ruby rt rp")

_ATTRIBUTES = {
    "*": {"lang"},
    "a": {"href", "rel", "class", "translate"},
    "span": {"class", "translate"},
    "p": {"class"},
    "abbr": {"title"},
    "blockquote": {"cite"},
    "ol": {"start", "reversed"},
    "li": {"value"},
}
# Elements whose content means nothing to a reader; everything else that is not allowed leaves its text.
_DROPPED = words("script style iframe math noembed noframes noscript plaintext svg template textarea title xmp")
_CLEANER = nh3.Cleaner(
    tags=ALLOWED_TAGS,
    clean_content_tags=_DROPPED,
    attributes=_ATTRIBUTES,
    link_rel=None,
    # Also marks every link, so that the tidying below sees even those without attributes.
    set_tag_attribute_values={"a": {"target": "_blank"}},
    url_schemes=SCHEMES,
    url_relative="deny",
)
# As Mastodon writes the links of local posts.
_ORDER = (
    "href",
    "class",
    "title",
    "cite",
    "target",
    "rel",
    "translate",
    "start",
    "reversed",
    "value",
    "lang",
)
_CLASS = re.compile(r"(?:(?:h|p|u|dt|e)-[a-z0-9-]+|mention|hashtag|ellipsis|invisible|quote-inline)\Z")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
# nh3 writes < and > inside attribute values as entities, so this is one whole opening tag.
_WITH_ATTRIBUTES = re.compile(r"<([a-z]+) ([^<>]*)>")
_PAIR = re.compile(r'([a-z]+)="([^"]*)"')
_PRE_NEWLINES = re.compile(r"(<pre(?: [^<>]*)?>)\n+")
_LINK_TAGS = re.compile(r"\x01|<a |</a>")
_NO_LINK = "\x01"  # stands for an opening <a> that leads nowhere; control characters are gone by then
_BREAKS = frozenset({"br", "/p", "/li", "/pre", "/blockquote", "/div", "/h1", "/h2", "/h3", "/h4", "/h5", "/h6"})
_PARAGRAPHS = frozenset({"/p", "/pre", "/blockquote", "/ul", "/ol"})
_MAX_PASSES = 4


def sanitise(html: str) -> str:
    """HTML that is safe to show and to hand to clients; sanitising it again changes nothing.

    Only allowed tags, attributes and classes are left; links get `rel` and `target`, and those with an
    unknown scheme become their text. Never raises. At most `MAX_INPUT` characters are read and returned.
    """
    html = _decodable(html)
    out = _settled(html)
    if len(out) > MAX_INPUT:  # escaping and link attributes can make it several times as long
        out = _settled(html[: len(html) * MAX_INPUT // len(out) * 3 // 4])
    return out if len(out) <= MAX_INPUT else _as_plain_paragraph(html)


def to_text(html: str) -> str:
    """The words of a post: paragraphs parted by an empty line, other breaks by a newline. Never raises."""
    parts: list[str] = []
    html = html[:MAX_INPUT]
    at = 0
    for token in TOKEN.finditer(html):
        parts.append(html[at : token.start()])
        at = token.end()
        if name := token[1]:
            tag = f"/{name.lower()}" if token[0].startswith("</") else name.lower()
            if tag in _BREAKS or tag in _PARAGRAPHS:
                parts.append("\n\n" if tag in _PARAGRAPHS else "\n")
    parts.append(html[at:])
    text = _CONTROL.sub("", unescape("".join(parts))).replace("\r", "\n")
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def plain(text: str) -> str:
    """A name, warning or poll option as plain text, for those that others send as HTML.

    Tags go, entities are decoded once, whitespace is folded. Text that merely looks like a comparison
    (`a < b`, `<3`) stays. The result is text, so it has to be escaped where it is shown as HTML.
    """
    text = TOKEN.sub(_space_for_break, text[:MAX_INPUT])
    return " ".join(_CONTROL.sub("", unescape(text)).split())


def escape(text: str) -> str:
    """Text made safe for HTML, also inside quoted attributes."""
    return escape_text(text).replace('"', "&quot;").replace("'", "&#39;")


def escape_text(text: str) -> str:
    """Text made safe between tags, written as nh3 writes it; not for attributes."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\xa0", "&nbsp;")


def links(html: str) -> list[str]:
    """Web addresses a link card could be about: not mentions, not hashtags; in order, at most `MAX_LINKS`."""
    found: dict[str, None] = {}
    for token in TOKEN.finditer(html[:MAX_INPUT]):
        if token[1] not in ("a", "A") or token[0].startswith("</"):
            continue
        given = attributes(token[2])
        marks = {*given.get("class", "").split(), *given.get("rel", "").split()}
        if marks.isdisjoint(("mention", "hashtag", "u-url", "tag")):
            href = given.get("href", "").strip()
            if href[:8].lower().startswith(("http://", "https://")):
                found[href] = None
        if len(found) >= MAX_LINKS:
            break
    return list(found)


def _decodable(html: str) -> str:
    """The part that is read, without what cannot be written as UTF-8 and without controls."""
    html = html[:MAX_INPUT]
    if not html.isascii():
        html = html.encode("utf-8", "ignore").decode("utf-8")
    return _without_controls(html)


def _without_controls(html: str) -> str:
    return html if html.isprintable() else _CONTROL.sub("", html)  # the first is quick and usual


def _settled(html: str) -> str:
    """Cleaned until cleaning changes nothing.

    Dropping a tag can leave a nesting that a browser would read differently (`<p>` in `<p>`), which is
    also how sanitisers are tricked. When the tags are the same before and after, nothing was dropped.
    """
    names = TAG_NAME.findall(html)
    reshaping = needs_reshape(names)
    out = _clean_once(reshape(html) if reshaping else html)
    if not reshaping and names == TAG_NAME.findall(out):
        return out
    for _ in range(_MAX_PASSES):
        again = _clean_once(reshape(out) if needs_reshape(TAG_NAME.findall(out)) else out)
        if again == out:
            return out
        out = again
    return _as_plain_paragraph(html)


def _clean_once(html: str) -> str:
    try:
        out = _CLEANER.clean(html)
    except BaseException as error:  # a panic in Rust is not an Exception
        if isinstance(error, (KeyboardInterrupt, SystemExit)):
            raise
        return _as_plain_paragraph(html)
    return _tidy(out)


def _tidy(html: str) -> str:
    """What nh3 wrote, with classes and links in order."""
    html = _without_controls(html).replace("\r", "\n")  # they come back through &#13; and the like
    html = _WITH_ATTRIBUTES.sub(_tidy_tag, html)
    if _NO_LINK in html:
        html = _without_empty_links(html)
    if "<pre" in html:  # a browser swallows one newline there at every reading
        html = _PRE_NEWLINES.sub(r"\1", html)
    return html.replace("<br>", "<br />")


def _tidy_tag(match: re.Match[str]) -> str:
    tag = match[0]
    name, start = match[1], len(match[1]) + 1
    if tag.startswith('<a href="'):
        start = tag.index('"', 9) + 1
        return tag[:start] + _attributes("a", tag[start:-1]) + ">"
    if name == "a" and ' href="' not in tag:
        return _NO_LINK
    return tag[:start] + _attributes(name, tag[start:-1]) + ">"


def _attributes(name: str, text: str) -> str:
    """The inside of a tag in order. Short ones repeat from post to post; long ones would fill the cache."""
    return _short_attributes(name, text) if len(text) <= 120 else _ordered_attributes(name, text)


def _ordered_attributes(name: str, text: str) -> str:
    given = dict(_PAIR.findall(text))
    if name == "a":
        given["rel"] = f"{'tag ' if 'tag' in given.get('rel', '').split() else ''}nofollow noopener"
    return "".join(f' {key}="{value}"' for key in _ORDER if (value := _value(key, given.get(key))) is not None)


_short_attributes = lru_cache(maxsize=1024)(_ordered_attributes)


def _value(key: str, value: str | None) -> str | None:
    """The value an attribute may have, None where it has to go."""
    if value is None:
        return None
    if key == "class":
        kept = " ".join(word for word in value.split() if _CLASS.match(word))
        return kept if kept or not value else None
    if key == "translate":
        return value if value == "no" else None
    if key in ("start", "value"):
        return value if re.fullmatch(r"-?[0-9]{1,9}", value) else None
    if key == "reversed":
        return ""
    if key == "lang":
        return value if re.fullmatch(r"[A-Za-z0-9-]{1,35}", value) else None
    return value


def _without_empty_links(html: str) -> str:
    """Links that lead nowhere become their text: drop their opening and the closing that belongs to it."""
    keeping: list[bool] = []

    def replace(match: re.Match[str]) -> str:
        if match[0] != "</a>":
            keeping.append(match[0] != _NO_LINK)
            return match[0] if keeping[-1] else ""
        return "</a>" if not keeping or keeping.pop() else ""

    return _LINK_TAGS.sub(replace, html)


def _as_plain_paragraph(html: str) -> str:
    """The text alone, for HTML so tangled that it will not settle."""
    text = escape_text(to_text(html)[: MAX_INPUT // 8]).replace("\n", "<br />")
    return f"<p>{text}</p>" if text else ""


def _space_for_break(token: re.Match[str]) -> str:
    if not token[0].endswith(">"):
        return token[0]  # "a <b", meant as it stands
    return " " if (token[1] or "").lower() in ("br", "p", "div", "li") else ""
