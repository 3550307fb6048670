"""Profiles: who somebody is, what they wrote, whom they follow."""

from __future__ import annotations

from typing import Any, Literal

from msgspec import structs

from dassie.domain.errors import NotFound
from dassie.domain.ids import StatusId
from dassie.domain.paging import Page as Part
from dassie.domain.text import normalise_tag
from dassie.services.seeing import face, people_around
from dassie.store import accounts, featured_tags, relationships, timelines
from dassie.store.timelines import Flags
from dassie.store.tx import Tx
from dassie.store.views import AccountView, StatusView
from dassie.web.answers import Answer, Go, Html
from dassie.web.reading import feed, show
from dassie.web.routing import page
from dassie.web.shown import Relation
from dassie.web.visits import Visit

PINNED = Part(limit=5)
PEOPLE = 40
MAX_TAG = 500
TABS = {
    "posts": Flags(exclude_replies=True, exclude_direct=True),
    "replies": Flags(exclude_direct=True),
    "media": Flags(only_media=True, exclude_direct=True),
}


@page("/@{username}")
async def posts(visit: Visit, username: str) -> Answer:
    """A profile with posts and boosts."""
    return await _profile(visit, username, "posts")


@page("/@{username}/with_replies")
async def replies(visit: Visit, username: str) -> Answer:
    """The same with replies."""
    return await _profile(visit, username, "replies")


@page("/@{username}/media")
async def media(visit: Visit, username: str) -> Answer:
    """Only posts with media."""
    return await _profile(visit, username, "media")


@page("/@{username}/tagged/{tag}")
async def tagged(visit: Visit, username: str, tag: str) -> Answer:
    """Only posts with one hashtag."""
    return await _profile(visit, username, "replies", normalise_tag(tag[:MAX_TAG]))


@page("/@{username}/followers")
async def followers(visit: Visit, username: str) -> Html:
    """Who follows them, as far as this server knows and they allow."""
    return await _people(visit, username, "followers")


@page("/@{username}/following")
async def following(visit: Visit, username: str) -> Html:
    """Whom they follow, as far as this server knows and they allow."""
    return await _people(visit, username, "following")


async def find(tx: Tx, visit: Visit, username: str) -> AccountView:
    """The account of a handle in an address; raises `NotFound`."""
    name, _, domain = username.partition("@")
    if domain.lower() == visit.urls.domain.lower():
        domain = ""
    account = await accounts.by_name(tx, name, domain)
    if account is None or account.id < 0:
        raise NotFound
    return face(account)


async def relation(tx: Tx, visit: Visit, account: AccountView) -> Relation | None:
    """How the viewer and somebody stand to each other; None for guests."""
    return (await relations(tx, visit, [account])).get(account.id)


async def relations(tx: Tx, visit: Visit, people: list[AccountView]) -> dict[int, Relation]:
    """The same for a list, in one query."""
    if visit.viewer is None or not people:
        return {}
    found = await relationships.of(tx, visit.viewer, [account.id for account in people])
    return {
        one.id: Relation(
            following=one.following,
            requested=one.requested,
            followed_by=one.followed_by,
            blocking=one.blocking,
            blocked_by=one.blocked_by,
            domain_blocking=one.domain_blocking,
            endorsed=one.endorsed,
            muting=one.muting,
            requested_by=one.requested_by,
        )
        for one in found
    }


async def _profile(visit: Visit, username: str, tab: str, tag: str | None = None) -> Answer:
    part = visit.part()
    async with visit.server.read() as tx:
        account = await find(tx, visit, username)
        if account.acct != username:
            return Go(f"/@{account.acct}")
        open_ = account.suspended_at is None and not visit.fragment
        featured = await featured_tags.of(tx, account.id) if open_ else []
        ids: list[StatusId] = []
        pinned: list[StatusView] = []
        if account.suspended_at is None:
            alone = tab == "media" and not account.show_media_replies
            wanted = structs.replace(TABS[tab], tagged=tag, exclude_replies=TABS[tab].exclude_replies or alone)
            ids = await timelines.of_account(tx, account.id, part, visit.viewer, wanted)
            if tab == "posts" and part.max_id is None and not visit.fragment:
                kept = await timelines.of_account(tx, account.id, PINNED, visit.viewer, Flags(pinned=True))
                pinned = await show(tx, visit, kept, "account")
        shown = await show(tx, visit, ids, "account")
        standing = await relation(tx, visit, account)
        around = await visit.page(tx)
    more: dict[str, Any] = {"account": account, "relation": standing, "tab": "" if tag else tab, "pinned": pinned}
    more |= {"featured": featured, "tagged": tag}
    html = feed(visit, "pages/profile.html", around, shown, ids, **more)
    visit.looked([one.id for one in pinned], profile=None if account.local else account.id)
    return html


async def _people(visit: Visit, username: str, kind: Literal["followers", "following"]) -> Html:
    async with visit.server.read() as tx:
        account = await find(tx, visit, username)
        around_them = await people_around(tx, visit.viewer, account, kind, visit.part(PEOPLE))
        rows = around_them or []
        known = await accounts.by_ids(tx, [id for _, id in rows])
        listed = [known[id] for _, id in rows if id in known]
        standing = await relations(tx, visit, listed)
        around = await visit.page(tx)
    return visit.html(
        "pages/people.html",
        around,
        account=account,
        kind=kind,
        accounts=listed,
        relations=standing,
        hidden=around_them is None,
        older=visit.older([row for row, _ in rows], PEOPLE),
    )
