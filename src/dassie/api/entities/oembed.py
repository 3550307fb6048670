"""The OEmbed entity: how another site shows a post of ours."""

from __future__ import annotations

from typing import Annotated, TypedDict

from dassie.api.entities.shapes import Html, Url, Words
from dassie.domain.html import escape
from dassie.domain.urls import Urls
from dassie.services.embedding import WIDTH, height_of
from dassie.store.views import StatusView

CACHE_SECONDS = 86_400


class OEmbed(TypedDict):
    """What to put into a page, by oembed.com."""

    type: Annotated[str, Words("rich")]
    version: Annotated[str, Words("1.0")]
    author_name: str
    author_url: Url
    provider_name: str
    provider_url: Url
    cache_age: int
    html: Html
    width: int
    height: int | None


def show_oembed(status: StatusView, urls: Urls, *, width: int = WIDTH, height: int | None = None) -> OEmbed:
    """A frame with the post: no script, `height` at most."""
    page = urls.status(status.account.username, status.id)
    high = height_of(status, width)
    high = min(high, height) if height else high
    title = escape(status.account.shown_name)
    frame = (
        f'<iframe src="{escape(page)}/embed" title="{title}" width="{width}" height="{high}" loading="lazy" '
        'style="max-width: 100%; border: 0" allowfullscreen></iframe>'
    )
    return {
        "type": "rich",
        "version": "1.0",
        "author_name": status.account.shown_name,
        "author_url": urls.profile(status.account.username),
        "provider_name": urls.domain,
        "provider_url": f"{urls.base}/",
        "cache_age": CACHE_SECONDS,
        "html": frame,
        "width": width,
        "height": high,
    }
