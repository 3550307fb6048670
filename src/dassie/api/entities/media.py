"""MediaAttachment entities."""

from __future__ import annotations

from typing import Any

from dassie.domain.urls import Urls
from dassie.store.views import MediaView


def show_media(media: MediaView, urls: Urls) -> dict[str, Any]:
    """An attachment. Ours are files, others' come through the signed proxy, fetched when first seen."""
    if media.file_key is not None:
        url: str | None = urls.media_file(media.file_key)
        preview = urls.media_file(media.small_key) if media.small_key else (url if media.kind == "image" else None)
    elif media.remote_url is not None:
        url = urls.proxied(media.remote_url, "original")
        small = media.small_remote_url or (media.remote_url if media.kind == "image" else None)
        preview = urls.proxied(small, "small") if small else None
    else:
        url = preview = None
    meta = dict(media.meta)
    if media.focus_x is not None and media.focus_y is not None:
        meta["focus"] = {"x": media.focus_x, "y": media.focus_y}
    return {
        "id": str(media.id),
        "type": media.kind,
        "url": url,
        "preview_url": preview,
        "remote_url": media.remote_url,
        "preview_remote_url": media.small_remote_url,
        "text_url": None,
        "meta": meta or None,
        "description": media.description,
        "blurhash": media.blurhash,
    }
