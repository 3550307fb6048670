"""From documents of other servers to what is stored here: sanitised, cut to size, resolved to known accounts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from dassie.domain import html, quotes
from dassie.domain.arrivals import Reason
from dassie.domain.collections import FeaturePolicy
from dassie.domain.ids import AccountId
from dassie.domain.text import clean, normalise_tag
from dassie.domain.urls import Urls
from dassie.federation.origin import MAX_ID_BYTES
from dassie.federation.vocab.actors import ActorDoc, FieldDoc
from dassie.federation.vocab.addressing import PUBLIC
from dassie.federation.vocab.attachments import AttachmentDoc
from dassie.federation.vocab.notes import NoteDoc
from dassie.federation.vocab.polls import PollDoc
from dassie.federation.vocab.tags import EmojiDoc, HashtagDoc
from dassie.services.writing import NewMedia, NewPoll, NewStatus
from dassie.store import accounts, senders, statuses
from dassie.store.tx import Tx
from dassie.store.views import AccountView, EmojiView, FieldView, PollOption, StatusRow

MAX_PEOPLE = 200
MAX_UNKNOWN = 10
"""So many strangers that a post mentions are looked up when somebody looks at it."""
MAX_TAGS = 64
MAX_FILES = 32
MAX_EMOJIS = 64
MAX_TITLE = 200
MAX_WARNING = 2_000
MAX_FIELDS = 50


# Actors ------------------------------------------------------------------------------------------------


def account_values(actor: ActorDoc, now: datetime) -> dict[str, Any]:
    """The columns of an account as its actor document tells them; handle, id and keys are not among them."""
    return {
        "url": actor.url or actor.uri,
        "actor_type": actor.type,
        "display_name": html.plain(clean(actor.name)),
        "note": html.sanitise(clean(actor.summary)),
        "fields": [_field(field) for field in actor.fields[:MAX_FIELDS]],
        "emojis": emojis(actor.emojis),
        "locked": actor.locked,
        "show_media": actor.show_media is not False,
        "show_media_replies": actor.show_replies_in_media is not False,
        "show_featured": actor.show_featured is not False,
        "discoverable": bool(actor.discoverable),
        "indexable": actor.indexable,
        "memorial": actor.memorial,
        "inbox_url": actor.inbox,
        "shared_inbox_url": actor.shared_inbox or "",
        "outbox_url": actor.outbox or "",
        "followers_url": actor.followers or "",
        "following_url": actor.following or "",
        "featured_url": actor.featured or "",
        "featured_tags_url": actor.featured_tags or "",
        "featured_collections_url": actor.featured_collections or "",
        "feature_policy": feature_policy(actor).kept(),
        "avatar_remote_url": actor.icon.url if actor.icon else None,
        "avatar_description": clean(actor.icon.alt) if actor.icon else "",
        "header_remote_url": actor.image.url if actor.image else None,
        "header_description": clean(actor.image.alt) if actor.image else "",
        "also_known_as": [clean(uri) for uri in actor.also_known_as],
        "attribution_domains": list(actor.attribution_domains),
        "moved_to_uri": actor.moved_to,
        "fetched_at": now,
    }


def feature_policy(actor: ActorDoc) -> FeaturePolicy:
    """Who may put an actor into a collection, as far as we know such groups (FEP-7aa9)."""
    rule = actor.policy.can_feature if actor.policy is not None else None
    if rule is None:
        return FeaturePolicy(said=False)
    return FeaturePolicy(_groups(actor, rule.automatic), _groups(actor, rule.manual))


def _groups(actor: ActorDoc, allowed: tuple[str, ...]) -> tuple[str, ...]:
    known = dict.fromkeys(PUBLIC, "public")
    known |= {uri: name for uri, name in ((actor.followers, "followers"), (actor.following, "following")) if uri}
    # Only oneself stands for nobody: an empty list cannot be said.
    return tuple(dict.fromkeys(known.get(uri, "unsupported_policy") for uri in allowed if uri != actor.uri))


def key_texts(actor: ActorDoc) -> list[tuple[str, str]]:
    """(key id, PEM or multibase) of an actor's keys."""
    return [(key.key_id, key.pem or key.multibase) for key in actor.keys if fits(key.key_id)]


