"""StatusEdit entities: what a status said at different times."""

from __future__ import annotations

from typing import NotRequired, TypedDict

from dassie.api.entities.accounts import Account, show_account
from dassie.api.entities.media import MediaAttachment, show_media
from dassie.api.entities.shapes import Html, Id, Stamp
from dassie.api.entities.status_shapes import EncodedQuote
from dassie.api.entities.values import CustomEmoji, emojis, stamp
from dassie.domain.urls import Urls
from dassie.store.edits import Edit
from dassie.store.views import AccountView, MediaView, StatusView


class EditedOption(TypedDict):
    """An answer as it was."""

    title: str


class EditedPoll(TypedDict):
    """A poll as it was."""

    options: list[EditedOption]


class StatusSource(TypedDict):
    """What a post says, as typed."""

    id: Id
    text: str
    spoiler_text: str


class StatusEdit(TypedDict):
    """What a post said at a time."""

    content: Html
    spoiler_text: Html
    sensitive: bool
    created_at: Stamp
    account: Account
    poll: NotRequired[EditedPoll]
    media_attachments: list[MediaAttachment]
    emojis: list[CustomEmoji]
    quote: NotRequired[EncodedQuote | None]


def show_edit(
    edit: Edit, author: AccountView, media: dict[int, MediaView], urls: Urls, quote: EncodedQuote | None = None
) -> StatusEdit:
    """One version. Files show as they were described then, as long as they are still here; `quote`: what became of
    the quote in it."""
    files: list[MediaAttachment] = [
        {**show_media(media[one.id], urls), "description": one.description} for one in edit.media if one.id in media
    ]
    shown: StatusEdit = {
        "content": edit.content,
        "spoiler_text": edit.spoiler_text,
        "sensitive": edit.sensitive,
        "created_at": stamp(edit.created_at),
        "account": show_account(author, urls),
        "media_attachments": files,
        "emojis": emojis(edit.emojis, urls),
    }
    if edit.quote_uri is not None:
        shown["quote"] = quote
    if edit.poll_options is not None:
        shown["poll"] = {"options": [{"title": title} for title in edit.poll_options]}
    return shown


def show_as_edit(view: StatusView, urls: Urls, quote: EncodedQuote | None = None) -> StatusEdit:
    """The one version of a status that was never edited."""
    shown: StatusEdit = {
        "content": view.row.content,
        "spoiler_text": view.row.spoiler_text,
        "sensitive": view.row.sensitive,
        "created_at": stamp(view.row.created_at),
        "account": show_account(view.account, urls),
        "media_attachments": [show_media(one, urls) for one in view.media],
        "emojis": emojis(view.row.emojis, urls),
    }
    if view.row.quote_uri is not None:
        shown["quote"] = quote
    if view.poll is not None:
        shown["poll"] = {"options": [{"title": option.title} for option in view.poll.options]}
    return shown
