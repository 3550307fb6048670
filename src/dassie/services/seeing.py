"""Finding the status somebody means, if they may see it."""

from __future__ import annotations

from dassie.domain.errors import NotAllowed, NotFound
from dassie.domain.ids import AccountId
from dassie.store import blocks, statuses
from dassie.store.tx import Tx
from dassie.store.views import AccountView, StatusRow


async def visible_status(tx: Tx, viewer: AccountId | None, id: int) -> StatusRow:
    """The status with this id; raises `NotFound` where there is none that `viewer` may see."""
    found = (await statuses.visible(tx, [id], viewer=viewer)).get(id)
    if found is None:
        raise NotFound
    return found


async def proper_status(tx: Tx, viewer: AccountId | None, id: int) -> StatusRow:
    """The same; of a reblog the status that it shows."""
    found = await visible_status(tx, viewer, id)
    return found if found.reblog_of_id is None else await visible_status(tx, viewer, found.reblog_of_id)


async def own_status(tx: Tx, me: AccountView, id: int) -> StatusRow:
    """My status with this id; raises `NotFound` where it is not mine."""
    found = await statuses.by_id(tx, id)
    if found is None or found.account_id != me.id:
        raise NotFound
    return found


async def refuse_blocked(tx: Tx, me: AccountView, status: StatusRow) -> None:
    """Raises `NotAllowed` where I block the author."""
    if await blocks.blocking(tx, me.id, status.account_id):
        raise NotAllowed
