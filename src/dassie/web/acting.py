"""What the buttons on posts and profiles do. With htmx the answer is the new buttons, without the page again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from urllib.parse import quote

from dassie.domain.errors import NotFound
from dassie.domain.ids import AccountId, PollId, StatusId, parse_id
from dassie.door.limits import FOLLOWS
from dassie.server import Server
from dassie.services import (
    blocking,
    bookmarking,
    endorsing,
    favouriting,
    following,
    muting,
    pinning,
    reblogging,
    seeing,
    thread_muting,
    voting,
)
from dassie.store import accounts, statuses
from dassie.store.tx import Tx
from dassie.store.views import AccountView, StatusRow
from dassie.web import notices, profiles
from dassie.web.answers import Answer, Go, Headers
from dassie.web.routing import form, page
from dassie.web.texts import gettext
from dassie.web.visits import Visit

OnStatus = Callable[[Tx, Server, AccountView, StatusRow], Awaitable[object]]
OnAccount = Callable[[Tx, Server, AccountView, AccountView], Awaitable[object]]

STATUS_VERBS: dict[str, OnStatus] = {
    "favourite": favouriting.favourite,
    "unfavourite": favouriting.unfavourite,
    "reblog": reblogging.reblog,
    "unreblog": reblogging.unreblog,
    "bookmark": bookmarking.bookmark,
    "unbookmark": bookmarking.unbookmark,
    "pin": pinning.pin,
    "unpin": pinning.unpin,
    "mute": thread_muting.mute_thread,
    "unmute": thread_muting.unmute_thread,
}
ACCOUNT_VERBS: dict[str, tuple[OnAccount, str]] = {
    "follow": (following.follow, "followed"),
    "unfollow": (following.unfollow, "unfollowed"),
    "mute": (muting.mute, "muted"),
    "unmute": (muting.unmute, "unmuted"),
    "block": (blocking.block, "blocked"),
    "unblock": (blocking.unblock, "unblocked"),
    "endorse": (endorsing.endorse, "endorsed"),
    "unendorse": (endorsing.unendorse, "unendorsed"),
    "remove_from_followers": (following.remove_follower, "removed"),
    "authorize": (following.accept_request, "accepted"),
    "reject": (following.reject_request, "rejected"),
}
ON_BUTTON = frozenset({"follow", "unfollow", "unblock"})
"""These change the follow button alone; the others change the page around it."""


@form("/statuses/{id}/{verb}")
async def act_on_status(visit: Visit, id: StatusId, verb: str) -> Answer:
    """Do it; doing it twice is doing it once."""
    act = STATUS_VERBS.get(verb)
    if act is None:
        raise NotFound
    async with visit.server.write() as tx:
        status = await seeing.proper_status(tx, visit.me.id, id)
        await act(tx, visit.server, visit.me, status)
    at = parse_id(str(visit.params.get("at", ""))) or id
    if not visit.fragment:
        return Go(f"{visit.back()}#s-{at}")
    async with visit.server.read() as tx:
        shown = await statuses.show(tx, [status.id], viewer=visit.viewer)
        around = await visit.page(tx)
    if not shown:
        raise NotFound
    return visit.html("fragments/actions.html", around, headers=swap(f"#a-{at}"), status=shown[0], at=at)


@form("/accounts/{id}/{verb}")
async def act_on_account(visit: Visit, id: AccountId, verb: str) -> Answer:
    """Do it; doing it twice is doing it once."""
    if verb not in ACCOUNT_VERBS:
        raise NotFound
    act, said = ACCOUNT_VERBS[verb]
    if verb == "follow":
        visit.limit(FOLLOWS)
    async with visit.server.write() as tx:
        account = await _account(tx, id)
        await act(tx, visit.server, visit.me, account)
    async with visit.server.read() as tx:
        standing = await profiles.relation(tx, visit, account)
        around = await visit.page(tx)
    if verb == "follow" and standing is not None and standing.requested:
        said = "requested"
    if not visit.fragment or verb not in ON_BUTTON:
        return Go(f"/@{account.acct}" if verb == "block" else visit.back(f"/@{account.acct}"), said)
    headers = [*swap(f"#f-{account.id}"), ("x-said", quote(gettext(notices.SAID[said])))]
    small = visit.params.get("small") == "1"
    return visit.html("fragments/follow.html", around, headers=headers, account=account, relation=standing, small=small)


@form("/polls/{id}/votes")
async def vote(visit: Visit, id: PollId) -> Answer:
    """Vote in a poll."""
    choices = [int(text) for text in visit.params.texts("choices", most=20) if text.isascii() and text.isdigit()]
    async with visit.server.write() as tx:
        poll = await voting.vote(tx, visit.server, visit.me, id, choices)
    return Go(f"{visit.back()}#s-{poll.status_id}", "voted")


@form("/accounts/{id}/block")
async def block(visit: Visit, id: AccountId) -> Answer:
    """Block somebody, as the page before explained."""
    return await act_on_account(visit, id, "block")


@page("/accounts/{id}/block", signed_in=True)
async def ask_block(visit: Visit, id: AccountId) -> Answer:
    """What a block means, before it is made."""
    async with visit.server.read() as tx:
        account = await _account(tx, id)
        around = await visit.page(tx)
    return visit.html("pages/block.html", around, account=account)


def swap(target: str) -> Headers:
    """Where htmx puts the answer: morphing keeps the focus on the pressed button."""
    return [("hx-retarget", target), ("hx-reswap", "outerMorph"), ("hx-push-url", "false")]


async def _account(tx: Tx, id: AccountId) -> AccountView:
    account = await accounts.by_id(tx, id)
    if account is None:
        raise NotFound
    return account
