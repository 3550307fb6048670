"""Web Push: what a push service on a real socket gets, opened as the specifications say."""

from __future__ import annotations

import base64
import hmac
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import pytest
from aiohttp import web
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from abroad import Abroad, abroad, until
from dassie.domain.errors import RemoteFailed, Retry
from dassie.domain.jobs import Push, State
from dassie.domain.push import ALERTS, MOST_MESSAGE
from dassie.ports import Answer
from dassie.services import authorising, muting, notifying, push_encryption, pushing, signing_up
from dassie.services.keys import vapid_public_key
from dassie.store import logins, push_subscriptions, queue, tokens
from dassie.store.views import AccountView
from entities_check import check_entity, needs_definitions
from net import Behaviour, Seen, reply
from people import befriend, change, stranger, waiting, write
from worlds import Client, World

PATH = "/api/v1/push/subscription"
HOST = "push.test"
ALL = dict.fromkeys(ALERTS, True)


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def point(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)


def hkdf(salt: bytes, material: bytes, info: bytes, size: int) -> bytes:
    """RFC 5869 for up to one block."""
    secret = hmac.digest(salt, material, "sha256")
    return hmac.digest(secret, info + b"\x01", "sha256")[:size]


@dataclass
class App:
    """The far end: an app with its keys."""

    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    auth: bytes = b"0123456789abcdef"

    @property
    def public(self) -> bytes:
        return point(self.key.public_key())

    def asks(self, *, standard: bool = True, policy: str = "all", host: str = HOST, **alerts: bool) -> dict[str, Any]:
        return {
            "subscription": {
                "endpoint": f"https://{host}/send/1",
                "keys": {"p256dh": b64(self.public), "auth": b64(self.auth)},
                "standard": standard,
            },
            "data": {"alerts": alerts or ALL, "policy": policy},
        }

    def opened(self, seen: Seen) -> dict[str, Any]:
        by = {"aes128gcm": self._open_standard, "aesgcm": self._open_draft}[seen.headers["content-encoding"]]
        found: dict[str, Any] = msgspec.json.decode(by(seen))
        return found

    def _open_standard(self, seen: Seen) -> bytes:
        """RFC 8188 section 2 and RFC 8291 section 3."""
        salt, size, length = seen.body[:16], int.from_bytes(seen.body[16:20], "big"), seen.body[20]
        theirs, sealed = seen.body[21 : 21 + length], seen.body[21 + length :]
        assert size >= len(sealed)
        material = hkdf(self.auth, self._shared(theirs), b"WebPush: info\0" + self.public + theirs, 32)
        key = hkdf(salt, material, b"Content-Encoding: aes128gcm\0", 16)
        nonce = hkdf(salt, material, b"Content-Encoding: nonce\0", 12)
        padded = AESGCM(key).decrypt(nonce, sealed, None).rstrip(b"\0")
        assert padded[-1:] == b"\x02"
        return padded[:-1]

    def _open_draft(self, seen: Seen) -> bytes:
        """draft-ietf-webpush-encryption-04 section 3, draft-ietf-httpbis-encryption-encoding-03 section 3."""
        salt = unb64(parameters(seen.headers["encryption"])["salt"])
        theirs = unb64(parameters(seen.headers["crypto-key"])["dh"])
        material = hkdf(self.auth, self._shared(theirs), b"Content-Encoding: auth\0", 32)
        context = b"P-256\0\x00\x41" + self.public + b"\x00\x41" + theirs
        key = hkdf(salt, material, b"Content-Encoding: aesgcm\0" + context, 16)
        nonce = hkdf(salt, material, b"Content-Encoding: nonce\0" + context, 12)
        padded = AESGCM(key).decrypt(nonce, seen.body, None)
        return padded[2 + int.from_bytes(padded[:2], "big") :]

    def _shared(self, theirs: bytes) -> bytes:
        return self.key.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), theirs))


def parameters(text: str) -> dict[str, str]:
    return dict(part.strip().split("=", 1) for part in text.replace(",", ";").split(";"))


def claims_of(token: str, public: str) -> dict[str, Any]:
    """What a JWT says, once its signature fits the key (RFC 7518 section 3.4)."""
    head, body, signature = token.split(".")
    assert msgspec.json.decode(unb64(head)) == {"typ": "JWT", "alg": "ES256"}
    raw = unb64(signature)
    pair = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), unb64(public))
    key.verify(pair, f"{head}.{body}".encode(), ec.ECDSA(hashes.SHA256()))
    found: dict[str, Any] = msgspec.json.decode(unb64(body))
    return found


