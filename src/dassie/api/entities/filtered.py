"""What a viewer's filters found in a status, as it stands in the status."""

from __future__ import annotations

import msgspec
from msgspec import Struct

from dassie.api.entities.filters import FilterResult, show_filter
from dassie.services.filtering import Match, Reader, Subject, words_of
from dassie.store.heads import Head
from dassie.store.views import PollView

NOTHING = b"[]"


class _Media(Struct):
    description: str | None = None


class _Words(Struct):
    """What filters look at in the kept part of a status."""

    content: str = ""
    spoiler_text: str = ""
    media_attachments: list[_Media] = []


_words = msgspec.json.Decoder(_Words).decode
_encode = msgspec.json.Encoder().encode


def filtered_part(reader: Reader, head: Head, part: bytes, poll: PollView | None) -> bytes:
    """The FilterResults of a status, encoded; `part` is what is kept of the status, or of the one it boosts."""

    def text() -> str:
        kept = _words(part + b"}")
        options = tuple(option.title for option in poll.options) if poll is not None else ()
        described = tuple(media.description or "" for media in kept.media_attachments)
        return words_of(kept.content, kept.spoiler_text, options, described)

    ids = (head.id,) if head.reblog_of_id is None else (head.id, head.reblog_of_id)
    rev = head.rev if head.reblog_of_id is None else head.original_rev or 0
    found = reader.find(Subject(ids, rev), text)
    return _encode([_show(match) for match in found]) if found else NOTHING


def _show(match: Match) -> FilterResult:
    return {
        "filter": show_filter(match.filter),
        "keyword_matches": [match.keyword] if match.keyword is not None else None,
        "status_matches": [str(id) for id in match.status_ids] if match.status_ids else None,
    }
