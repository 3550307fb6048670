"""PreviewCard entities."""

from __future__ import annotations

from typing import Any

from dassie.api.entities.accounts import show_account
from dassie.api.entities.values import stamp
from dassie.domain.urls import Urls
from dassie.store.views import CardView


def show_card(card: CardView, urls: Urls) -> dict[str, Any]:
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


def _authors(card: CardView, urls: Urls) -> list[dict[str, Any]]:
    if card.author is None and not card.author_name and not card.author_url:
        return []
    account = show_account(card.author, urls) if card.author is not None else None
    return [{"name": card.author_name, "url": card.author_url, "account": account}]
