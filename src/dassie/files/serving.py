"""Our own files: uploads, avatars, emoji. Their names are made of their content, so they never change."""

from __future__ import annotations

from dassie.domain.errors import NotFound
from dassie.domain.media_kinds import served_type
from dassie.files.routing import Look, get
from dassie.files.sending import send_file


@get("/system/{key:rest}")
async def show_file(look: Look, key: str) -> None:
    """A stored file."""
    if key.startswith("cache/"):
        raise NotFound("There is no such file")  # others' files have addresses of their own
    await send_file(look.server, look.request, key, served_type(key))
