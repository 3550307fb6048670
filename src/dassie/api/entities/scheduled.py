"""ScheduledStatus entities."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dassie.api.entities.media import show_media
from dassie.api.entities.values import stamp
from dassie.domain.urls import Urls
from dassie.services.drafts import PollDraft
from dassie.services.scheduling import draft_of
from dassie.store.scheduled import Scheduled
from dassie.store.views import MediaView


def show_scheduled(one: Scheduled, files: Sequence[MediaView], urls: Urls) -> dict[str, Any]:
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
            "quoted_status_id": None,
            "quote_approval_policy": "nobody",
            "allowed_mentions": None if draft.allowed_mentions is None else [str(id) for id in draft.allowed_mentions],
        },
        "media_attachments": [show_media(file, urls) for file in files],
    }


def _poll(poll: PollDraft) -> dict[str, Any]:
    return {
        "options": poll.options,
        "expires_in": poll.expires_in,
        "multiple": poll.multiple,
        "hide_totals": poll.hide_totals,
    }
