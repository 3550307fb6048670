"""One POST ends letters of one kind (RFC 8058): mail programs send it, with neither cookie nor token of ours."""

from __future__ import annotations

from dassie.api.entities.shapes import Empty
from dassie.api.routing import Call, post
from dassie.domain.errors import NotFound
from dassie.door import taking as take
from dassie.door.limits import MAIL_ADDRESS
from dassie.services import mailing_news


@post("/unsubscribe/{token}", takes=[take.text("List-Unsubscribe", "`One-Click`.")])
async def unsubscribe(call: Call, token: str) -> Empty:
    """No more letters about this kind of notification."""
    call.limits.count(MAIL_ADDRESS, call.request.client_group, call.server.clock.now())
    async with call.server.write() as tx:
        if await mailing_news.unsubscribe(tx, call.server, token[:200]) is None:
            raise NotFound
    return {}
