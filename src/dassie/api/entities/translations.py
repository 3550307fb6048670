"""Posts in another language."""

from __future__ import annotations

from typing import TypedDict

from dassie.api.entities.shapes import Html, Id
from dassie.services import translating


class TranslationPollOption(TypedDict):
    """An option of a poll."""

    title: str


class TranslationPoll(TypedDict):
    """Its options, in their order."""

    id: Id
    options: list[TranslationPollOption]


class TranslationAttachment(TypedDict):
    """A file with a description."""

    id: Id
    description: str


class Translation(TypedDict):
    """A post in another language."""

    content: Html
    spoiler_text: str
    language: str
    poll: TranslationPoll | None
    media_attachments: list[TranslationAttachment]
    detected_source_language: str
    provider: str


def show_translation(made: translating.Translation) -> Translation:
    """What the service made of a post."""
    poll: TranslationPoll | None = None
    if made.poll_id is not None:
        poll = {"id": str(made.poll_id), "options": [{"title": title} for title in made.options]}
    return {
        "content": made.content,
        "spoiler_text": made.spoiler_text,
        "language": made.language,
        "poll": poll,
        "media_attachments": [{"id": str(id), "description": text} for id, text in made.media],
        "detected_source_language": made.source,
        "provider": made.provider,
    }
