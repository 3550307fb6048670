"""Our statuses as Notes and Questions."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from dassie.domain.urls import Urls
from dassie.federation.outbound import quoting
from dassie.federation.outbound.terms import PUBLIC, Doc, emoji_tag, stamp
from dassie.store.outgoing import FIRST_REPLIES, Addressee, Parts
from dassie.store.views import MediaView, PollView, StatusView


class Audience(Struct, frozen=True):
    """To whom something is addressed, as it goes on the wire."""

    to: list[str]
    cc: list[str]

    @property
    def doc(self) -> Doc:
        return {"to": self.to, "cc": self.cc}


def audience(visibility: str, followers: str, addressed: list[Addressee]) -> Audience:
    """to and cc for a visibility, in Mastodon's manner (federation.md 3.3)."""
    people = [one.uri for one in addressed]
    if visibility == "public":
        return Audience([PUBLIC], [followers, *people])
    if visibility == "unlisted":
        return Audience([followers], [PUBLIC, *people])
    if visibility == "private":
        return Audience([followers], people)
    groups = [one.followers_url for one in addressed if one.actor_type == "Group" and one.followers_url]
    return Audience([*people, *groups], [])


def render_note(view: StatusView, parts: Parts, urls: Urls, now: datetime) -> Doc:
    """The object of a status of ours, without context. `now` says whether a poll has ended."""
    row, name = view.row, view.account.username
    uri = row.uri
    followers = urls.collection(name, "followers")
    to = audience(row.visibility, followers, parts.addressed)
    content = quoting.fallback(parts) + row.content
    doc: Doc = {
        "id": uri,
        "type": "Question" if view.poll is not None else "Note",
        "summary": row.spoiler_text or None,
        "inReplyTo": row.in_reply_to_uri,
        "published": stamp(row.created_at),
        "url": row.url or urls.status(name, row.id),
        "attributedTo": view.account.uri,
        **to.doc,
        "sensitive": row.sensitive,
        "atomUri": uri,
        "inReplyToAtomUri": row.in_reply_to_uri,
        "content": content,
        "attachment": [render_media(media, urls) for media in view.media],
        "tag": _tags(view, parts, urls),
        "replies": _replies(uri, parts),
        "likes": {"id": f"{uri}/likes", "type": "Collection", "totalItems": row.favourites_count},
        "shares": {"id": f"{uri}/shares", "type": "Collection", "totalItems": row.reblogs_count},
    }
    if row.language:
        doc["contentMap"] = {row.language: content}
    doc |= quoting.quote_part(parts)
    doc["interactionPolicy"] = quoting.policy_part(row.quote_policy, view.account.uri, followers)
    if row.edited_at is not None:
        doc["updated"] = stamp(row.edited_at)
    if row.visibility == "direct":
        doc["directMessage"] = True
    if parts.local_thread:
        doc["conversation"] = doc["context"] = f"{urls.base}/contexts/{row.thread_id}"
    if view.poll is not None:
        doc |= render_poll(view.poll, now)
    return doc


def render_media(media: MediaView, urls: Urls) -> Doc:
    """A file as an attachment."""
    url = urls.media_file(media.file_key) if media.file_key else media.remote_url
    doc: Doc = {
        "type": "Document",
        "mediaType": media.file_type or "application/octet-stream",
        "url": url,
        "name": media.description or None,
    }
    if media.blurhash:
        doc["blurhash"] = media.blurhash
    if media.focus_x is not None and media.focus_y is not None:
        doc["focalPoint"] = [media.focus_x, media.focus_y]
    original = media.meta.get("original")
    if isinstance(original, dict):
        doc |= {name: original[name] for name in ("width", "height") if isinstance(original.get(name), int)}
    if media.small_key and (media.kind in ("audio", "video") or media.small_chosen):
        doc["icon"] = {"type": "Image", "mediaType": media.small_type, "url": urls.media_file(media.small_key)}
    return doc


def render_poll(poll: PollView, now: datetime) -> Doc:
    """The part of a Question that is not in a Note. Hidden tallies stay hidden until the end."""
    ended = poll.expired(now)
    hidden = poll.hide_totals and not ended
    options = [
        {
            "type": "Note",
            "name": option.title,
            "replies": {"type": "Collection", "totalItems": 0 if hidden else option.votes},
        }
        for option in poll.options
    ]
    doc: Doc = {"anyOf" if poll.multiple else "oneOf": options, "votersCount": poll.voters_count or 0}
    if poll.expires_at is not None:
        doc["endTime"] = stamp(poll.expires_at)
        if ended:
            doc["closed"] = stamp(poll.expires_at)
    return doc


def _tags(view: StatusView, parts: Parts, urls: Urls) -> list[Doc]:
    mentions = [
        {"type": "Mention", "href": one.uri, "name": f"@{one.username}@{one.domain or urls.domain}"}
        for one in parts.addressed
        if not one.silent
    ]
    hashtags = [{"type": "Hashtag", "href": urls.tag(name), "name": f"#{name}"} for name in view.tags]
    return [*mentions, *hashtags, *(emoji_tag(emoji.shortcode, emoji.url) for emoji in view.row.emojis)]


def _replies(uri: str, parts: Parts) -> Doc:
    """The author's own next posts in the thread, and where to ask for the rest."""
    collection = f"{uri}/replies"
    first = {
        "type": "CollectionPage",
        "next": replies_after(collection, parts.own_replies, FIRST_REPLIES),
        "partOf": collection,
        "items": [uri for _, uri in parts.own_replies],
    }
    return {"id": collection, "type": "Collection", "first": first}


def replies_after(collection: str, own: list[tuple[int, str]], most: int) -> str:
    """Where the list of answers goes on after these of the author's own: with more of them, else with those of
    others."""
    if len(own) == most:
        return f"{collection}?page=true&min_id={own[-1][0]}"
    return f"{collection}?only_other_accounts=true&page=true"