@pytest.fixture
async def far(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database_url: str) -> AsyncIterator[Abroad]:
    """A world with a push service."""
    takes = {"/send/1": reply(b"", code=201)}
    async with abroad(tmp_path, monkeypatch, database_url, [HOST], behaviours=takes) as made:
        yield made


async def tell(world: World, to: AccountView, type: str, sender: AccountView, status: int | None = None) -> None:
    async with world.server.write() as tx:
        await notifying.notify(tx, world.server, to.id, type, sender.id, status)


async def sent(far: Abroad, count: int) -> list[Seen]:
    await until(lambda: len(far.at(HOST)) >= count)
    await far.world.settle()
    assert len(far.at(HOST)) == count
    return far.at(HOST)


async def subscribed(world: World, me: AccountView, app: App, **asked: Any) -> Client:
    api = await world.api_as(me)
    got = await api.post(PATH, app.asks(**asked))
    assert got.code == 200, got.text
    return api


# Subscribing ---------------------------------------------------------------------------------------


@needs_definitions
async def test_an_app_subscribes_changes_its_mind_and_leaves(idle_world: World) -> None:
    world, app = idle_world, App()
    api = await world.api_as(await world.account("ana"))
    assert (await api.get(PATH)).code == 404
    made = await api.post(PATH, app.asks(mention=True, poll=False, policy="followed"))
    assert made.code == 200, made.text
    assert check_entity("WebPushSubscription", made.json) == []
    assert isinstance(made.json["id"], int)
    assert made.json["alerts"] == {"mention": True, "poll": False}
    assert (made.json["policy"], made.json["standard"]) == ("followed", True)
    assert made.json["server_key"] == vapid_public_key(world.server.secret)
    assert (await api.get(PATH)).json == made.json
    form = {"data[alerts][admin.sign_up]": "1", "data[alerts][follow]": "0", "data[policy]": "none", "policy": "all"}
    changed = (await api.put(PATH, **form)).json
    assert changed == made.json | {"alerts": {"admin.sign_up": True, "follow": False}, "policy": "none"}
    assert (await api.put(PATH)).json["alerts"] == {}
    assert (await api.delete(PATH)).json == {}
    assert (await api.delete(PATH)).json == {}
    assert (await api.get(PATH)).code == (await api.put(PATH)).code == 404


async def test_each_token_has_one_subscription(idle_world: World) -> None:
    world, app = idle_world, App()
    ana = await world.account("ana")
    api, other = await world.api_as(ana), await world.api_as(ana, "read push")
    first = (await api.post(PATH, app.asks(standard=False, mention=True))).json
    assert first["standard"] is False
    second = (await api.post(PATH, app.asks(follow=True))).json
    await other.post(PATH, app.asks(poll=True))
    assert (await api.get(PATH)).json == second
    assert (await other.get(PATH)).json["alerts"] == {"poll": True}
    async with world.server.read() as tx:
        assert len(await push_subscriptions.of(tx, ana.id)) == 2


async def test_only_tokens_of_people_with_the_scope_subscribe(idle_world: World) -> None:
    world = idle_world
    ana = await world.account("ana")
    assert (await (await world.api_as(ana, "read write")).get(PATH)).code == 403
    assert (await (await world.api_as()).get(PATH)).code == 401
    async with world.server.write() as tx:
        of_app = await signing_up.issue_token(tx, world.server, None, "push")
    assert (await Client(world.app, of_app).post(PATH, App().asks())).code == 422


@pytest.mark.parametrize(
    "endpoint",
    ["http://push.test/1", "https://", "push.test/1", "https://a:b@push.test/", "https://push.test:x/", "https://ü/"],
)
async def test_what_is_no_secure_address_is_refused(idle_world: World, endpoint: str) -> None:
    api = await idle_world.api_as(await idle_world.account("ana"))
    asked = App().asks()
    asked["subscription"]["endpoint"] = endpoint
    got = await api.post(PATH, asked)
    assert (got.code, list(got.json["details"])) == (422, ["endpoint"])
    assert (await api.get(PATH)).code == 404


async def test_keys_that_cannot_be_are_refused(idle_world: World) -> None:
    api = await idle_world.api_as(await idle_world.account("ana"))
    app = App()
    for name, wrong in (
        ("p256dh", b64(b"\x04" + b"\x01" * 64)),  # not on the curve
        ("p256dh", b64(app.public[:33])),
        ("p256dh", "***"),
        ("auth", b64(b"too short")),
        ("auth", ""),
    ):
        asked = app.asks()
        asked["subscription"]["keys"][name] = wrong
        got = await api.post(PATH, asked)
        assert (got.code, list(got.json["details"])) == (422, [name]), wrong
    assert (await api.post(PATH, {"data": {}})).code == 400
    asked = app.asks()
    asked["subscription"]["keys"] = {
        "p256dh": base64.b64encode(app.public).decode(),
        "auth": base64.b64encode(app.auth).decode(),
    }
    assert (await api.post(PATH, asked)).code == 200


