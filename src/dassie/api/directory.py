"""The directory of profiles."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from dassie.api.entities.accounts import Account, show_accounts
from dassie.api.paging import OFFSET, read_offset
from dassie.api.routing import Call, get
from dassie.door import taking as take
from dassie.store import directory
from dassie.store.directory import Order
from dassie.store.kept import Kept


def _everybody(order: Order) -> Kept[list[Any]]:
    return Kept(lambda tx: directory.listed_in(tx, order, local=False), timedelta(minutes=2))


_known: dict[Order, Kept[list[Any]]] = {"active": _everybody("active"), "new": _everybody("new")}
"""Sorting all accounts by their last post has no index, since each post would have to change it."""


@get(
    "/api/v1/directory",
    takes=[
        take.limit(40, 80),
        OFFSET,
        take.word("order", ("active", "new")),
        take.flag("local", "Only people of this server."),
    ],
)
async def list_directory(call: Call) -> list[Account]:
    """People who want to be discovered: `order` active or new, `local` for those of this server."""
    limit, offset = call.params.limit(40, 80), read_offset(call.params)
    order: Order = "new" if call.params.text("order") == "new" else "active"
    local = bool(call.params.flag("local"))
    known = [] if local else await _known[order].get(call.server.db)
    async with call.server.read() as tx:
        found = await directory.listed_in(tx, order, local=True) if local else known
        if call.viewer is not None:
            found = await directory.wanted_of(tx, call.viewer, found, offset + limit)
        return await show_accounts(tx, found[offset : offset + limit], call.urls)
