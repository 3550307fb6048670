"""Scripts, styles, icons and pictures of the pages, as `python web/build.py` made them."""

from __future__ import annotations

import mimetypes
import re
from functools import lru_cache

from dassie.domain.errors import NotFound
from dassie.web import assets
from dassie.web.answers import Data, File
from dassie.web.routing import page
from dassie.web.visits import Visit

FOR_GOOD = "public, max-age=31536000, immutable"
FOR_A_DAY = "public, max-age=86400"
_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{0,80}")


@page("/static/{name}")
async def static_file(visit: Visit, name: str) -> File:
    """One file. Names that carry a hash are kept by browsers for good."""
    body = _read(name)
    if body is None:
        raise NotFound
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    if kind.startswith("text/"):
        kind += "; charset=utf-8"
    kept = FOR_GOOD if assets.is_hashed(name) else FOR_A_DAY
    return File(body, kind, [("cache-control", kept), ("access-control-allow-origin", "*")])


@page("/favicon.ico")
async def favicon(visit: Visit) -> File:
    """For browsers that ask without looking."""
    return await static_file(visit, "favicon.png")


@page("/manifest")
async def manifest(visit: Visit) -> Data:
    """Lets the site be put on a phone's home screen."""
    icons = [
        {"src": "/static/icon-192.png", "sizes": "192x192", "type": "image/png"},
        {"src": "/static/icon-512.png", "sizes": "512x512", "type": "image/png"},
        {"src": "/static/icon-maskable-512.png", "sizes": "512x512", "type": "image/png", "purpose": "maskable"},
    ]
    async with visit.server.read() as tx:
        site = (await visit.page(tx)).site
    return Data(
        {
            "id": "/home",
            "name": site.title,
            "short_name": site.title[:12],
            "start_url": "/home",
            "scope": "/",
            "display": "standalone",
            "background_color": "#F5F2EC",
            "theme_color": "#F5F2EC",
            "icons": icons,
        }
    )


@lru_cache(maxsize=64)
def _read(name: str) -> bytes | None:
    if not _NAME.fullmatch(name) or name == "assets.json":
        return None
    try:
        return (assets.DIST / name).read_bytes()
    except OSError:
        return None