async def test_a_token_that_ends_takes_its_subscription_along(idle_world: World) -> None:
    world = idle_world
    ana = await world.account("ana")
    await subscribed(world, ana, App())
    async with world.server.write() as tx:
        [one] = await push_subscriptions.of(tx, ana.id)
        await tokens.revoke(tx, one.token_id)
        assert await push_subscriptions.of(tx, ana.id) == []


async def test_a_push_service_ends_a_subscription_by_its_address(idle_world: World) -> None:
    world = idle_world
    ana = await world.account("ana")
    api = await subscribed(world, ana, App())
    id = (await api.get(PATH)).json["id"]
    token = pushing.unsubscribe_token(world.server.secret, id)
    service = await world.api_as()
    for wrong in (str(id), f"{id}-", f"{id}-{'0' * 64}", f"{id + 1}{token[len(str(id)) :]}", "-", "é"):
        assert (await service.request("DELETE", f"/api/web/push_subscriptions/{wrong}")).code == 404
    assert (await service.request("DELETE", f"/api/web/push_subscriptions/{token}")).code == 200
    assert (await service.request("DELETE", f"/api/web/push_subscriptions/{token}")).code == 404
    assert (await api.get(PATH)).code == 404


# What arrives --------------------------------------------------------------------------------------


@pytest.mark.parametrize("standard", [True, False])
async def test_a_push_service_gets_what_only_the_app_can_open(far: Abroad, standard: bool) -> None:
    world, app = far.world, App()
    ana, eve = await world.account("ana", locale="de"), await stranger(world, "eve")
    eve = await change(world, eve, display_name="Eve  of <b>Else</b>")
    api = await subscribed(world, ana, app, standard=standard)
    status = await write(world, ana, "one &amp; two<br>three")
    await tell(world, ana, "favourite", eve, status)
    [seen] = await sent(far, 1)
    assert len(seen.body) <= MOST_MESSAGE
    assert (seen.headers["ttl"], seen.headers["urgency"]) == ("172800", "normal")
    assert seen.headers["content-type"] == "application/octet-stream"
    [told] = (await api.get("/api/v1/notifications")).json
    assert app.opened(seen) == {
        "access_token": api.token,
        "preferred_locale": "de",
        "notification_id": int(told["id"]),
        "notification_type": "favourite",
        "icon": told["account"]["avatar_static"],
        "title": "Eve of <b>Else</b> favourited your post",
        "body": "one & two three",
    }
    public = vapid_public_key(world.server.secret)
    if standard:
        scheme, _, rest = seen.headers["authorization"].partition(" ")
        said = parameters(rest)
        assert (scheme, said["k"]) == ("vapid", public)
        claims = claims_of(said["t"], public)
    else:
        scheme, _, token = seen.headers["authorization"].partition(" ")
        assert (scheme, parameters(seen.headers["crypto-key"])["p256ecdsa"]) == ("WebPush", public)
        claims = claims_of(token, public)
    now = world.clock.now().timestamp()
    assert (claims["aud"], claims["sub"]) == (f"https://{HOST}", "https://here.test")
    assert now < claims["exp"] <= now + 86_400
    path = seen.headers["unsubscribe-url"].removeprefix("https://here.test")
    assert (await (await world.api_as()).request("DELETE", path)).code == 200


async def test_every_message_has_its_own_salt_and_key(far: Abroad) -> None:
    world, app = far.world, App()
    ana = await world.account("ana")
    await subscribed(world, ana, app)
    for name in ("eve", "mal"):
        await tell(world, ana, "follow", await stranger(world, name))
    one, two = await sent(far, 2)
    assert one.body[:86] != two.body[:86]
    assert {app.opened(seen)["title"] for seen in (one, two)} == {
        "eve is now following you",
        "mal is now following you",
    }


