"""How values look on a page: times, counts, names with custom emoji, the text of a post."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from html import unescape
from urllib.parse import urlsplit

from babel.dates import format_date, format_datetime
from babel.numbers import format_compact_decimal, format_decimal, format_percent
from markupsafe import Markup, escape

from dassie.domain.urls import Urls
from dassie.store.views import AccountView, EmojiView, MediaView, StatusView
from dassie.web import texts

MINUTE, HOUR, DAY, WEEK = 60, 3600, 86_400, 604_800
FOLD_CHARACTERS, FOLD_BLOCKS = 1100, 12

_TAG = re.compile(r"(<[^>]*>)")
_SHORTCODE = re.compile(r":([A-Za-z0-9_]{2,}):")
_LINK = re.compile(r"<a\b([^>]*)>")
_HREF = re.compile(r'\bhref="([^"]*)"')
_HASHTAG = re.compile(r'<a\b[^>]*\bclass="[^"]*\bhashtag\b[^"]*"[^>]*>.*?</a>', re.S)
_TAG_ADDRESS = re.compile(r"/tags?/([^/?#\"]+)/?$")
_LAST_PARAGRAPH = re.compile(r"<p>((?:(?!</?p>).)*)</p>\s*$", re.S)


def full_time(at: datetime) -> str:
    """Date and time in words, in UTC; a script shows it in the reader's own zone."""
    return _full_time(at.replace(microsecond=0), texts.language())


@lru_cache(maxsize=2000)
def _full_time(at: datetime, language: str) -> str:
    return f"{format_datetime(at, 'long', locale=_babel(language)).removesuffix(' UTC')} UTC"


def day(at: datetime) -> str:
    """The date in words."""
    return format_date(at, "long", locale=_babel(texts.language()))


