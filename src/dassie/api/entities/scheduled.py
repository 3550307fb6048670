"""ScheduledStatus entities."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

from dassie.api.entities.media import MediaAttachment, show_media
from dassie.api.entities.shapes import Id, QuotePolicy, Stamp, Visibility
from dassie.api.entities.values import stamp
from dassie.domain.urls import Urls
from dassie.services.drafts import PollDraft
from dassie.services.scheduling import draft_of
from dassie.store.scheduled import Scheduled
from dassie.store.views import MediaView


class ScheduledPoll(TypedDict):
    """Its poll."""

    options: list[str]
    expires_in: int | None
    multiple: bool
    hide_totals: bool


class ScheduledParams(TypedDict):
    """What is to be posted."""

    text: str
    poll: ScheduledPoll | None
    media_ids: list[str] | None
    sensitive: bool | None
    spoiler_text: str | None
    visibility: Visibility | None
    in_reply_to_id: int | None
    language: str | None
    application_id: int
    scheduled_at: str | None
    idempotency: str | None
    with_rate_limit: bool
    quoted_status_id: Id | None
    quote_approval_policy: QuotePolicy
    allowed_mentions: list[str] | None


class ScheduledStatus(TypedDict):
    """A post that waits for its time."""

    id: Id
    scheduled_at: Stamp
    params: ScheduledParams
    media_attachments: list[MediaAttachment]


def show_scheduled(one: Scheduled, files: Sequence[MediaView], urls: Urls) -> ScheduledStatus:
    """What is to be posted, and when."""
    draft = draft_of(one)
    return {
        "id": str(one.id),
        "scheduled_at": stamp(one.scheduled_at),
        "params": {
            "text": draft.text,
            "poll": _poll(draft.poll) if draft.poll is not None else None,
            "media_ids": [str(id) for id in draft.media_ids] or None,
            "sensitive": draft.sensitive,
            "spoiler_text": draft.spoiler_text or None,
            "visibility": draft.visibility,
            "in_reply_to_id": draft.in_reply_to_id,
            "language": draft.language,
            "application_id": draft.application_id or 0,
            "scheduled_at": None,
            "idempotency": None,
            "with_rate_limit": False,
            "quoted_status_id": str(draft.quoted_status_id) if draft.quoted_status_id is not None else None,
            "quote_approval_policy": draft.quote_policy or "nobody",
            "allowed_mentions": None if draft.allowed_mentions is None else [str(id) for id in draft.allowed_mentions],
        },
        "media_attachments": [show_media(file, urls) for file in files],
    }


def _poll(poll: PollDraft) -> ScheduledPoll:
    return {
        "options": poll.options,
        "expires_in": poll.expires_in,
        "multiple": poll.multiple,
        "hide_totals": poll.hide_totals,
    }
