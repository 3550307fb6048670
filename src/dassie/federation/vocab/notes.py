"""Posts: every object that becomes a status, whatever its type."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from msgspec import Struct

from dassie.domain.audience import Visibility
from dassie.federation.vocab.addressing import Audience, read_audience
from dassie.federation.vocab.attachments import AttachmentDoc, read_attachments, read_picture
from dassie.federation.vocab.collections import COLLECTIONS, read_collection, total_of
from dassie.federation.vocab.content import STATUS_TYPES, mapping_of, read_content
from dassie.federation.vocab.documents import Doc, Malformed, plain
from dassie.federation.vocab.policies import InteractionPolicy, read_policy
from dassie.federation.vocab.polls import PollDoc, read_poll
from dassie.federation.vocab.tags import EmojiDoc, HashtagDoc, LinkDoc, MentionDoc, read_tags
from dassie.federation.vocab.values import (
    flag,
    http_id,
    http_ids,
    page_url,
    ref,
    same_host,
    type_of,
    types_of,
    when,
)

MAX_AUTHORS = 16
MAX_INLINE_REPLIES = 5

_LEGACY_QUOTES = ("_misskey_quote", "quoteUrl", "quoteUri")


class Quote(Struct, frozen=True):
    """The quoted post. Only a quote under the key `quote` takes part in the consent flow (FEP-044f)."""

    uri: str
    key: str
    """Where it was found: quote, _misskey_quote, quoteUrl, quoteUri or tag-link."""
    authorization: str | None

    @property
    def is_legacy(self) -> bool:
        return self.key != "quote"


class NoteDoc(Struct, frozen=True, kw_only=True):
    """A post as its document tells it. Nothing here is sanitised, and nothing is proved."""

    uri: str
    type: str
    mapping: str
    """native, converted or unsupported; only the first two may become a status."""
    authors: tuple[str, ...]
    content_html: str
    """Raw HTML, composed with its title, and for converted types with its link."""
    content_empty: bool
    """Whether the document had no body of its own."""
    title: str
    spoiler_text: str
    """The content warning as sent: plain text from Mastodon, HTML from some. Empty for converted types."""
    sensitive: bool
    language: str | None
    published: datetime | None
    updated: datetime | None
    """When it was edited; None where it equals `published` or comes before it."""
    url: str | None
    in_reply_to: str | None
    conversation: str | None
    context: str | None
    audience: Audience
    group: str | None
    """The community it was posted to (`audience`)."""
    mentions: tuple[MentionDoc, ...]
    hashtags: tuple[HashtagDoc, ...]
    emojis: tuple[EmojiDoc, ...]
    object_links: tuple[LinkDoc, ...]
    attachments: tuple[AttachmentDoc, ...]
    links: tuple[str, ...]
    """Pages to preview, named by the document itself."""
    preview_image_url: str | None
    """Picture of a converted post: cover of an article, thumbnail of a video."""
    poll: PollDoc | None
    quote: Quote | None
    replies_uri: str | None
    replies: tuple[str, ...]
    """Up to five inlined replies, of the same host only."""
    replies_more: str | None
    """Where more of them are listed: the page after an inlined first one, or the collection; None where it says that
    there are no more."""
    likes_count: int | None
    shares_count: int | None
    policy: InteractionPolicy | None
    atom_uri: str | None

    @property
    def author(self) -> str | None:
        """The first author."""
        return self.authors[0] if self.authors else None

    @property
    def converted(self) -> bool:
        return self.mapping == "converted"

    @property
    def is_supported(self) -> bool:
        return self.mapping != "unsupported"

    @property
    def quote_uri(self) -> str | None:
        return self.quote.uri if self.quote else None

    @property
    def vote(self) -> str | None:
        """The option it may be a vote for: a Note with a name, an answered post and no body."""
        is_vote = self.type == "Note" and self.in_reply_to and self.content_empty and not self.attachments
        return self.title or None if is_vote else None

    @property
    def mention_hrefs(self) -> tuple[str, ...]:
        return tuple(mention.href for mention in self.mentions)

    @property
    def silent_recipients(self) -> tuple[str, ...]:
        """Addressed but not mentioned: may read, is not notified. Holds collections too."""
        mentioned = {*self.mention_hrefs, *self.authors}
        return tuple(uri for uri in self.audience.people if uri not in mentioned)

    def visibility(self, followers_uri: str | None) -> Visibility:
        """Its visibility, given the followers collection of its author."""
        return self.audience.visibility(followers_uri, (*self.mention_hrefs, *self.authors))


def read_note(
    doc: Doc,
    *,
    activity_audience: Audience | None = None,
    now: datetime | None = None,
    limit_to: Collection[str] = (),
) -> NoteDoc:
    """The post in `doc`; raises `Malformed` where it has no type or no http(s) id.

    `activity_audience` fills in for missing `to` or `cc`. Times after `now` become `now`. With `limit_to`
    any other type is `Malformed`.
    """
    doc = plain(doc)
    type_name = type_of(doc, STATUS_TYPES)
    uri = http_id(doc.get("id"))
    if not type_name:
        raise Malformed("The object has no type")
    if uri is None:
        raise Malformed("The object has no id")
    if limit_to and type_name not in limit_to:
        raise Malformed("The object is of another type")
    return _note(doc, type_name, uri, activity_audience, now)


def _note(doc: Doc, type_name: str, uri: str, outer: Audience | None, now: datetime | None) -> NoteDoc:
    tags = read_tags(doc.get("tag"))
    attachments = read_attachments(doc.get("attachment"))
    url = page_url(doc.get("url"))
    mapping = mapping_of(type_name)
    content = read_content(doc, type_name, url or uri)
    published = when(doc.get("published"), now=now)
    policy = doc.get("interactionPolicy")
    return NoteDoc(
        uri=uri,
        type=type_name,
        mapping=mapping,
        authors=http_ids(doc.get("attributedTo") or doc.get("actor"), MAX_AUTHORS),
        content_html=content.html,
        content_empty=content.is_empty,
        title=content.title,
        spoiler_text=content.warning,
        sensitive=flag(doc.get("sensitive")),
        language=content.language,
        published=published,
        updated=_edited(published, when(doc.get("updated"), now=now)),
        url=url,
        in_reply_to=http_id(doc.get("inReplyTo")),
        conversation=ref(doc.get("conversation")),
        context=ref(doc.get("context")),
        audience=read_audience(doc, outer),
        group=http_id(doc.get("audience")),
        mentions=tags.mentions,
        hashtags=tags.hashtags,
        emojis=tags.emojis,
        object_links=tags.links,
        attachments=attachments.media,
        links=attachments.links,
        preview_image_url=_preview(doc) if mapping == "converted" else None,
        poll=read_poll(doc) if type_name == "Question" else None,
        quote=_quote(doc, tags.links) if mapping != "unsupported" else None,
        replies_uri=http_id(doc.get("replies")),
        replies=_inline_replies(doc.get("replies"), uri),
        replies_more=_more_replies(doc.get("replies")),
        likes_count=total_of(doc.get("likes")),
        shares_count=total_of(doc.get("shares")),
        policy=read_policy(policy) if policy else None,
        atom_uri=ref(doc.get("atomUri")),
    )


def _edited(published: datetime | None, updated: datetime | None) -> datetime | None:
    """Ghost and Lemmy always send `updated`; it is an edit only when later."""
    if updated is None or (published is not None and updated <= published):
        return None
    return updated


def _preview(doc: Doc) -> str | None:
    picture = read_picture(doc.get("image")) or read_picture(doc.get("icon"))
    return picture.url if picture else None


def _quote(doc: Doc, links: tuple[LinkDoc, ...]) -> Quote | None:
    """Keys in the order of trust. A `quote` that is a Tombstone was deleted: no older key revives it."""
    sent = doc.get("quote")
    if sent is not None:
        uri = None if "Tombstone" in types_of(sent) else http_id(sent)
        if uri:
            return Quote(uri, "quote", http_id(doc.get("quoteAuthorization")))
        if type(sent) is dict:
            return None
    for key in _LEGACY_QUOTES:
        if uri := http_id(doc.get(key)):
            return Quote(uri, key, None)
    if links:
        marked = next((link for link in links if link.is_quote), links[0])
        return Quote(marked.href, "tag-link", None)
    return None


def _inline_replies(value: Any, uri: str) -> tuple[str, ...]:
    if type(value) is not dict or type_of(value, COLLECTIONS) not in COLLECTIONS:
        return ()
    found = read_collection(value, limit=MAX_INLINE_REPLIES)
    pages = (found, found.first_page) if found.first_page else (found,)
    ids = dict.fromkeys(id for page in pages for id in page.item_ids if same_host(id, uri) and id != uri)
    return tuple(ids)[:MAX_INLINE_REPLIES]


def _more_replies(value: Any) -> str | None:
    if type(value) is not dict or type_of(value, COLLECTIONS) not in COLLECTIONS:
        return http_id(value)
    found = read_collection(value, limit=MAX_INLINE_REPLIES)
    if found.total == 0:
        return None
    if found.first_page is not None:
        return found.first_page.next
    return found.next if found.items else found.first or found.uri