def emojis(found: tuple[EmojiDoc, ...]) -> list[EmojiView]:
    """Custom emoji, to be shown from where their server has them."""
    return [EmojiView(clean(one.shortcode), one.icon_url) for one in found[:MAX_EMOJIS]]


def _field(field: FieldDoc) -> FieldView:
    return FieldView(html.plain(clean(field.name)), html.sanitise(clean(field.value_html)))


# Posts -------------------------------------------------------------------------------------------------


async def new_status(
    tx: Tx,
    urls: Urls,
    note: NoteDoc,
    author: AccountView,
    *,
    recipient: AccountId | None = None,
    live: bool,
    reason: Reason = Reason.CONTEXT,
) -> NewStatus:
    """The status a post becomes. `recipient` is whose own inbox it came to: that person may read it."""
    mentioned, unknown = await people(tx, urls, note, author, recipient)
    content = html.sanitise(clean(note.content_html))
    parent = await parent_of(tx, urls, note)
    return NewStatus(
        author=author,
        uri=note.uri,
        url=note.url,
        visibility=await visibility_of(tx, note, author),
        content=content,
        searchable=html.to_text(content),
        spoiler_text=warning(note),
        sensitive=note.sensitive,
        language=note.language,
        in_reply_to=parent,
        in_reply_to_uri=None if parent or not fits(note.in_reply_to) else note.in_reply_to,
        quote_uri=quoted_uri(urls, note),
        quote_approval=quote_approval(note),
        quote_policy=await quote_policy(tx, note, author),
        emojis=emojis(note.emojis),
        mentions=mentioned,
        unknown_mentions=unknown,
        tags=hashtags(note.hashtags),
        media=files(note.attachments),
        poll=poll(note.poll, tx.now) if note.poll else None,
        created_at=note.published,
        live=live,
        reason=reason,
    )


def quoted_uri(urls: Urls, note: NoteDoc) -> str | None:
    """What a post quotes, as far as its id can be kept."""
    return own_status_uri(urls, note.quote_uri) if note.quote_uri and fits(note.quote_uri) else None


def quote_approval(note: NoteDoc) -> str | None:
    """The consent of the quoted author that the post names; a claim."""
    claimed = note.quote.authorization if note.quote is not None else None
    return claimed if fits(claimed) else None


async def quote_policy(tx: Tx, note: NoteDoc, author: AccountView) -> int:
    """Who may quote it, as a number (domain/quotes.py); where nothing is said nobody may, as for Mastodon."""
    if note.policy is None or note.policy.can_quote is None:
        return 0
    allowed = note.policy.can_quote
    known = (await accounts.endpoints(tx, [author.id])).get(author.id)
    groups = {uri: bit for uri, bit in _own_groups(known) if uri} | dict.fromkeys(PUBLIC, quotes.PUBLIC)
    return quotes.together(_bits(allowed.automatic, groups, author.uri), _bits(allowed.manual, groups, author.uri))


def _own_groups(known: accounts.Endpoints | None) -> list[tuple[str, int]]:
    if known is None:
        return []
    return [(known.followers_url, quotes.FOLLOWERS), (known.following_url, quotes.FOLLOWING)]


def _bits(named: tuple[str, ...], groups: dict[str, int], author: str) -> int:
    found = 0
    for uri in named:
        if uri != author:  # alone it means nobody; and authors may anyway
            found |= groups.get(uri, quotes.UNSUPPORTED)
    return found


async def visibility_of(tx: Tx, note: NoteDoc, author: AccountView) -> str:
    """Who may see it, by the followers collection that the author's own document names."""
    if note.audience.is_public:  # then nothing else matters
        return note.visibility(None)
    known = await accounts.endpoints(tx, [author.id])
    followers_url = known[author.id].followers_url if author.id in known else ""
    return note.visibility(followers_url or None)


async def parent_of(tx: Tx, urls: Urls, note: NoteDoc) -> StatusRow | None:
    """The status that is answered, where it is known here."""
    if note.in_reply_to is None:
        return None
    return await statuses.by_uri(tx, own_status_uri(urls, note.in_reply_to))


