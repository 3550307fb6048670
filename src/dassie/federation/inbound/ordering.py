"""Which activities have to wait for one another."""

from __future__ import annotations

from dassie.federation.vocab.activities import ActivityDoc

_BETWEEN_TWO = frozenset({"Follow", "Block", "Accept", "Reject", "Announce", "Like", "EmojiReact", "EmojiReaction"})


def order_key(activity: ActivityDoc) -> str:
    """Activities with the same key are handled one after the other, as they came.

    What concerns a post goes by the post: Update and Delete never overtake its Create. What concerns two (Follow,
    Block, Announce, Like) goes by both, with its Undo: an Announce whose post cannot be fetched for hours must not hold
    up the post itself, and thousands who like one post need not wait for each other (a Like is only taken in where its
    post is known already). An Undo by bare id has only that id to go by; what it undoes is remembered as undone, so
    it may come first.
    """
    subject = activity
    if activity.type in ("Undo", "Accept", "Reject") and activity.inner is not None:
        subject = activity.inner
    object_id = subject.object_id or activity.object_id or ""
    if subject.type in _BETWEEN_TWO:
        one, other = sorted((subject.actor, object_id))
        return f"in {one} {other}"
    return of_object(object_id)


def of_object(uri: str) -> str:
    """The key of what concerns one post."""
    return f"in {uri}"