def ago(at: datetime, now: datetime) -> str:
    """How long ago in the shortest form; a date when older than a week."""
    seconds = max(int((now - at).total_seconds()), 0)
    if seconds < MINUTE:
        return texts.gettext("%(n)ds") % {"n": seconds}
    if seconds < HOUR:
        return texts.gettext("%(n)dm") % {"n": seconds // MINUTE}
    if seconds < DAY:
        return texts.gettext("%(n)dh") % {"n": seconds // HOUR}
    if seconds < WEEK:
        return texts.gettext("%(n)dd") % {"n": seconds // DAY}
    return _short_day(at.date(), at.year == now.year, texts.language())


@lru_cache(maxsize=2000)
def _short_day(at: datetime, this_year: bool, language: str) -> str:
    return format_date(at, "d MMM" if this_year else "d MMM y", locale=_babel(language))


def left(at: datetime, now: datetime) -> str:
    """How long something still runs."""
    seconds = max(int((at - now).total_seconds()), 0)
    if seconds >= 2 * DAY:
        return texts.gettext("%(n)d days left") % {"n": seconds // DAY}
    if seconds >= 2 * HOUR:
        return texts.gettext("%(n)d hours left") % {"n": seconds // HOUR}
    minutes = max(seconds // MINUTE, 1)
    return texts.ngettext("%(n)d minute left", "%(n)d minutes left", minutes) % {"n": minutes}


def count(number: int) -> str:
    """A figure as people read it; from ten thousand on in short, such as 12K."""
    language = _babel(texts.language())
    if number < 10_000:
        return format_decimal(number, locale=language)
    return format_compact_decimal(number, locale=language, fraction_digits=0)


def number(value: int | float) -> str:
    """A figure in full, as tables have it."""
    return format_decimal(value, locale=_babel(texts.language()), format=None if value % 1 == 0 else "#,##0.##")


def percent(share: float) -> str:
    """A share of one, such as 12 %; what is more than nothing never reads as 0 %."""
    pattern = "#,##0.## %" if 0 < share < 0.01 else "#,##0 %"
    return format_percent(share, format=pattern, locale=_babel(texts.language()))


def _babel(language: str) -> str:
    return language.replace("-", "_")


def emojify(text: str | Markup, emojis: Iterable[EmojiView], urls: Urls) -> Markup:
    """A name or HTML with the pictures of custom emoji in the place of their shortcodes.

    A plain `str` is escaped first. Within HTML only text is touched, never a tag.
    """
    html = str(escape(text))
    known = {emoji.shortcode: emoji for emoji in emojis}
    if not known or ":" not in html:
        return Markup(html)  # noqa: S704 - escaped above, or sanitised on its way in

    def picture(match: re.Match[str]) -> str:
        emoji = known.get(match[1])
        return match[0] if emoji is None else _emoji(emoji, urls)

    parts = [part if part.startswith("<") else _SHORTCODE.sub(picture, part) for part in _TAG.split(html)]
    return Markup("".join(parts))  # noqa: S704 - the pieces are escaped or sanitised


def _emoji(emoji: EmojiView, urls: Urls) -> str:
    url = emoji.url if emoji.url.startswith(f"{urls.base}/") else urls.proxied(emoji.url, "emoji")
    name = f":{emoji.shortcode}:"
    return f'<img class="emoji" src="{escape(url)}" alt="{name}" title="{name}" width="20" height="20" loading="lazy">'


def name(account: AccountView, urls: Urls) -> Markup:
    """The name an account goes by, with its custom emoji."""
    return emojify(account.shown_name, account.emojis, urls)


def content(status: StatusView, urls: Urls) -> Markup:
    """A post's text: mentions and hashtags lead to our own pages, trailing hashtags become a row of chips."""
    html = _local_links(status.row.content, {mention.url: mention.acct for mention in status.mentions})
    return emojify(Markup(_chips(html)), status.row.emojis, urls)  # noqa: S704 - sanitised on its way in


def _local_links(html: str, mentions: Mapping[str, str]) -> str:
    def lead_home(match: re.Match[str]) -> str:
        href = _HREF.search(match[1])
        if href is None:
            return match[0]
        address = unescape(href[1])
        if address in mentions:
            return _with_href(match[0], f"/@{mentions[address]}")
        tag = _TAG_ADDRESS.search(address) if "hashtag" in match[1] else None
        return _with_href(match[0], f"/tags/{tag[1]}") if tag else match[0]

    return _LINK.sub(lead_home, html)


def _with_href(link: str, address: str) -> str:
    plain = link.replace(' target="_blank"', "")
    return _HREF.sub(lambda _: f'href="{escape(address)}"', plain, count=1)


def _chips(html: str) -> str:
    last = _LAST_PARAGRAPH.search(html)
    if last is None or "hashtag" not in last[1]:
        return html
    tags = _HASHTAG.findall(last[1])
    if _HASHTAG.sub("", last[1]).replace("<br>", "").strip():
        return html
    return f'{html[: last.start()]}<p class="chips">{" ".join(tags)}</p>'


def link(address: str | None) -> str:
    """An address of the web; empty for what is none, such as `javascript:`."""
    return address if address and address.startswith(("https://", "http://")) else ""


def host(address: str) -> str:
    """The server of an address, as people say it."""
    return (urlsplit(address).hostname or "").removeprefix("www.")


def plain(html: str) -> str:
    """The text without tags, for previews and descriptions."""
    spaced = re.sub(r"</p>|<br ?/?>", " ", html)
    return " ".join(unescape(_TAG.sub("", spaced)).split())


def is_long(html: str) -> bool:
    """Whether a post is folded in lists: more than about a dozen lines."""
    if len(html) < 300:
        return False
    blocks = html.count("<p") + html.count("<br") + html.count("<li")
    return blocks > FOLD_BLOCKS or len(plain(html)) > FOLD_CHARACTERS


def focal(media: MediaView) -> str:
    """Classes that keep the focal point in view; a step is a twentieth of the picture."""
    if media.focus_x is None or media.focus_y is None:
        return ""
    x = round((min(max(media.focus_x, -1.0), 1.0) + 1) * 10)
    y = round((1 - min(max(media.focus_y, -1.0), 1.0)) * 10)
    return "" if x == y == 10 else f"fx{x} fy{y}"


def size(media: MediaView, version: str) -> tuple[int, int]:
    """Width and height of a version (`original`, `small`) as the page reserves it."""
    known = media.meta.get(version) or media.meta.get("original") or {}
    width, height = known.get("width"), known.get("height")
    if isinstance(width, int) and isinstance(height, int) and width > 0 and height > 0:
        return width, height
    return (640, 480)