async def people(
    tx: Tx, urls: Urls, note: NoteDoc, author: AccountView, recipient: AccountId | None
) -> tuple[list[tuple[AccountId, bool]], list[str]]:
    """(account, silent) of the mentioned and the addressed who are known here, and actor ids of unknown mentioned.

    Nobody is fetched for this.

    Silent are those who are addressed but not mentioned. Somebody mentioned but not addressed is not
    notified either, and cannot read what is not open.
    """
    named = {own_actor_uri(urls, href) for href in note.mention_hrefs}
    addressed = {own_actor_uri(urls, uri) for uri in note.audience.people}
    open_ = note.audience.is_public
    wanted = [uri for uri in {*named, *addressed} if uri in addressed or open_]
    wanted.sort(key=lambda uri: not uri.startswith(urls.base))  # ours are never among those cut off
    known = await senders.account_ids(tx, wanted[:MAX_PEOPLE])
    found = {id: not (uri in named and uri in addressed) for uri, (id, _) in known.items() if id != author.id}
    if recipient is not None:
        found.setdefault(recipient, True)
    unknown = [uri for uri in wanted[:MAX_PEOPLE] if uri in named and uri not in known and not _ours(urls, uri)]
    return sorted(found.items()), unknown[:MAX_UNKNOWN]


def hashtags(found: tuple[HashtagDoc, ...]) -> list[tuple[str, str]]:
    """(normalised, as written) of each hashtag once."""
    names: dict[str, str] = {}
    for one in found[:MAX_TAGS]:
        written = clean(one.name)
        if name := normalise_tag(written):
            names.setdefault(name, written)
    return list(names.items())


def warning(note: NoteDoc) -> str:
    """The content warning as plain text."""
    return html.plain(clean(note.spoiler_text))[:MAX_WARNING]


def files(found: tuple[AttachmentDoc, ...]) -> list[NewMedia]:
    """Attachments by address; none is fetched."""
    return [_file(one) for one in found[:MAX_FILES]]


def _file(one: AttachmentDoc) -> NewMedia:
    original: dict[str, Any] = {}
    if one.width and one.height:
        original = {
            "width": one.width,
            "height": one.height,
            "size": f"{one.width}x{one.height}",
            "aspect": one.width / one.height,
        }
    if one.duration is not None:
        original["duration"] = one.duration
    return NewMedia(
        kind=one.kind,
        remote_url=one.url,
        small_remote_url=one.icon_url,
        file_type=clean(one.media_type) or None,
        description=clean(one.description) or None,
        blurhash=one.blurhash,
        focus=one.focus,
        meta={"original": original} if original else {},
    )


def poll(found: PollDoc, now: datetime) -> NewPoll:
    """A poll with the tallies its author's server tells."""
    return NewPoll(
        options=[PollOption(_option(one.title), one.votes) for one in found.options],
        multiple=found.multiple,
        expires_at=found.ends_at or (now if found.closed else None),
        voters_count=found.voters_count,
        fetched_at=now,
    )


def _option(title: str) -> str:
    return html.plain(clean(title))[:MAX_TITLE]


def fits(uri: str | None) -> bool:
    """Whether an id is short enough to be stored."""
    return uri is not None and len(uri.encode("utf-8", "replace")) <= MAX_ID_BYTES


def _ours(urls: Urls, uri: str) -> bool:
    return uri.startswith(f"{urls.base}/")


# Our own addresses in other people's documents -----------------------------------------------------------


def own_actor_uri(urls: Urls, uri: str) -> str:
    """The actor id for the page of one of ours (`/@name`), as some write in place of it; others as they are."""
    page = f"{urls.base}/@"
    return urls.actor(uri[len(page) :].rstrip("/")) if uri.startswith(page) else uri


def own_status_uri(urls: Urls, uri: str) -> str:
    """The same for the page of a status of ours (`/@name/id`)."""
    page = f"{urls.base}/@"
    if not uri.startswith(page):
        return uri
    name, _, id = uri[len(page) :].partition("/")
    return f"{urls.actor(name)}/statuses/{id}"
