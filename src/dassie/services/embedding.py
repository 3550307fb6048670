"""Posts of ours on other sites' pages: which may be embedded, and how high the frame should be."""

from __future__ import annotations

from urllib.parse import urlsplit

from dassie.domain.html import to_text
from dassie.domain.ids import parse_id
from dassie.domain.urls import Urls
from dassie.store import statuses
from dassie.store.tx import Tx
from dassie.store.views import StatusView

OPEN = frozenset({"public", "unlisted"})
WIDTH = 400
LEAST, MOST = 200, 4096
_FRAME, _LINE, _MEDIA, _CARD, _OPTION = 170, 26, 260, 110, 44
_LETTERS = 45
"""Of a line, where the frame is as wide as usual."""


async def embeddable(tx: Tx, id: int) -> StatusView | None:
    """A post of ours that everybody may see."""
    shown = await statuses.show(tx, [id], viewer=None)
    found = shown[0] if shown else None
    if found is None or not found.row.local or found.reblog is not None or found.row.visibility not in OPEN:
        return None
    return found


async def by_address(tx: Tx, urls: Urls, address: str) -> StatusView | None:
    """The same by the address of its page, of its frame, or its ActivityPub id."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    if f"{parts.scheme}://{parts.netloc}" != urls.base:
        return None
    match parts.path.strip("/").split("/"):
        case [name, text] | [name, text, "embed"] if name.startswith("@"):
            username = name[1:]
        case ["users", username, "statuses", text]:
            pass
        case _:
            return None
    id = parse_id(text)
    found = await embeddable(tx, id) if id is not None else None
    return found if found is not None and found.account.username.lower() == username.lower() else None


def height_of(status: StatusView, width: int) -> int:
    """About how high a post is in a frame of this width, in pixels; what is higher can be scrolled."""
    row = status.row
    lines = len(to_text(row.content)) * WIDTH // (_LETTERS * max(width, 1)) + row.content.count("<br") + 1
    lines = 2 if row.spoiler_text else lines + row.content.count("</p>")
    more = 0 if row.spoiler_text else (_MEDIA if status.media else (_CARD if status.card else 0))
    options = len(status.poll.options) if status.poll is not None and not row.spoiler_text else 0
    return min(max(_FRAME + lines * _LINE + more + options * _OPTION, LEAST), MOST)
