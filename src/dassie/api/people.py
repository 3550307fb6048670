"""What one does about others: follow, block, mute, note. Each answers with how one relates to them then."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from types import EllipsisType

from dassie.api.entities.relationships import Relationship, show_relationships
from dassie.api.routing import Call, post
from dassie.domain.errors import Invalid, NotFound
from dassie.domain.ids import AccountId
from dassie.domain.languages import valid_language
from dassie.door import taking as take
from dassie.door.limits import FOLLOWS
from dassie.server import Server
from dassie.services import blocking, endorsing, muting, noting
from dassie.services import following as follow_service
from dassie.store import accounts, follows
from dassie.store.tx import Tx
from dassie.store.views import AccountView

Verb = Callable[[Tx, Server, AccountView, AccountView], Awaitable[None]]


@post(
    "/api/v1/accounts/{id}/follow",
    scope="write:follows|follow",
    takes=[take.flag("reblogs"), take.flag("notify"), take.texts("languages", most=100)],
)
async def follow(call: Call, id: AccountId) -> Relationship:
    """Follow, ask to, or change the options of a follow.

    An open account of another server is said to be followed before its server agrees, as Mastodon says it: that takes
    a moment, and apps would show a request that nobody has to answer. `relationships` tells how it stands.
    """
    show_reblogs, notify = call.params.flag("reblogs"), call.params.flag("notify")
    languages = _languages(call)
    open_ = False

    async def verb(tx: Tx, server: Server, me: AccountView, target: AccountView) -> None:
        nonlocal open_
        open_ = not target.locked and me.silenced_at is None
        if await follows.find(tx, me.id, target.id) is None:
            call.limit(FOLLOWS)
        await follow_service.follow(
            tx, server, me, target, show_reblogs=show_reblogs, notify=notify, languages=languages
        )

    shown = await _do(call, id, verb)
    if shown["requested"] and open_:
        shown["following"], shown["requested"] = True, False
    return shown


@post("/api/v1/accounts/{id}/unfollow", scope="write:follows|follow", takes=[])
async def unfollow(call: Call, id: AccountId) -> Relationship:
    """Stop following, or take the request back."""
    return await _do(call, id, follow_service.unfollow)


@post("/api/v1/accounts/{id}/remove_from_followers", scope="write:follows|follow", takes=[])
async def remove_from_followers(call: Call, id: AccountId) -> Relationship:
    """Have somebody no longer follow, without a block."""
    return await _do(call, id, follow_service.remove_follower)


@post("/api/v1/accounts/{id}/block", scope="write:blocks|follow", takes=[])
async def block(call: Call, id: AccountId) -> Relationship:
    """Have nothing to do with somebody."""
    return await _do(call, id, blocking.block)


@post("/api/v1/accounts/{id}/unblock", scope="write:blocks|follow", takes=[])
async def unblock(call: Call, id: AccountId) -> Relationship:
    """Lift a block."""
    return await _do(call, id, blocking.unblock)


@post(
    "/api/v1/accounts/{id}/mute",
    scope="write:mutes|follow",
    takes=[
        take.flag("notifications"),
        take.integer("duration", "Seconds; 0 is without end.", least=0, most=muting.LONGEST),
    ],
)
async def mute(call: Call, id: AccountId) -> Relationship:
    """Not read somebody, for `duration` seconds or without end."""
    hide = call.params.flag("notifications")
    duration = call.params.integer("duration", least=0, most=muting.LONGEST)

    async def verb(tx: Tx, server: Server, me: AccountView, target: AccountView) -> None:
        await muting.mute(tx, server, me, target, hide_notifications=hide is not False, duration=duration)

    return await _do(call, id, verb)


@post("/api/v1/accounts/{id}/unmute", scope="write:mutes|follow", takes=[])
async def unmute(call: Call, id: AccountId) -> Relationship:
    """Read somebody again."""
    return await _do(call, id, muting.unmute)


@post("/api/v1/accounts/{id}/endorse", scope="write:accounts", takes=[])
async def endorse(call: Call, id: AccountId) -> Relationship:
    """Feature somebody one follows on one's profile."""
    return await _do(call, id, endorsing.endorse)


@post("/api/v1/accounts/{id}/unendorse", scope="write:accounts", takes=[])
async def unendorse(call: Call, id: AccountId) -> Relationship:
    """Feature them no longer."""
    return await _do(call, id, endorsing.unendorse)


@post("/api/v1/accounts/{id}/pin", scope="write:accounts", takes=[])
async def pin_account(call: Call, id: AccountId) -> Relationship:
    """The old name of `endorse`."""
    return await _do(call, id, endorsing.endorse)


@post("/api/v1/accounts/{id}/unpin", scope="write:accounts", takes=[])
async def unpin_account(call: Call, id: AccountId) -> Relationship:
    """The old name of `unendorse`."""
    return await _do(call, id, endorsing.unendorse)


@post("/api/v1/accounts/{id}/note", scope="write:accounts", takes=[take.text("comment")])
async def note(call: Call, id: AccountId) -> Relationship:
    """Keep private words about somebody; empty ones take them away."""
    comment = call.params.text("comment") or ""

    async def verb(tx: Tx, server: Server, me: AccountView, target: AccountView) -> None:
        await noting.note(tx, me, target, comment)

    return await _do(call, id, verb)


async def _do(call: Call, id: AccountId, verb: Verb) -> Relationship:
    """Do it in one unit with reading what one is to each other then."""
    async with call.server.write() as tx:
        me, target = await accounts.by_id(tx, call.me.id), await accounts.by_id(tx, id)
        if me is None or target is None:
            raise NotFound
        await verb(tx, call.server, me, target)
        return (await show_relationships(tx, me.id, [id]))[0]


def _languages(call: Call) -> list[str] | EllipsisType | None:
    """The languages of a follow; `...` where they are not to be changed."""
    if "languages" not in call.params:
        return ...
    found = []
    for text in call.params.texts("languages", most=100):
        code = valid_language(text)
        if code is None:
            raise Invalid("Validation failed: Languages is invalid")
        found.append(code)
    return list(dict.fromkeys(found)) or None
