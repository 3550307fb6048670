"""Deleting an account: its login at once, all it left in bounded steps, and other servers are told.

Of one of ours the bare row stays, suspended and empty, so that nobody takes its name. Another server's account
goes altogether.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dassie.domain.ids import INSTANCE_ACCOUNT_ID
from dassie.domain.jobs import DeleteAccount, PublishAccountDeletion
from dassie.domain.storage import OWN
from dassie.jobs.registry import handles
from dassie.ports import Event
from dassie.server import Server
from dassie.services import profiles, writing
from dassie.store import accounts, leavings, logins, queue, recipients, scheduled, search, statuses, uploads, usage
from dassie.store.tx import Tx
from dassie.store.views import AccountView

STATUSES_AT_ONCE = 20
FILES_AT_ONCE = 100
RELATIONS_AT_ONCE = 200
STEPS = 40
"""Units of work in one go; then the job queues itself again, behind what waits."""
_EMPTY: dict[str, Any] = {
    "display_name": "",
    "note": "",
    "note_source": None,
    "fields": [],
    "fields_source": None,
    "emojis": [],
    "avatar_key": None,
    "avatar_static_key": None,
    "avatar_remote_url": None,
    "avatar_description": "",
    "header_key": None,
    "header_static_key": None,
    "header_remote_url": None,
    "header_description": "",
    "also_known_as": [],
    "attribution_domains": [],
    "discoverable": False,
    "indexable": False,
    "email_subscriptions": False,
    "shown_role": "",
    "statuses_count": 0,
    "followers_count": 0,
    "following_count": 0,
    "last_status_at": None,
}


async def delete_account(tx: Tx, server: Server, account: AccountView) -> None:
    """Begin to delete an account: nobody sees it from now on, its login is gone, the rest follows in steps.

    Asked for again while it goes on, nothing more happens.
    """
    if account.id == INSTANCE_ACCOUNT_ID:
        return
    if account.suspended_at is None:
        await accounts.change(tx, account.id, suspended_at=tx.now)
    await search.forget_account(tx, account.id)
    user = await logins.user_of(tx, account.id) if account.local else None
    if user is not None:
        inboxes = await recipients.everybody(tx)
        if inboxes:
            await queue.enqueue(tx, PublishAccountDeletion(account_id=account.id, inboxes=inboxes))
        await leavings.remove_login(tx, account.id)
        await scheduled.forget_of(tx, account.id)
        server.tell(tx, ["tokens"], Event("user", user.id))
    await queue.enqueue(tx, DeleteAccount(account_id=account.id), unique=str(account.id))


@handles(DeleteAccount)
async def delete_leavings(server: Server, job: DeleteAccount) -> None:
    """Take away what a deleted account left, some at a time; begun again it goes on where it was."""
    for _ in range(STEPS):
        if not await _step(server, job.account_id):
            return
    async with server.write() as tx:
        await queue.enqueue(tx, DeleteAccount(account_id=job.account_id))


async def _step(server: Server, account_id: int) -> bool:
    """One unit of work; False when all is done."""
    async with server.write() as tx:
        account = await accounts.by_id(tx, account_id)
        if account is None:
            return False
        if await _remove_statuses(tx, server, account_id):
            return True
        files = await leavings.files_of(tx, account_id, FILES_AT_ONCE)
        if not files and await leavings.remove_some(tx, account_id, RELATIONS_AT_ONCE):
            return True
    # Files before rows: should we stop in between, the rows still say what is to be deleted.
    if files:
        await _delete_files(server, [key for file in files for key in (file.file_key, file.small_key)])
        async with server.write() as tx:
            await uploads.delete_rows(tx, [file.id for file in files])
        return True
    pictures = await profiles.weigh_pictures(server, account)
    await _delete_files(server, list(pictures))
    async with server.write() as tx:
        await _end(tx, account, pictures)
    return False


async def _remove_statuses(tx: Tx, server: Server, account_id: int) -> bool:
    ids = await leavings.statuses_of(tx, account_id, STATUSES_AT_ONCE)
    for id in ids:
        found = await statuses.by_id(tx, id)
        if found is not None:  # a reblog of the account's own status goes with it
            await writing.remove_status(tx, server, found)
    return bool(ids)


async def _end(tx: Tx, account: AccountView, pictures: Mapping[str, int]) -> None:
    await leavings.remove_rest(tx, account.id)
    if account.local:
        now = await accounts.by_id(tx, account.id)
        if now is not None and now.avatar_key == account.avatar_key and now.header_key == account.header_key:
            usage.add(tx, OWN, "", -len(pictures), -sum(pictures.values()))
        await accounts.change(tx, account.id, **_EMPTY)
    else:
        await statuses.bury(tx, account.uri)
        await leavings.remove_row(tx, account.id)


async def _delete_files(server: Server, keys: Sequence[str | None]) -> None:
    for key in keys:
        if key:
            await server.media_files.delete(key)
