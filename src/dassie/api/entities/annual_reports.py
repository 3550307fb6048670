"""AnnualReport entities: a year looked back on, with the people and posts it names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, TypedDict

from dassie.api.entities.accounts import Account, show_accounts
from dassie.api.entities.shapes import Id, Url, Words
from dassie.api.entities.status_shapes import EncodedStatus
from dassie.api.entities.statuses import show_statuses
from dassie.domain.annual_reports import SCHEMA, Year
from dassie.domain.annual_reports import Report as Kept
from dassie.domain.ids import AccountId
from dassie.domain.urls import Urls
from dassie.store.tx import Tx
from dassie.store.views import AccountView


class MonthFigures(TypedDict):
    """What a month brought."""

    month: int
    statuses: int
    following: int
    followers: int


class TagFigures(TypedDict):
    """A hashtag and how often it was used."""

    name: str
    count: int


class TopStatuses(TypedDict):
    """The post with the most of each."""

    by_reblogs: Id | None
    by_favourites: Id | None
    by_replies: Id | None


class AnnualReportData(TypedDict):
    """What there is to tell."""

    archetype: Annotated[str, Words("lurker", "booster", "pollster", "replier", "oracle")]
    time_series: list[MonthFigures]
    top_hashtags: list[TagFigures]
    top_statuses: TopStatuses


class AnnualReport(TypedDict):
    """A year of somebody."""

    year: int
    data: AnnualReportData
    schema_version: int
    share_url: Url | None
    account_id: Id


class WrappedAnnualReports(TypedDict):
    """Years, and beside them the people and posts that they speak of."""

    annual_reports: list[AnnualReport]
    accounts: list[Account]
    statuses: list[EncodedStatus]


class AnnualReportState(TypedDict):
    """How a year stands."""

    state: Annotated[str, Words("available", "generating", "eligible", "ineligible")]


class AnnualReportEvent(TypedDict):
    """The year that a notification tells of."""

    year: int


async def show_annual_reports(
    tx: Tx, me: AccountView, found: Sequence[Kept], viewer: AccountId | None, urls: Urls
) -> WrappedAnnualReports:
    """Those years of somebody that are worked out."""
    ready = [(one, one.data) for one in found if one.data is not None]
    ids = list(dict.fromkeys(id for _, data in ready for id in data.top_statuses.ids))
    return {
        "annual_reports": [_show(one, data, me, urls) for one, data in ready],
        "accounts": await show_accounts(tx, [me.id], urls),
        "statuses": await show_statuses(tx, ids, viewer=viewer, urls=urls),
    }


def _show(one: Kept, data: Year, me: AccountView, urls: Urls) -> AnnualReport:
    top = data.top_statuses
    return {
        "year": one.year,
        "data": {
            "archetype": data.archetype,
            "time_series": [
                {"month": m.month, "statuses": m.statuses, "following": m.following, "followers": m.followers}
                for m in data.time_series
            ],
            "top_hashtags": [{"name": tag.name, "count": tag.count} for tag in data.top_hashtags],
            "top_statuses": {
                "by_reblogs": _id(top.by_reblogs),
                "by_favourites": _id(top.by_favourites),
                "by_replies": _id(top.by_replies),
            },
        },
        "schema_version": SCHEMA,
        "share_url": urls.shared_year(me.username, one.year, one.share_key),
        "account_id": str(one.account_id),
    }


def _id(id: int | None) -> str | None:
    return None if id is None else str(id)
