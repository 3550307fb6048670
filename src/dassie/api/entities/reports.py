"""Report entities, as those who report see them and as moderators are told."""

from __future__ import annotations

from collections.abc import Collection
from typing import TypedDict

from dassie.api.entities.accounts import Account, show_accounts
from dassie.api.entities.values import stamp
from dassie.domain.reports import Report as Filed
from dassie.domain.urls import Urls
from dassie.store.tx import Tx


class Report(TypedDict):
    """A report about an account."""

    id: str
    action_taken: bool
    action_taken_at: str | None
    category: str
    comment: str
    forwarded: bool
    created_at: str | None
    status_ids: list[str]
    collection_ids: list[str]
    rule_ids: list[str] | None
    target_account: Account


async def show_reports(tx: Tx, found: Collection[Filed], urls: Urls) -> dict[int, Report]:
    """Reports by id; one whose account is gone is left out."""
    targets = list(dict.fromkeys(one.target_account_id for one in found))
    people = {shown["id"]: shown for shown in await show_accounts(tx, targets, urls)}
    return {
        one.id: _show(one, people[str(one.target_account_id)]) for one in found if str(one.target_account_id) in people
    }


def _show(one: Filed, target: Account) -> Report:
    return Report(
        id=str(one.id),
        action_taken=not one.is_open,
        action_taken_at=stamp(one.action_taken_at),
        category=one.category,
        comment=one.comment,
        forwarded=one.forwarded,
        created_at=stamp(one.created_at),
        status_ids=[str(id) for id in one.status_ids],
        collection_ids=[str(id) for id in one.collection_ids],
        rule_ids=[str(id) for id in one.rule_ids] or None,
        target_account=target,
    )
