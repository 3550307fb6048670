"""Whose key signed a request: looked up in memory, then here, then once at its server.

A key that no longer fits is read anew once in a while: keys change. What could not be had is not asked for
again at once.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict

from msgspec import Struct

from dassie.domain.errors import Busy, NotAllowed, NotAuthenticated, NotFound, RemoteFailed
from dassie.federation.remote import remote_of
from dassie.federation.signatures import BadSignature, ParsedSignature, PublicKey, SignedRequest, load_public, verify
from dassie.federation.vocab.values import host_of, same_host
from dassie.server import Server
from dassie.store import senders
from dassie.store.senders import StoredKey

KEPT_KEYS = 5_000
KEPT_PAUSES = 5_000
FETCHED_AT_ONCE = 64
"""Strangers' keys on the way; above, senders are asked to come later."""
FETCH_SECONDS = 20.0
"""So long a request waits for a key; the fetch goes on, so that the next try finds it."""
REFETCH_PAUSE = 300.0
"""Seconds between two readings of one actor because of a key."""


class KnownKey(Struct, frozen=True):
    """A key ready for use, and the actor it belongs to."""

    owner: str
    text: str
    public: PublicKey


class Keyring:
    """Keys of other servers' actors."""

    def __init__(self) -> None:
        self._keys: OrderedDict[str, KnownKey] = OrderedDict()
        self._pauses: OrderedDict[str, float] = OrderedDict()
        self._fetching = 0

    async def signer(self, server: Server, parsed: ParsedSignature, request: SignedRequest, actor: str) -> str:
        """The actor whose key made the signature.

        `actor` is whom the request claims to be from. Raises `BadSignature`, `NotAuthenticated` where the key
        cannot be had, and `NotAllowed` where we do not talk with its server.
        """
        key = self._keys.get(parsed.key_id) or await self._look_up(server, parsed.key_id, actor)
        fresh = key is None
        if key is None:
            key = await self._fetch(server, parsed.key_id, actor)
        try:
            verify(parsed, request, key.public, server.clock.now())
        except BadSignature as bad:
            if bad.kind not in ("mismatch", "algorithm") or fresh:
                raise
            key = await self._newer(server, parsed.key_id, key, bad)
            verify(parsed, request, key.public, server.clock.now())
        self._keep(parsed.key_id, key)
        return key.owner

    async def _look_up(self, server: Server, key_id: str, actor: str) -> KnownKey | None:
        return await stored_key(server, key_id, actor)

    async def _fetch(self, server: Server, key_id: str, actor: str) -> KnownKey:
        if self._paused(server, key_id):
            raise NotAuthenticated("The key of this signature could not be fetched a moment ago", key_id=key_id)
        if self._fetching >= FETCHED_AT_ONCE:
            raise Busy("Too many keys are being fetched. Please try again later.", retry_after=60)
        self._fetching += 1
        server.hosts.knocked(host_of(key_id))  # a server that was away for long comes back with new people, too
        try:
            async with asyncio.timeout(FETCH_SECONDS):
                key = await self._ask(server, key_id, actor)
        except TimeoutError:
            raise Busy("The key of this signature is slow to come. Please try again later.", retry_after=60) from None
        except (RemoteFailed, NotFound) as failed:
            if isinstance(failed, RemoteFailed) and failed.kind == "breaker":  # not asked: their next try finds more
                raise Busy("The server of this signature does not answer us.", retry_after=300) from failed
            self._pause(server, key_id)
            raise NotAuthenticated(
                "The key of this signature could not be fetched", key_id=key_id, because=failed.safe
            ) from failed
        finally:
            self._fetching -= 1
        if key is None:
            self._pause(server, key_id)
            raise NotAuthenticated("The actor does not have this key", key_id=key_id)
        return key

    async def _ask(self, server: Server, key_id: str, actor: str) -> KnownKey | None:
        remote = remote_of(server)
        owner = actor if same_host(key_id, actor) else await remote.key_owner(key_id)
        await remote.account(owner, fresh=True)
        return await self._look_up(server, key_id, owner)

    async def _newer(self, server: Server, key_id: str, old: KnownKey, bad: BadSignature) -> KnownKey:
        """The key as it is now, where it is another than `old`; raises `bad` otherwise."""
        stored = await self._look_up(server, key_id, old.owner)
        if stored is not None and stored.text != old.text:
            return stored
        if self._paused(server, old.owner):
            raise bad
        self._pause(server, old.owner)
        try:
            await server.remote.account(old.owner, fresh=True)
        except (RemoteFailed, NotFound, NotAllowed):
            raise bad from None
        found = await self._look_up(server, key_id, old.owner)
        if found is None or found.text == old.text:
            raise bad
        return found

    def _keep(self, key_id: str, key: KnownKey) -> None:
        self._keys[key_id] = key
        self._keys.move_to_end(key_id)
        if len(self._keys) > KEPT_KEYS:
            self._keys.popitem(last=False)

    def _paused(self, server: Server, name: str) -> bool:
        return self._pauses.get(name, 0.0) > server.clock.monotonic()

    def _pause(self, server: Server, name: str) -> None:
        self._pauses[name] = server.clock.monotonic() + REFETCH_PAUSE
        self._pauses.move_to_end(name)
        if len(self._pauses) > KEPT_PAUSES:
            self._pauses.popitem(last=False)


def _under_another_name(key_id: str, actor: str, keys: list[StoredKey]) -> StoredKey | None:
    """BookWyrm signs as `actor#main-key` and lists `actor/#main-key`; old PeerTube signs as the actor itself."""
    return keys[0] if len(keys) == 1 and key_id.partition("#")[0].rstrip("/") == actor.rstrip("/") else None


async def stored_key(server: Server, key_id: str, actor: str) -> KnownKey | None:
    """A key as it is stored here; `actor` is whose it should be. Raises `NotAllowed` where that one is suspended."""
    async with server.read() as tx:
        stored = await senders.key(tx, key_id)
        if stored is None and same_host(key_id, actor):
            stored = _under_another_name(key_id, actor, await senders.keys_of(tx, actor))
    return _known(stored) if stored is not None else None


def _known(stored: StoredKey) -> KnownKey:
    if stored.suspended_at is not None:
        raise NotAllowed("This account is suspended here", uri=stored.owner)
    return KnownKey(stored.owner, stored.public_key, load_public(stored.public_key))
