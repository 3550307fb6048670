"""PreviewCard entities."""

from __future__ import annotations

from typing import Annotated, NotRequired, TypedDict

from dassie.api.entities.accounts import Account, show_account
from dassie.api.entities.shapes import Html, Stamp, Url, Words
from dassie.api.entities.tags import History
from dassie.api.entities.values import stamp
from dassie.domain.urls import Urls
from dassie.store.views import CardView


class PreviewCardAuthor(TypedDict):
    """Who wrote the page."""

    name: str
    url: Url
    account: Account | None


class PreviewCard(TypedDict):
    """A page that a post links to."""

    url: Url
    title: str
    description: str
    type: Annotated[str, Words("link", "photo", "video", "rich")]
    authors: list[PreviewCardAuthor]
    author_name: str
    author_url: Url
    provider_name: str
    provider_url: Url
    html: Html
    width: int
    height: int
    image: Url | None
    embed_url: Url
    blurhash: str | None
    missing_attribution: NotRequired[bool | None]
    published_at: Stamp | None
    language: str | None
    image_description: str


class TrendsLink(PreviewCard):
    """A page that is talked of."""

    history: list[History]


def show_card(card: CardView, urls: Urls) -> PreviewCard:
    """A card. Its picture comes through the signed proxy, from our disk or fetched when somebody looks at it."""
    return {
        "url": card.url,
        "title": card.title,
        "description": card.description,
        "language": card.language,
        "type": card.type,
        "author_name": card.author_name,
        "author_url": card.author_url,
        "provider_name": card.provider_name,
        "provider_url": card.provider_url,
        "html": card.html,
        "width": card.width,
        "height": card.height,
        "image": urls.proxied(card.image_url, "card") if card.image_url else None,
        "image_description": card.image_description,
        "embed_url": card.embed_url,
        "blurhash": card.blurhash,
        "published_at": stamp(card.published_at),
        "authors": _authors(card, urls),
    }


def _authors(card: CardView, urls: Urls) -> list[PreviewCardAuthor]:
    if card.author is None and not card.author_name and not card.author_url:
        return []
    account = show_account(card.author, urls) if card.author is not None else None
    return [{"name": card.author_name, "url": card.author_url, "account": account}]
