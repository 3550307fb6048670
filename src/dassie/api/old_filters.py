"""Filters as apps of before 4.0 know them: one object for each keyword, on top of the same rows."""

from __future__ import annotations

from msgspec import UNSET, UnsetType, structs

from dassie.api.entities.filters import V1Filter, show_old
from dassie.api.entities.shapes import Empty
from dassie.api.filters import CONTEXT, EXPIRES_IN, read_where_and_when
from dassie.api.routing import Call, delete, get, post, put
from dassie.door import taking as take
from dassie.services import setting_filters
from dassie.services.setting_filters import FilterChange
from dassie.store import filters

OLD_SINCE = "@1668384000"
"""Since 14 November 2022, when Mastodon 4.0 came out (RFC 9745)."""
SAID = [
    take.text("phrase"),
    CONTEXT,
    take.flag("irreversible"),
    take.flag("whole_word"),
    EXPIRES_IN,
]


@get("/api/v1/filters", scope="read:filters", takes=[], deprecated=OLD_SINCE)
async def list_old(call: Call) -> list[V1Filter]:
    """All keywords of all filters."""
    async with call.server.read() as tx:
        known = {one.id: one for one in await filters.of(tx, call.me.id)}
        words = await filters.keywords(tx, call.me.id)
    return [show_old(known[word.filter_id], word) for word in words if word.filter_id in known]


@post("/api/v1/filters", scope="write:filters", takes=SAID, deprecated=OLD_SINCE)
async def create_old(call: Call) -> V1Filter:
    """A filter of one keyword."""
    async with call.server.write() as tx:
        whole = call.params.flag("whole_word")
        return show_old(*await setting_filters.create_old(tx, call.server, call.me, _change(call), whole))


@get("/api/v1/filters/{id}", scope="read:filters", takes=[], deprecated=OLD_SINCE)
async def get_old(call: Call, id: int) -> V1Filter:
    """One keyword."""
    async with call.server.read() as tx:
        word = await setting_filters.find_keyword(tx, call.me, id)
        return show_old(await setting_filters.find(tx, call.me, word.filter_id), word)


@put("/api/v1/filters/{id}", scope="write:filters", takes=SAID, deprecated=OLD_SINCE)
async def change_old(call: Call, id: int) -> V1Filter:
    """Change a keyword and its filter, where that touches no other keyword."""
    async with call.server.write() as tx:
        whole = call.params.flag("whole_word")
        return show_old(*await setting_filters.change_old(tx, call.server, call.me, id, _change(call), whole))


@delete("/api/v1/filters/{id}", scope="write:filters", takes=[], deprecated=OLD_SINCE)
async def remove_old(call: Call, id: int) -> Empty:
    """Delete a keyword."""
    async with call.server.write() as tx:
        await setting_filters.remove_old(tx, call.server, call.me, id)
    return {}


def _change(call: Call) -> FilterChange:
    params = call.params
    irreversible = params.flag("irreversible")
    action: str | UnsetType = UNSET if irreversible is None else "hide" if irreversible else "warn"
    phrase: str | UnsetType = params.text("phrase") or "" if "phrase" in params else UNSET
    return structs.replace(read_where_and_when(params), title=phrase, action=action)
