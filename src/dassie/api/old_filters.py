"""Filters as apps of before 4.0 know them: one object for each keyword, on top of the same rows."""

from __future__ import annotations

from typing import Any

from msgspec import UNSET, UnsetType, structs

from dassie.api.entities.filters import show_old
from dassie.api.filters import read_change
from dassie.api.routing import Call, Reply, delete, get, post, put
from dassie.services import setting_filters
from dassie.services.setting_filters import FilterChange
from dassie.store import filters

DEPRECATED = [("deprecation", "@1668384000")]
"""Since 14 November 2022, when Mastodon 4.0 came out (RFC 9745)."""


@get("/api/v1/filters", scope="read:filters")
async def list_old(call: Call) -> Reply:
    """All keywords of all filters."""
    async with call.server.read() as tx:
        known = {one.id: one for one in await filters.of(tx, call.me.id)}
        words = await filters.keywords(tx, call.me.id)
    return _reply([show_old(known[word.filter_id], word) for word in words if word.filter_id in known])


@post("/api/v1/filters", scope="write:filters")
async def create_old(call: Call) -> Reply:
    """A filter of one keyword."""
    async with call.server.write() as tx:
        whole = call.params.flag("whole_word")
        return _reply(show_old(*await setting_filters.create_old(tx, call.server, call.me, _change(call), whole)))


@get("/api/v1/filters/{id}", scope="read:filters")
async def get_old(call: Call, id: int) -> Reply:
    """One keyword."""
    async with call.server.read() as tx:
        word = await setting_filters.find_keyword(tx, call.me, id)
        return _reply(show_old(await setting_filters.find(tx, call.me, word.filter_id), word))


@put("/api/v1/filters/{id}", scope="write:filters")
async def change_old(call: Call, id: int) -> Reply:
    """Change a keyword and its filter, where that touches no other keyword."""
    async with call.server.write() as tx:
        whole = call.params.flag("whole_word")
        return _reply(show_old(*await setting_filters.change_old(tx, call.server, call.me, id, _change(call), whole)))


@delete("/api/v1/filters/{id}", scope="write:filters")
async def remove_old(call: Call, id: int) -> Reply:
    """Delete a keyword."""
    async with call.server.write() as tx:
        await setting_filters.remove_old(tx, call.server, call.me, id)
    return _reply({})


def _change(call: Call) -> FilterChange:
    params = call.params
    irreversible = params.flag("irreversible")
    action: str | UnsetType = UNSET if irreversible is None else "hide" if irreversible else "warn"
    phrase: str | UnsetType = params.text("phrase") or "" if "phrase" in params else UNSET
    return structs.replace(read_change(params), title=phrase, action=action)


def _reply(body: Any) -> Reply:
    return Reply(body, headers=list(DEPRECATED))
