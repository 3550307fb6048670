"""Translations of posts, where the owner has named a service for that."""

from __future__ import annotations

from dassie.api.entities.translations import Translation, show_translation
from dassie.api.instance import FIVE_MINUTES
from dassie.api.routing import Call, Reply, get, post
from dassie.domain.ids import StatusId
from dassie.door import taking as take
from dassie.door.limits import TRANSLATIONS
from dassie.services import translating
from dassie.services.seeing import proper_status
from dassie.store import statuses


@post(
    "/api/v1/statuses/{id}/translate",
    scope="read:statuses",
    takes=[take.text("lang", "Into which language; the caller's own where it is left out.", most=35)],
)
async def translate_status(call: Call, id: StatusId) -> Translation:
    """A public or unlisted post in another language."""
    own = call.caller.user.locale if call.caller is not None and call.caller.user is not None else "en"
    wanted = call.params.text("lang", most=35) or own
    async with call.server.read() as tx:
        row = await proper_status(tx, call.viewer, id)
        (view,) = await statuses.show(tx, [row.id], viewer=call.viewer)
    call.limit(TRANSLATIONS)
    return show_translation(await translating.translate(call.server, view, wanted))


@get("/api/v1/instance/translation_languages", takes=[])
async def translation_languages(call: Call) -> Reply[dict[str, list[str]]]:
    """Into which languages each can be translated. `und`: from one that is not known."""
    found = await translating.languages(call.server)
    return Reply({source: list(targets) for source, targets in found.items()}, headers=FIVE_MINUTES)
