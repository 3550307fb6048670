"""Tags: mentions, hashtags, custom emoji and links in the `tag` of posts, profiles and reactions."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime
from typing import Any

from msgspec import Struct

from dassie.federation.vocab.values import (
    http_id,
    line,
    many,
    ref,
    text,
    types_of,
    web_url,
    when,
)

MAX_TAGS = 2000
MAX_MENTIONS = 500
MAX_HASHTAGS = 200
MAX_EMOJIS = 200
MAX_LINKS = 16
MAX_EMOJI_NAME = 2048
MAX_HASHTAG_NAME = 255

_SHORTCODE = re.compile(r"[\w.+-]+\Z")
_AS_MEDIA_TYPE = re.compile(
    r"""application/(?:activity\+json|ld\+json\s*;.{0,40}profile\s*=\s*["']?https://www\.w3\.org/ns/activitystreams)""",
    re.IGNORECASE,
)
_QUOTE_REL = "https://misskey-hub.net/ns#_misskey_quote"


class MentionDoc(Struct, frozen=True):
    """Who is mentioned. `href` decides; `name` (`@u@host` or `@u`) is a hint."""

    href: str
    name: str


class HashtagDoc(Struct, frozen=True):
    """A hashtag: `name` without `#`, in the spelling of its author."""

    name: str
    href: str | None


class EmojiDoc(Struct, frozen=True):
    """A custom emoji: `shortcode` without colons and host."""

    shortcode: str
    icon_url: str
    updated: datetime | None
    uri: str | None


class LinkDoc(Struct, frozen=True):
    """A link to another ActivityPub object (FEP-e232)."""

    href: str
    name: str
    is_quote: bool


class Tags(Struct, frozen=True):
    """Everything found in a `tag`; unknown kinds are left out."""

    mentions: tuple[MentionDoc, ...] = ()
    hashtags: tuple[HashtagDoc, ...] = ()
    emojis: tuple[EmojiDoc, ...] = ()
    links: tuple[LinkDoc, ...] = ()


NO_TAGS = Tags()


def read_tags(value: Any) -> Tags:
    """The tags in `value`, each once: mentions by href, hashtags by folded name, emoji by shortcode."""
    if not value:
        return NO_TAGS
    mentions: dict[str, MentionDoc] = {}
    hashtags: dict[str, HashtagDoc] = {}
    emojis: dict[str, EmojiDoc] = {}
    links: dict[str, LinkDoc] = {}
    for tag in many(value, MAX_TAGS):
        types = types_of(tag)
        if "Mention" in types and len(mentions) < MAX_MENTIONS:
            _add_mention(mentions, tag)
        elif "Hashtag" in types and len(hashtags) < MAX_HASHTAGS:
            _add_hashtag(hashtags, tag)
        elif "Emoji" in types and len(emojis) < MAX_EMOJIS:
            _add_emoji(emojis, tag)
        elif "Link" in types and len(links) < MAX_LINKS:
            _add_link(links, tag)
    return Tags(*(tuple(found.values()) for found in (mentions, hashtags, emojis, links)))  # type: ignore[arg-type]


def is_activity_media_type(value: Any) -> bool:
    """Whether a media type announces an ActivityPub document."""
    return _AS_MEDIA_TYPE.match(text(value, 200).strip()) is not None


def shortcode_of(name: str) -> str:
    """`blobcat` for `:blobcat:`, `blobcat` and `:blobcat@host:`; empty where it can be none."""
    found = name.strip().strip(":").split("@", 1)[0]
    return found if _SHORTCODE.match(found) else ""


def _add_mention(mentions: dict[str, MentionDoc], tag: dict[str, Any]) -> None:
    href = http_id(tag.get("href"))
    if href and href not in mentions:
        mentions[href] = MentionDoc(href, line(tag.get("name"), 500))


def _add_hashtag(hashtags: dict[str, HashtagDoc], tag: dict[str, Any]) -> None:
    # kbin writes the word in `tag`
    name = line(tag.get("name") or tag.get("tag"), MAX_HASHTAG_NAME).lstrip("#＃").strip()
    key = unicodedata.normalize("NFKC", name).casefold()
    if key and key not in hashtags:
        hashtags[key] = HashtagDoc(name, web_url(tag.get("href")))


def _add_emoji(emojis: dict[str, EmojiDoc], tag: dict[str, Any]) -> None:
    shortcode = shortcode_of(line(tag.get("name"), MAX_EMOJI_NAME))
    icon_url = _icon_url(tag.get("icon"))
    if shortcode and icon_url and shortcode not in emojis:
        emojis[shortcode] = EmojiDoc(shortcode, icon_url, when(tag.get("updated")), http_id(tag.get("id")))


def _add_link(links: dict[str, LinkDoc], tag: dict[str, Any]) -> None:
    href = http_id(tag.get("href"))
    if href and href not in links and is_activity_media_type(tag.get("mediaType")):
        rels = many(tag.get("rel"), MAX_LINKS)
        links[href] = LinkDoc(href, line(tag.get("name"), 500), _QUOTE_REL in rels)


def _icon_url(value: Any) -> str | None:
    if type(value) is list:
        value = value[0] if value else None
    if type(value) is dict:
        value = value.get("url") or value.get("href")
    return web_url(ref(value))
