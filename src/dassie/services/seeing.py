"""Finding the status somebody means, if they may see it; and what of an account and its people may be seen."""

from __future__ import annotations

from typing import Any, Literal

from msgspec import structs

from dassie.domain.errors import NotAllowed, NotFound
from dassie.domain.ids import AccountId
from dassie.domain.paging import Page
from dassie.store import blocks, follows, statuses
from dassie.store.tx import Tx
from dassie.store.views import AccountView, StatusRow

_BARE: dict[str, Any] = {
    "display_name": "",
    "note": "",
    "fields": [],
    "emojis": [],
    "locked": False,
    "discoverable": False,
    "avatar_key": None,
    "avatar_static_key": None,
    "avatar_remote_url": None,
    "avatar_description": "",
    "header_key": None,
    "header_static_key": None,
    "header_remote_url": None,
    "header_description": "",
    "shown_role": "",
}
"""What a suspended account does not show."""


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


# Accounts --------------------------------------------------------------------------------------------


def face(account: AccountView) -> AccountView:
    """An account as everybody may see it; of a suspended one little is left."""
    return account if account.suspended_at is None else structs.replace(account, **_BARE)


async def people_around(
    tx: Tx, viewer: AccountId | None, account: AccountView, which: Literal["followers", "following"], page: Page
) -> list[tuple[int, AccountId]] | None:
    """(row id, account id) of an account's followers, or of whom it follows, newest first, but for those whom the
    viewer avoids; in one's own lists is everybody.

    None where the viewer may not know: the account hides them, is suspended, or blocks the viewer.
    """
    own = viewer == account.id
    if account.suspended_at is not None or (account.hide_collections and not own):
        return None
    if viewer is not None and await blocks.blocking(tx, account.id, viewer):
        return None
    read = follows.followers_of if which == "followers" else follows.followed_by
    return await read(tx, account.id, page, None if own else viewer)
