"""Who may put an account into a collection, as the caller is told."""

from __future__ import annotations

from collections.abc import Sequence

from dassie.api.entities.accounts import Account
from dassie.services import featuring
from dassie.store import accounts
from dassie.store.tx import Tx


async def approve(tx: Tx, shown: Sequence[Account], viewer: int | None) -> None:
    """Say in each of these accounts whether the caller may feature it.

    Accounts are shown the same to everybody, and then it is only said what is so for all who have an account.
    """
    known = await accounts.by_ids(tx, [int(one["id"]) for one in shown])
    found = await featuring.consents(tx, viewer, list(known.values()))
    for one in shown:
        if int(one["id"]) in found:
            one["feature_approval"] = {**one["feature_approval"], "current_user": found[int(one["id"])]}
