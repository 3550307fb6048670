"""Our own keys, and requests signed with them: every fetch and every delivery shows who asks.

Servers understand one of two ways of signing. We try the one that last worked there, and the other one once
where that is refused (double knocking).
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import Protocol
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from msgspec import Struct

from dassie.domain.errors import NotFound
from dassie.domain.ids import INSTANCE_ACCOUNT_ID
from dassie.domain.urls import Urls
from dassie.federation.signatures import Scheme, load_private, signer
from dassie.ports import Answer, Clock, Http, Sign
from dassie.services import keys
from dassie.store import accounts, schemes
from dassie.store.tx import Database

ACTIVITY_TYPE = "application/activity+json"
ACCEPT_ACTIVITY = 'application/activity+json, application/ld+json; profile="https://www.w3.org/ns/activitystreams"'
KEPT_KEYS = 500
KEPT_HOSTS = 5_000
NOT_UNDERSTOOD = frozenset({400, 401})
OTHER: dict[Scheme, Scheme] = {"cavage": "rfc9421", "rfc9421": "cavage"}


class Parts(Protocol):
    """What signing needs of the running server; `Server` has it, and so has `RemoteServers`."""

    @property
    def secret(self) -> bytes: ...
    @property
    def urls(self) -> Urls: ...
    @property
    def db(self) -> Database: ...
    @property
    def clock(self) -> Clock: ...
    @property
    def http(self) -> Http: ...


class OwnKey(Struct, frozen=True):
    """A key of ours, ready to sign."""

    key_id: str
    private: RSAPrivateKey

    @property
    def public_pem(self) -> str:
        """The other half, as actor documents show it."""
        public = self.private.public_key()
        return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode("ascii")


class Learnt:
    """What signing remembers: our keys, and which way of signing works where. Losing it is harmless."""

    def __init__(self) -> None:
        self.keys: OrderedDict[int, OwnKey] = OrderedDict()
        self.schemes: OrderedDict[str, Scheme] = OrderedDict()


class SignedHttp:
    """Signed GETs and POSTs. Raises `RemoteFailed` where no answer came, `NotFound` where we have no such key."""

    def __init__(self, parts: Parts, learnt: Learnt) -> None:
        self._parts = parts
        self._keys = learnt.keys
        self._schemes = learnt.schemes

    async def signer_for(self, account_id: int = INSTANCE_ACCOUNT_ID, scheme: Scheme = "cavage") -> Sign:
        """A function that signs as this account of ours; without one as the instance actor."""
        key = await self.own_key(account_id)
        return signer(key.key_id, key.private, scheme, self._parts.clock.now)

    async def own_key(self, account_id: int = INSTANCE_ACCOUNT_ID) -> OwnKey:
        """The key of an account of ours, ready to sign."""
        key = self._keys.get(account_id)
        if key is None:
            key = await self._read_key(account_id)
            self._keys[account_id] = key
            if len(self._keys) > KEPT_KEYS:
                self._keys.popitem(last=False)
        return key

    async def public_key(self, account_id: int = INSTANCE_ACCOUNT_ID) -> str:
        """The public key of an account of ours as PEM."""
        return (await self.own_key(account_id)).public_pem

    async def get(
        self,
        url: str,
        *,
        account_id: int = INSTANCE_ACCOUNT_ID,
        accept: str = ACCEPT_ACTIVITY,
        headers: Mapping[str, str] | None = None,
        max_bytes: int = 1_000_000,
        timeout: float = 30.0,
    ) -> Answer:
        """The answer to a GET signed by `account_id`."""

        async def ask(sign: Sign) -> Answer:
            return await self._parts.http.get(
                url, accept=accept, sign=sign, headers=headers, max_bytes=max_bytes, timeout=timeout
            )

        return await self._knock(url, account_id, ask)

    async def post(
        self,
        url: str,
        body: bytes,
        *,
        account_id: int,
        headers: Mapping[str, str] | None = None,
        timeout: float = 30.0,
    ) -> Answer:
        """The answer to an activity, signed by `account_id`."""

        async def ask(sign: Sign) -> Answer:
            return await self._parts.http.post(
                url, body, content_type=ACTIVITY_TYPE, sign=sign, headers=headers, timeout=timeout
            )

        return await self._knock(url, account_id, ask)

    def forget(self, account_id: int) -> None:
        """Read this account's key again when it is next needed."""
        self._keys.pop(account_id, None)

    async def _knock(self, url: str, account_id: int, ask: _Ask) -> Answer:
        """Ask in the way that last worked there; where that is not understood, once in the other (7.4)."""
        host = urlsplit(url).netloc.lower()
        usual = await self._scheme(host)
        answer = await ask(await self.signer_for(account_id, usual))
        if answer.code not in NOT_UNDERSTOOD:
            return answer
        other = OTHER[usual]
        second = await ask(await self.signer_for(account_id, other))
        if second.code in NOT_UNDERSTOOD:
            return answer if answer.code == 401 else second  # 401 is worth another try later, 400 is not
        if second.ok:
            await self._remember(host, other)
        return second

    async def _scheme(self, host: str) -> Scheme:
        known = self._schemes.get(host)
        if known is None:
            async with self._parts.db.read() as tx:
                known = "rfc9421" if await schemes.scheme_of(tx, host) == "rfc9421" else "cavage"
            self._keep(host, known)
        return known

    async def _remember(self, host: str, scheme: Scheme) -> None:
        self._keep(host, scheme)
        async with self._parts.db.write() as tx:
            await schemes.remember(tx, host, scheme)

    def _keep(self, host: str, scheme: Scheme) -> None:
        self._schemes[host] = scheme
        if len(self._schemes) > KEPT_HOSTS:
            self._schemes.popitem(last=False)

    async def _read_key(self, account_id: int) -> OwnKey:
        if account_id == INSTANCE_ACCOUNT_ID:
            await keys.instance_actor(self._parts)
        async with self._parts.db.read() as tx:
            account = await accounts.by_id(tx, account_id)
            sealed = await accounts.private_key(tx, account_id)
        if account is None or sealed is None:
            raise NotFound("This account has no key", account_id=account_id)
        pem = keys.decrypt_private_key(self._parts.secret, sealed)
        return OwnKey(key_id_of(account.uri), load_private(pem))


class _Ask(Protocol):
    async def __call__(self, sign: Sign) -> Answer: ...


_LEARNT: WeakKeyDictionary[Http, Learnt] = WeakKeyDictionary()
"""By HTTP client, so that it ends with its server."""


def signed_http(parts: Parts) -> SignedHttp:
    """The signed requests of this running server; all of them share what is learnt."""
    learnt = _LEARNT.get(parts.http)
    if learnt is None:
        learnt = _LEARNT[parts.http] = Learnt()
    return SignedHttp(parts, learnt)


async def signer_for(parts: Parts, account_id: int = INSTANCE_ACCOUNT_ID, scheme: Scheme = "cavage") -> Sign:
    """A function that signs as this account of ours; without one as the instance actor."""
    return await signed_http(parts).signer_for(account_id, scheme)


def key_id_of(actor: str) -> str:
    """The id of an actor's key, as Mastodon writes it."""
    return f"{actor}#main-key"
