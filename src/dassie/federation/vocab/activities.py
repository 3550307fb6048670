"""Activities: who does what to which object."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from msgspec import Struct

from dassie.federation.vocab.addressing import Audience, read_audience
from dassie.federation.vocab.documents import Doc, Malformed, plain, unsafe_for_signature
from dassie.federation.vocab.tags import EmojiDoc, read_tags
from dassie.federation.vocab.values import (
    Ref,
    http_id,
    line,
    many,
    reference,
    text,
    type_of,
    when,
)

MAX_OBJECTS = 200
MAX_INNER = 2
"""How many activities may be wrapped in one another below the outermost."""
MAX_COMMENT = 10_000

ACTIVITIES = frozenset(
    {
        "Accept",
        "Add",
        "Announce",
        "AnnounceRequest",
        "Arrive",
        "Block",
        "Create",
        "Delete",
        "Dislike",
        "EmojiReact",
        "EmojiReaction",
        "FeatureRequest",
        "Flag",
        "Follow",
        "Ignore",
        "Invite",
        "Join",
        "Leave",
        "Like",
        "LikeRequest",
        "Listen",
        "Lock",
        "Move",
        "Offer",
        "QuoteRequest",
        "Read",
        "Reject",
        "Remove",
        "ReplyRequest",
        "TentativeAccept",
        "TentativeReject",
        "Travel",
        "Undo",
        "Update",
        "View",
    }
)
_REACTIONS = frozenset({"Like", "EmojiReact", "EmojiReaction"})
_EMOJI_REACTIONS = frozenset({"EmojiReact", "EmojiReaction"})
_NEED_OBJECT = ACTIVITIES - {"Arrive", "Travel", "Offer", "Invite", "Join", "Leave", "Listen", "Read", "View"}


class ActivityDoc(Struct, frozen=True, kw_only=True):
    """An activity as sent. `actor` is a claim until the signature says so."""

    id: str | None
    type: str
    """An unknown type is given as it came: answer 202 and forget it."""
    actor: str
    objects: tuple[Ref, ...]
    inner: ActivityDoc | None
    """The object where it is an activity itself (Undo, Accept, Reject, Announce of a group)."""
    target: str | None
    instrument: Ref
    result: str | None
    audience: Audience
    published: datetime | None
    content: str
    """Comment of a Flag (Lemmy's is in `summary`), or the emoji of a reaction."""
    reaction: str
    """`👍` or `:shortcode:` of a Like or EmojiReact; empty for a plain Like."""
    emojis: tuple[EmojiDoc, ...]
    has_ld_signature: bool
    """False where there is one that proves nothing about the plain reading; see `unsafe_for_signature`."""
    has_proof: bool

    @property
    def object_id(self) -> str | None:
        """Id of the first object."""
        return self.objects[0].id if self.objects else None

    @property
    def object_ids(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(found.id for found in self.objects if found.id))

    @property
    def object(self) -> dict[str, Any] | None:
        """The first object where it is embedded; to be trusted no further than its sender."""
        return self.objects[0].doc if self.objects else None

    @property
    def object_type(self) -> str:
        """Type of the embedded first object; empty for an id."""
        return self.objects[0].type if self.objects else ""

    @property
    def is_known(self) -> bool:
        return self.type in ACTIVITIES

    @property
    def is_self_delete(self) -> bool:
        """Whether an account deletes itself."""
        return self.type == "Delete" and self.object_id == self.actor


def read_activity(doc: Doc) -> ActivityDoc:
    """The activity in `doc`, with up to two activities inside it.

    Raises `Malformed` without type or http(s) actor, without object where its type needs one, and for a
    Move that does not move its own actor somewhere else.
    """
    return _read(plain(doc), MAX_INNER)


def _read(doc: Doc, inner_levels: int) -> ActivityDoc:
    type_name = type_of(doc, ACTIVITIES)
    actor = http_id(doc.get("actor"))
    if actor is None and type_name == "FeatureRequest":  # Mastodon 4.6 names no actor; its id begins with them
        actor = http_id((http_id(doc.get("id")) or "").partition("/feature_requests/")[0])
    if not type_name:
        raise Malformed("The activity has no type")
    if actor is None:
        raise Malformed("The activity has no actor")
    objects = tuple(reference(entry, ACTIVITIES) for entry in many(doc.get("object"), MAX_OBJECTS))
    if type_name in _NEED_OBJECT and not any(found.id or found.doc for found in objects):
        raise Malformed("The activity has no object")
    target = http_id(doc.get("target"))
    if type_name == "Move":
        _check_move(actor, objects, target)
    content = text(doc.get("content"), MAX_COMMENT)
    if not content and type_name == "Flag":
        content = text(doc.get("summary"), MAX_COMMENT)
    reacts = type_name in _REACTIONS
    signed = type(doc.get("signature")) is dict
    return ActivityDoc(
        id=http_id(doc.get("id")),
        type=type_name,
        actor=actor,
        objects=objects,
        inner=_inner(objects, inner_levels),
        target=target,
        instrument=reference(doc.get("instrument")),
        result=http_id(doc.get("result")),
        audience=read_audience(doc),
        published=when(doc.get("published")),
        content=content,
        reaction=_reaction(doc, content, type_name) if reacts else "",
        emojis=read_tags(doc.get("tag")).emojis if reacts else (),
        has_ld_signature=signed and not unsafe_for_signature(doc),
        has_proof=any(type(proof) is dict for proof in many(doc.get("proof"), 4)),
    )


def _inner(objects: tuple[Ref, ...], levels: int) -> ActivityDoc | None:
    """A broken inner activity is none: its embedded document is still there to take the id from."""
    if levels <= 0 or len(objects) != 1:
        return None
    found = objects[0]
    if found.doc is None or found.type not in ACTIVITIES:
        return None
    try:
        return _read(found.doc, levels - 1)
    except Malformed:
        return None


def _check_move(actor: str, objects: tuple[Ref, ...], target: str | None) -> None:
    if len(objects) != 1 or objects[0].id != actor:
        raise Malformed("The Move is not of its own actor")
    if target is None or target == actor:
        raise Malformed("The Move leads nowhere")


def _reaction(doc: Doc, content: str, type_name: str) -> str:
    """Misskey repeats the emoji in its own key; a heart from it means a plain Like elsewhere."""
    found = line(content, 300) or line(doc.get("_misskey_reaction"), 300)
    return found or ("❤" if type_name in _EMOJI_REACTIONS else "")
