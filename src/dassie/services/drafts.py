"""What somebody wants to post, and whether the rules allow it (limits_and_rules section 7)."""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec import UNSET, Struct, UnsetType, structs

from dassie.domain import text
from dassie.domain.errors import Invalid
from dassie.domain.ids import AccountId, MediaId
from dassie.services.choosing_previews import Preview
from dassie.store.views import MediaView

MOST_CHARACTERS = 500
MOST_FILES = 4
LONGEST_DESCRIPTION = 10_000
POLL_OPTIONS = (2, 4)
LONGEST_OPTION = 50
SHORTEST_POLL = timedelta(minutes=5)
LONGEST_POLL = timedelta(days=31)


class PollDraft(Struct, frozen=True, kw_only=True):
    """A poll that is to be asked."""

    options: list[str]
    expires_in: int | None = None
    """Seconds."""
    expires_at: datetime | None = None
    """In place of it, for a poll that is there already: its end stays, be it past."""
    multiple: bool = False
    hide_totals: bool = False


class MediaChange(Struct, frozen=True, kw_only=True):
    """What an edit says about one attachment."""

    id: MediaId
    description: str | UnsetType | None = UNSET
    focus: tuple[float, float] | UnsetType = UNSET
    preview: Preview | None = None
    """In place of the one it has."""


class Draft(Struct, frozen=True, kw_only=True):
    """What somebody typed and chose. None means: as their settings say."""

    text: str = ""
    spoiler_text: str = ""
    visibility: str | None = None
    language: str | None = None
    sensitive: bool | None = None
    in_reply_to_id: int | None = None
    quoted_status_id: int | None = None
    quote_policy: str | None = None
    """Who may quote it: public, followers or nobody."""
    media_ids: list[int] = []
    media_changes: list[MediaChange] = []
    poll: PollDraft | None = None
    allowed_mentions: list[AccountId] | None = None
    """Nobody else may be mentioned; None: anybody."""
    application_id: int | None = None
    idempotency_key: str | None = None


def checked_text(draft: Draft, *, quoting: bool) -> tuple[str, str]:
    """(text, content warning), trimmed. A warning without a text becomes the text, but stands above a quote."""
    typed, spoiler = text.clean(draft.text).strip(), text.clean(draft.spoiler_text).strip()
    if not typed and spoiler and not quoting:
        typed, spoiler = spoiler, ""
    if not typed and not draft.media_ids and draft.poll is None and not quoting:
        raise Invalid("Validation failed: Text can't be blank", fields={"text": [("ERR_BLANK", "can't be blank")]})
    if text.count(spoiler) + text.count(typed) > MOST_CHARACTERS:
        words = f"character limit of {MOST_CHARACTERS} exceeded"
        raise Invalid(f"Validation failed: Text {words}", fields={"text": [("ERR_TOO_LONG", words)]})
    return typed, spoiler


def is_warned(draft: Draft) -> bool:
    """Whether it comes with a warning, be it that this becomes its text: what is attached is hidden then."""
    return bool(text.clean(draft.spoiler_text).strip())


def checked_poll(poll: PollDraft) -> PollDraft:
    """The poll with its options trimmed."""
    options = [option for option in (text.clean(title).strip() for title in poll.options) if option]
    least, most = POLL_OPTIONS
    if len(options) < least:
        raise _option("must have more than one item")
    if len(options) > most:
        raise _option(f"can't contain more than {most} items")
    if any(text.count(option) > LONGEST_OPTION for option in options):
        raise _option(f"cannot be longer than {LONGEST_OPTION} characters each")
    if len(set(options)) < len(options):
        raise _option("contain duplicate items")
    if poll.expires_at is None:
        _check_end(poll.expires_in)
    return structs.replace(poll, options=options)


def _check_end(expires_in: int | None) -> None:
    if expires_in is None or expires_in > LONGEST_POLL.total_seconds():
        raise Invalid("Validation failed: Deadline is too far into the future")
    if expires_in < SHORTEST_POLL.total_seconds():
        raise Invalid("Validation failed: Deadline is too soon")


def check_media(asked: list[int], found: list[MediaView], *, status_id: int | None = None) -> None:
    """Whether these files of mine may be attached; `status_id`: those of that status may stay."""
    if len(asked) > MOST_FILES:
        raise Invalid(f"Cannot attach more than {MOST_FILES} files")
    usable = {one.id for one in found if one.status_id is None or one.status_id == status_id}
    missing = [str(id) for id in asked if id not in usable]
    if missing:
        raise Invalid(f"Media {', '.join(missing)} not found or already attached to another post")
    if len(found) > 1 and any(one.kind in ("video", "audio") for one in found):
        raise Invalid("Cannot attach a video to a post that already contains images")
    if any(one.state != "ready" for one in found):
        raise Invalid("Cannot attach files that have not finished processing. Try again in a moment!")


def check_description(description: str | None) -> str | None:
    """An alt text, trimmed; None where it is empty."""
    if description is None:
        return None
    cleaned = text.clean(description).strip()
    if len(cleaned) > LONGEST_DESCRIPTION:
        raise Invalid(
            f"Validation failed: Description is too long (maximum is {LONGEST_DESCRIPTION} characters)",
            fields={"description": [("ERR_TOO_LONG", "is too long")]},
        )
    return cleaned or None


def _option(words: str) -> Invalid:
    return Invalid(f"Validation failed: Choices {words}", fields={"poll.options": [("ERR_INVALID", words)]})
