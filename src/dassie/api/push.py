"""Web Push: one subscription for each token, told of what it asks for."""

from __future__ import annotations

from dassie.api.entities.push import WebPushSubscription, show_subscription
from dassie.api.entities.shapes import Empty
from dassie.api.routing import Call, delete, get, post, put
from dassie.domain.errors import BadRequest, NotFound
from dassie.domain.push import ALERTS, POLICIES, PushPolicy
from dassie.door import taking as take
from dassie.services import pushing
from dassie.services.keys import vapid_public_key
from dassie.store import push_subscriptions
from dassie.store.push_subscriptions import PushSubscription

KEYS = [take.text("p256dh", required=True), take.text("auth", required=True)]
SUBSCRIPTION = [
    take.text("endpoint", required=True),
    take.object("keys", KEYS, required=True),
    take.flag("standard", "Encrypt as RFC 8291 says, not as its draft."),
]
DATA = take.object("data", [take.object("alerts", [*map(take.flag, ALERTS)]), take.word("policy", POLICIES)])


@get("/api/v1/push/subscription", scope="push", takes=[])
async def read_subscription(call: Call) -> WebPushSubscription:
    """What this token asked for."""
    async with call.server.read() as tx:
        found = await push_subscriptions.of_token(tx, _token(call))
    return _show(call, found)


@post("/api/v1/push/subscription", scope="push", takes=[take.object("subscription", SUBSCRIPTION, required=True), DATA])
async def subscribe(call: Call) -> WebPushSubscription:
    """Have this token's app be told, in place of what it asked for before."""
    asked = call.params.child("subscription")
    keys = asked.child("keys") if asked is not None else None
    if asked is None or keys is None:
        raise BadRequest("param is missing or the value is empty: subscription")
    alerts, policy = _data(call)
    async with call.server.write() as tx:
        made = await pushing.subscribe(
            tx,
            token_id=_token(call),
            account_id=call.me.id,
            endpoint=asked.text("endpoint", required=True) or "",
            p256dh=keys.text("p256dh", required=True) or "",
            auth=keys.text("auth", required=True) or "",
            standard=bool(asked.flag("standard")),
            alerts=alerts,
            policy=policy,
        )
    return _show(call, made)


@put("/api/v1/push/subscription", scope="push", takes=[DATA])
async def change_subscription(call: Call) -> WebPushSubscription:
    """Ask for other notifications; what is not named is not pushed any more."""
    alerts, policy = _data(call)
    async with call.server.write() as tx:
        await push_subscriptions.change(tx, _token(call), alerts, policy)
        found = await push_subscriptions.of_token(tx, _token(call))
    return _show(call, found)


@delete("/api/v1/push/subscription", scope="push", takes=[])
async def unsubscribe(call: Call) -> Empty:
    """Be told no more. Doing so twice is not an error."""
    async with call.server.write() as tx:
        await push_subscriptions.remove_of_token(tx, _token(call))
    return {}


@delete("/api/web/push_subscriptions/{id}", takes=[])
async def unsubscribe_by_service(call: Call, id: str) -> Empty:
    """For push services, whose user gave a subscription up: `id` is signed and was told to them."""
    async with call.server.write() as tx:
        if not await pushing.unsubscribe_by(tx, call.server.secret, id):
            raise NotFound
    return {}


def _token(call: Call) -> int:
    call.me  # noqa: B018 - raises for a token without a user
    assert call.caller is not None
    return call.caller.token_id


def _data(call: Call) -> tuple[dict[str, bool], PushPolicy]:
    """`data[alerts][…]` as far as there are such types, and `data[policy]`; any other word counts as all."""
    data = call.params.child("data")
    if data is None:
        return {}, "all"
    alerts = data.child("alerts")
    wanted = {name: bool(alerts.flag(name)) for name in ALERTS if alerts is not None and name in alerts}
    said = data.get("policy")
    return wanted, next((policy for policy in POLICIES if policy == said), "all")


def _show(call: Call, found: PushSubscription | None) -> WebPushSubscription:
    if found is None:
        raise NotFound
    return show_subscription(found, vapid_public_key(call.server.secret))