async def test_what_was_not_asked_for_is_not_pushed(idle_world: World) -> None:
    world = idle_world
    ana, eve, mal = await world.account("ana"), await stranger(world, "eve"), await stranger(world, "mal")
    status = await write(world, ana)
    api = await subscribed(world, ana, App(), favourite=True, reblog=False)
    for type in ("favourite", "reblog"):
        await tell(world, ana, type, eve, status)
    await tell(world, ana, "follow", eve)
    assert len(await waiting(world, Push)) == 1
    await befriend(world, ana, eve)
    await befriend(world, mal, ana)
    for policy, heard in (("followed", eve), ("follower", mal), ("none", None)):
        await api.put(PATH, {"data": {"alerts": {"status": True, "update": True}, "policy": policy}})
        before = len(await waiting(world, Push))
        for sender in (eve, mal):
            about = await write(world, sender)
            await tell(world, ana, "update", sender, about)
        assert len(await waiting(world, Push)) == before + (heard is not None), policy


async def test_the_muted_and_the_filtered_are_not_pushed(idle_world: World) -> None:
    world = idle_world
    ana, eve, mal = await world.account("ana"), await stranger(world, "eve"), await stranger(world, "mal")
    await subscribed(world, ana, App())
    await change(world, eve, silenced_at=world.clock.now())
    async with world.server.write() as tx:
        await muting.mute(tx, world.server, ana, mal)
    await tell(world, ana, "follow", eve)
    await tell(world, ana, "follow", mal)
    assert await waiting(world, Push) == []


async def test_nothing_is_sent_once_it_is_gone_or_old(far: Abroad) -> None:
    world, app = far.world, App()
    ana, eve = await world.account("ana"), await stranger(world, "eve")
    api = await subscribed(world, ana, app)
    await tell(world, ana, "follow", eve)
    await sent(far, 1)
    [told] = (await api.get("/api/v1/notifications")).json
    job = Push(subscription_id=(await api.get(PATH)).json["id"], notification_id=int(told["id"]))
    world.clock.forward(hours=47)
    await pushing.deliver(world.server, job)
    assert len(far.at(HOST)) == 2
    world.clock.forward(hours=2)
    await pushing.deliver(world.server, job)
    await api.post("/api/v1/notifications/clear")
    await pushing.deliver(world.server, job)
    async with world.server.write() as tx:
        user = await logins.user_of(tx, ana.id)
        assert user is not None
        await logins.set_disabled(tx, user.id, True)
    await tell(world, ana, "follow", await stranger(world, "mal"))
    await world.settle()
    assert len(far.at(HOST)) == 2


async def test_a_message_of_much_text_still_fits(far: Abroad) -> None:
    world, app = far.world, App()
    ana, eve = await world.account("ana"), await stranger(world, "eve")
    await change(world, eve, display_name="😀" * 2000, avatar_remote_url=f"https://else.test/{'a' * 5000}")
    await subscribed(world, ana, app)
    status = await write(world, eve, "漢字" * 5000, mentions=[(ana.id, False)])
    [seen] = await sent(far, 1)
    opened = app.opened(seen)
    assert len(seen.body) <= MOST_MESSAGE
    assert (len(opened["body"]), opened["body"][-1]) == (140, "…")
    assert status


async def test_a_warning_stands_for_the_text(far: Abroad) -> None:
    world, app = far.world, App()
    ana, eve = await world.account("ana"), await stranger(world, "eve")
    await subscribed(world, ana, app, standard=False)
    await write(world, eve, "the murderer is the gardener", spoiler_text="The end", mentions=[(ana.id, False)])
    [seen] = await sent(far, 1)
    assert app.opened(seen)["body"] == "The end"


async def test_a_token_of_unknown_make_is_left_out(far: Abroad) -> None:
    world, app = far.world, App()
    ana = await world.account("ana")
    async with world.server.write() as tx:
        user = await logins.user_of(tx, ana.id)
        assert user is not None
        known = await signing_up.issue_token(tx, world.server, user, "push")
        found = await tokens.by_text(tx, known)
        assert found is not None
        await tokens.insert(tx, id=7, token="brought along", app_id=found.app_id, user_id=user.id, scopes="push")
    assert (await Client(world.app, "brought along").post(PATH, app.asks())).code == 200
    await tell(world, ana, "follow", await stranger(world, "eve"))
    [seen] = await sent(far, 1)
    assert app.opened(seen)["access_token"] == ""


# Trouble -------------------------------------------------------------------------------------------


def first(code: int, headers: dict[str, str] | None = None) -> Behaviour:
    """This code once, then 201."""
    left = [code]

    async def behave(request: web.Request) -> web.StreamResponse:
        return web.Response(status=left.pop() if left else 201, headers=headers)

    return behave


