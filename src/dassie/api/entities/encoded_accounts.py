"""Accounts for long lists, encoded once and kept until they change (decision 0004).

A page then asks the database for ids and revisions only; rows are read for those that are not here.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated

import msgspec

from dassie.api.entities.accounts import Account, show_accounts
from dassie.api.entities.encoded_parts import EncodedParts
from dassie.domain.ids import AccountId
from dassie.domain.urls import Urls
from dassie.store import accounts
from dassie.store.tx import Tx

KEPT_BYTES = 4_000_000
EncodedAccount = Annotated[msgspec.Raw, Account]
_KEPT: EncodedParts[tuple[int, int, str]] = EncodedParts(KEPT_BYTES)
_encode = msgspec.json.Encoder().encode


async def encoded_accounts(tx: Tx, ids: Collection[int], urls: Urls) -> dict[int, EncodedAccount]:
    """The accounts by id in the order of `ids`, encoded; unknown ones are missing."""
    shown: dict[int, EncodedAccount] = {}
    missing: dict[int, int] = {}
    for id, rev in (await accounts.revisions(tx, ids)).items():
        # Somebody who moved is shown with who they are now, whose revision is not known here.
        part = None if rev is None else _KEPT.get((id, rev, urls.base))
        if part is None:
            missing[id] = rev or 0
        else:
            shown[id] = msgspec.Raw(part)
    for account in await show_accounts(tx, list(missing), urls) if missing else ():
        id, part = AccountId(int(account["id"])), _encode(account)
        shown[id] = msgspec.Raw(part)
        if "moved" not in account:
            _KEPT.put((id, missing[id], urls.base), part)
    return {id: shown[id] for id in ids if id in shown}
