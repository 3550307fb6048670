"""Reading what an app wants to post."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from msgspec import structs

from dassie.api.media import CHOSEN, DESCRIBED, read_change
from dassie.api.routing import Call
from dassie.domain.audience import POSTABLE
from dassie.domain.errors import Invalid
from dassie.domain.ids import AccountId, parse_id
from dassie.domain.quotes import POLICY_WORDS
from dassie.door import taking as take
from dassie.door.forms import Params
from dassie.services.choosing_previews import Previews
from dassie.services.drafts import MOST_FILES, Draft, MediaChange, PollDraft

MOST_IDS = 100
POLL = [
    take.texts("options", most=MOST_IDS),
    take.integer("expires_in", "Seconds.", least=0, most=10**10),
    take.flag("multiple"),
    take.flag("hide_totals", "Until it ends."),
]
QUOTERS = take.word("quote_approval_policy", POLICY_WORDS, "Who may quote it.")
WORDS = [
    take.text("status"),
    take.text("spoiler_text"),
    take.text("language", most=35),
    take.flag("sensitive"),
    take.texts("media_ids", most=MOST_IDS),
    take.object("poll", POLL),
    QUOTERS,
]
FILE = [take.id("id"), *DESCRIBED]
DRAFT = [*WORDS, take.objects("media_attributes", FILE)]
"""What a post says."""
EDIT = [*WORDS, take.objects("media_attributes", [*FILE, CHOSEN])]
"""What it says when it is edited."""
AUDIENCE = [
    take.word("visibility", POSTABLE),
    take.id("in_reply_to_id"),
    take.ids("allowed_mentions", "Nobody else may be mentioned.", most=MOST_IDS),
    take.id("quoted_status_id"),
    take.time("scheduled_at"),
]
"""What a new post says besides."""


def read_draft(call: Call, *, new: bool) -> Draft:
    """The draft of a request; an edit (`new=False`) has no audience of its own."""
    params = call.params
    values: dict[str, Any] = {
        "text": params.text("status") or "",
        "spoiler_text": params.text("spoiler_text") or "",
        "language": params.text("language", most=35),
        "sensitive": params.flag("sensitive"),
        "media_ids": _media_ids(params),
        "poll": _poll(params.child("poll")),
        "media_changes": _media_changes(params),
        "quote_policy": params.word("quote_approval_policy", POLICY_WORDS),
    }
    if new:
        values |= {
            "visibility": params.word("visibility", POSTABLE),
            "in_reply_to_id": params.id("in_reply_to_id"),
            "quoted_status_id": params.id("quoted_status_id"),
            "allowed_mentions": _allowed(params),
            "application_id": call.caller.app_id if call.caller is not None else None,
            "idempotency_key": call.request.headers.get("idempotency-key", "").strip() or None,
        }
    return Draft(**values)


async def with_previews(call: Call, draft: Draft, made: Previews) -> Draft:
    """The draft of an edit, with the previews that came for its files; no unit may be open."""
    sent = {one.id("id"): one.file("thumbnail") for one in call.params.children("media_attributes")}
    files = {id: file for id in draft.media_ids[:MOST_FILES] if (file := sent.get(id)) is not None}
    chosen = {id: await made.make(file.path) for id, file in files.items()}
    changes = [structs.replace(one, preview=chosen.get(one.id)) for one in draft.media_changes]
    return structs.replace(draft, media_changes=changes)


def posting_time(call: Call) -> datetime | None:
    """When it is to be posted; None for now, which is also what the past means."""
    at = call.params.time("scheduled_at")
    return at if at is not None and at > call.server.clock.now() else None


def _media_ids(params: Params) -> list[int]:
    texts = params.texts("media_ids", most=MOST_IDS)
    ids = [parse_id(text) for text in texts if text]
    if any(id is None for id in ids):
        bad = ", ".join(text for text in texts if parse_id(text) is None)
        raise Invalid(f"Media {bad} not found or already attached to another post")
    return [id for id in dict.fromkeys(ids) if id is not None]


def _poll(params: Params | None) -> PollDraft | None:
    if params is None or not len(params):
        return None
    return PollDraft(
        options=params.texts("options", most=MOST_IDS),
        expires_in=params.integer("expires_in", least=0, most=10**10),
        multiple=params.flag("multiple") or False,
        hide_totals=params.flag("hide_totals") or False,
    )


def _media_changes(params: Params) -> list[MediaChange]:
    changes = []
    for one in params.children("media_attributes")[:MOST_IDS]:
        id = one.id("id")
        if id is not None:
            changes.append(read_change(id, one))
    return changes


def _allowed(params: Params) -> list[AccountId] | None:
    """Given but empty: nobody may be mentioned."""
    if "allowed_mentions" not in params:
        return None
    return [AccountId(id) for id in params.ids("allowed_mentions", most=MOST_IDS)]