@pytest.mark.parametrize("code", [404, 410, 403])
async def test_a_subscription_that_the_service_does_not_know_ends(far: Abroad, code: int) -> None:
    world = far.world
    ana = await world.account("ana")
    far.peer.on("/send/1", reply(b"", code=code))
    api = await subscribed(world, ana, App())
    await tell(world, ana, "follow", await stranger(world, "eve"))
    await sent(far, 1)
    assert (await api.get(PATH)).code == 404
    await tell(world, ana, "follow", await stranger(world, "mal"))
    await sent(far, 1)


async def test_a_service_that_is_busy_is_asked_again_when_it_wants(far: Abroad) -> None:
    world, app = far.world, App()
    ana = await world.account("ana")
    far.peer.on("/send/1", first(429, {"Retry-After": "120"}))
    api = await subscribed(world, ana, app)
    await tell(world, ana, "follow", await stranger(world, "eve"))
    await sent(far, 1)
    world.clock.forward(seconds=60)
    world.app.runner.wake()
    await sent(far, 1)
    world.clock.forward(seconds=400)
    world.app.runner.wake()
    _, again = await sent(far, 2)
    assert app.opened(again)["title"] == "eve is now following you"
    assert (await api.get(PATH)).code == 200


def test_what_push_services_answer_is_understood() -> None:
    fates = {
        200: "sent",
        201: "sent",
        202: "sent",
        400: "ended",
        401: "ended",
        404: "ended",
        410: "ended",
        413: "dropped",
    }
    for code, fate in fates.items():
        assert pushing.judge(Answer(code, "", {}, b""), HOST, None) == fate, code
    for code in (301, 408, 429, 500, 503):
        with pytest.raises((RemoteFailed, Retry)):
            pushing.judge(Answer(code, "", {}, b""), HOST, None)
    assert Push.attempts == 5


async def test_a_message_too_large_for_the_service_is_dropped_alone(far: Abroad) -> None:
    world = far.world
    ana = await world.account("ana")
    far.peer.on("/send/1", reply(b"", code=413))
    api = await subscribed(world, ana, App())
    await tell(world, ana, "follow", await stranger(world, "eve"))
    await sent(far, 1)
    assert (await api.get(PATH)).code == 200
    async with world.server.read() as tx:
        assert [one for one in await queue.overview(tx) if one.state == State.SET_ASIDE] == []


async def test_an_address_inside_our_network_ends_the_subscription(world: World) -> None:
    ana = await world.account("ana")
    api = await subscribed(world, ana, App(), host="127.0.0.1")
    await tell(world, ana, "follow", await stranger(world, "eve"))
    await world.settle()
    assert (await api.get(PATH)).code == 404


async def test_withdrawing_an_apps_access_ends_its_pushes(idle_world: World) -> None:
    world = idle_world
    ana = await world.account("ana")
    await subscribed(world, ana, App())
    async with world.server.write() as tx:
        [one] = await push_subscriptions.of(tx, ana.id)
        user = await logins.user_of(tx, ana.id)
        assert user is not None
        [token] = [t for t in await tokens.authorised(tx, user.id) if t.token_id == one.token_id]
        assert await authorising.withdraw(tx, world.server, user, token.app_id) == 1
        assert await push_subscriptions.of(tx, ana.id) == []


# Sealing -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("standard", [True, False])
@pytest.mark.parametrize("size", [0, 1, push_encryption.MOST_PLAIN])
def test_messages_up_to_the_limit_are_sealed(standard: bool, size: int) -> None:
    app, message = App(), bytes(size // 2) + b"x" * (size - size // 2)
    sealed = push_encryption.seal(
        b"s" * 32, message, p256dh=app.public, auth=app.auth, standard=standard, vapid="a.b.c"
    )
    assert len(sealed.body) <= MOST_MESSAGE
    seen = Seen("POST", "/", {name.lower(): value for name, value in sealed.headers.items()}, sealed.body)
    assert (app._open_standard if standard else app._open_draft)(seen) == message


def test_longer_messages_are_not_sealed() -> None:
    app = App()
    with pytest.raises(ValueError, match="at most"):
        push_encryption.seal(
            b"s" * 32,
            bytes(push_encryption.MOST_PLAIN + 1),
            p256dh=app.public,
            auth=app.auth,
            standard=True,
            vapid="",
        )


def test_a_message_sealed_by_the_example_of_the_specification_opens() -> None:
    """RFC 8291 appendix A: the opening above is right, and so is what it opens."""
    number = int.from_bytes(unb64("q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"), "big")
    app = App(ec.derive_private_key(number, ec.SECP256R1()), unb64("BTBZMqHH6r4Tts7J_aSIgg"))
    body = unb64(
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_y"
        "l95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )
    assert app._open_standard(Seen("POST", "/", {}, body)) == b"When I grow up, I want to be a watermelon"
