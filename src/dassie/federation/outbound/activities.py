"""What our accounts do, as activities. Ids follow from what is done, so doing it again sends the same one."""

from __future__ import annotations

from datetime import datetime

from dassie.domain.ids import to_ms
from dassie.federation.outbound.notes import Audience
from dassie.federation.outbound.terms import NOTE_CONTEXT, PUBLIC, Doc, stamp, with_context


def create(note: Doc) -> Doc:
    """A new status."""
    return with_context(
        {
            "id": f"{note['id']}/activity",
            "type": "Create",
            "actor": note["attributedTo"],
            "published": note["published"],
            "to": note["to"],
            "cc": note["cc"],
            "object": note,
        },
        NOTE_CONTEXT,
    )


def update_note(note: Doc, at: datetime) -> Doc:
    """A status that was edited at this time, or whose poll got votes."""
    return with_context(
        {
            "id": f"{note['id']}#updates/{to_ms(at)}",
            "type": "Update",
            "actor": note["attributedTo"],
            "published": stamp(at),
            "to": note["to"],
            "cc": note["cc"],
            "object": note,
        },
        NOTE_CONTEXT,
    )


def update_actor(actor: Doc, at: datetime) -> Doc:
    """A profile that changed."""
    inner = {name: value for name, value in actor.items() if name != "@context"}
    return with_context(
        {
            "id": f"{actor['id']}#updates/{to_ms(at)}",
            "type": "Update",
            "actor": actor["id"],
            "to": [PUBLIC],
            "object": inner,
        },
        actor["@context"],
    )


def announce(uri: str, actor: str, object_uri: str, at: datetime, to: Audience) -> Doc:
    """A reblog. `uri` is that of the reblog itself."""
    return with_context(
        {
            "id": uri,
            "type": "Announce",
            "actor": actor,
            "published": stamp(at),
            **to.doc,
            "object": object_uri,
        }
    )


def undo_announce(uri: str, actor: str, object_uri: str, to: Audience) -> Doc:
    """A reblog taken back."""
    inner = {"id": uri, "type": "Announce", "actor": actor, "object": object_uri, **to.doc}
    return with_context({"id": f"{uri}/undo", "type": "Undo", "actor": actor, **to.doc, "object": inner})


def delete_note(uri: str, actor: str) -> Doc:
    """A status that is gone."""
    tombstone = {"id": uri, "type": "Tombstone", "atomUri": uri}
    doc = {"id": f"{uri}#delete", "type": "Delete", "actor": actor, "to": [PUBLIC], "object": tombstone}
    return with_context(doc, NOTE_CONTEXT)


def delete_actor(actor: str) -> Doc:
    """An account that is gone."""
    return with_context({"id": f"{actor}#delete", "type": "Delete", "actor": actor, "to": [PUBLIC], "object": actor})


def follow(uri: str, actor: str, target: str) -> Doc:
    """A wish to follow."""
    return with_context(_follow(uri, actor, target))


def answer_follow(kind: str, uri: str, actor: str, follow_uri: str | None, follower: str) -> Doc:
    """`Accept` or `Reject` of a Follow that `follower` sent us; its id is left out where it had none."""
    inner = _follow(follow_uri or "", follower, actor)
    if not follow_uri:
        del inner["id"]
    return with_context({"id": uri, "type": kind, "actor": actor, "object": inner})


def like(uri: str, actor: str, object_uri: str) -> Doc:
    """A favourite."""
    return with_context({"id": uri, "type": "Like", "actor": actor, "object": object_uri})


def block(uri: str, actor: str, target: str) -> Doc:
    """A block, so that the other server hides us too."""
    return with_context({"id": uri, "type": "Block", "actor": actor, "object": target})


def flag(uri: str, actor: str, comment: str, target: str, made: list[str]) -> Doc:
    """A report about an account and what it made: posts and collections."""
    return with_context(
        {
            "id": uri,
            "type": "Flag",
            "actor": actor,
            "to": [target],
            "content": comment,
            "object": [target, *made],
        }
    )


def change_collection(kind: str, actor: str, object_uri: str, target: str, at: datetime, to: Audience) -> Doc:
    """`Add` or `Remove`: something came to a collection of the actor's, or went."""
    return with_context(
        {
            "id": f"{object_uri}#{kind.lower()}/{to_ms(at)}",
            "type": kind,
            "actor": actor,
            **to.doc,
            "object": object_uri,
            "target": target,
        }
    )


def undo(activity: Doc) -> Doc:
    """The same taken back."""
    inner = {name: value for name, value in activity.items() if name != "@context"}
    return with_context({"id": f"{activity['id']}/undo", "type": "Undo", "actor": activity["actor"], "object": inner})


def vote(uri: str, actor: str, option: str, poll_uri: str, author: str) -> Doc:
    """One choice in a poll: a Note that has a name and no text."""
    note = {
        "id": uri,
        "type": "Note",
        "name": option,
        "attributedTo": actor,
        "inReplyTo": poll_uri,
        "to": author,
    }
    return with_context({"id": f"{uri}/activity", "type": "Create", "actor": actor, "to": author, "object": note})


def tombstone(uri: str) -> Doc:
    """What is left of something deleted."""
    return with_context({"id": uri, "type": "Tombstone"})


def _follow(uri: str, actor: str, target: str) -> Doc:
    return {"id": uri, "type": "Follow", "actor": actor, "object": target}
