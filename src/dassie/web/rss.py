"""RSS 2.0 (rssboard.org) of posts, with their files as enclosures and as Media RSS."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from email.utils import format_datetime
from xml.sax.saxutils import escape as xml_escape

from msgspec import Struct

from dassie.domain.html import escape
from dassie.domain.urls import Urls
from dassie.store.views import MediaView, StatusView

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""What XML 1.0 cannot say."""
_MEDIUM = {"image": "image", "gifv": "video", "video": "video", "audio": "audio"}
_TYPES = {"image": "image/jpeg", "gifv": "video/mp4", "video": "video/mp4", "audio": "audio/mpeg"}
"""Of a file of another server, where it is not known."""


class Channel(Struct, frozen=True):
    """What a feed is of."""

    title: str
    description: str
    link: str
    """The page for people."""
    address: str
    """Of the feed itself."""
    picture: str = ""


def render(channel: Channel, posts: Sequence[StatusView], sizes: Mapping[int, int], urls: Urls) -> bytes:
    """The feed as XML; `sizes` are bytes of the files that are stored here."""
    built = max((one.row.edited_at or one.row.created_at for one in posts), default=None)
    parts = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom" xmlns:media="http://search.yahoo.com/mrss/">',
        "<channel>",
        _tag("title", channel.title),
        _tag("description", channel.description),
        _tag("link", channel.link),
        f'<atom:link rel="self" type="application/rss+xml" href="{_safe(channel.address)}"/>',
        *([_picture(channel)] if channel.picture else []),
        *([_tag("lastBuildDate", _date(built))] if built else []),
        _tag("generator", "dassie"),
        *(_item(one, sizes, urls) for one in posts),
        "</channel>",
        "</rss>",
    ]
    return "\n".join(parts).encode()


def _picture(channel: Channel) -> str:
    inner = "".join([_tag("url", channel.picture), _tag("title", channel.title), _tag("link", channel.link)])
    return f"<image>{inner}</image>"


def _item(status: StatusView, sizes: Mapping[int, int], urls: Urls) -> str:
    row = status.row
    address = row.url or row.uri
    if row.local:
        address = urls.status(status.account.username, row.id)
    parts = [
        "<item>",
        f'<guid isPermaLink="true">{_safe(address)}</guid>',
        _tag("link", address),
        _tag("pubDate", _date(row.created_at)),
        _tag("description", _body(status)),
        *_files(status, sizes, urls),
        *(_tag("category", tag) for tag in status.tags),
        "</item>",
    ]
    return "\n".join(parts)


def _body(status: StatusView) -> str:
    """The post as HTML; a content warning stands before it."""
    warned = status.row.spoiler_text
    before = f"<p><strong>{escape(warned)}</strong></p><hr>" if warned else ""
    options = status.poll.options if status.poll is not None else []
    after = "".join(f"<li>{escape(option.title)}</li>" for option in options)
    return f"{before}{status.row.content}{f'<ul>{after}</ul>' if after else ''}"


def _files(status: StatusView, sizes: Mapping[int, int], urls: Urls) -> list[str]:
    """RSS knows one enclosure for an item, with its length or 0; Media RSS lists all files."""
    shown = [(one, url) for one in status.media if (url := _url(one, urls)) and one.kind in _MEDIUM]
    out = []
    for number, (one, url) in enumerate(shown):
        kind = one.file_type or _TYPES[one.kind]
        if number == 0:
            out.append(f'<enclosure url="{_safe(url)}" length="{sizes.get(one.id, 0)}" type="{_safe(kind)}"/>')
        rating = "adult" if status.row.sensitive else "nonadult"
        out.append(f'<media:content url="{_safe(url)}" type="{_safe(kind)}" medium="{_MEDIUM[one.kind]}">')
        out.append(f'<media:rating scheme="urn:simple">{rating}</media:rating>')
        if one.description:
            out.append(f'<media:description type="plain">{_safe(one.description)}</media:description>')
        out.append("</media:content>")
    return out


def _url(media: MediaView, urls: Urls) -> str:
    if media.file_key:
        return urls.media_file(media.file_key)
    return urls.proxied(media.remote_url, "original") if media.remote_url else ""


def _tag(name: str, text: str) -> str:
    return f"<{name}>{_safe(text)}</{name}>"


def _safe(text: str) -> str:
    return xml_escape(_FORBIDDEN.sub("", text), {'"': "&quot;"})


def _date(at: datetime) -> str:
    return format_datetime(at)
