"""Admission: what of a relay is let in, decided on what an activity itself says, before any work (design section 3).

Kept in memory by each process; losing it is harmless, since buckets begin full. What is refused is counted by
its reason (`relay.ID.refused.REASON`), and the last ones are listed.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from dataclasses import dataclass, field
from datetime import datetime

from dassie.domain.buckets import Bucket, Buckets
from dassie.domain.errors import Busy, TooMany
from dassie.domain.relays import Offer, Relay, RelayRules
from dassie.server import PerServer, Server
from dassie.store import admitting, followed_tags, relays
from dassie.store.tx import Tx

RELOADED_AFTER = 3.0
SETS_RELOADED_AFTER = 60.0
KEPT_BUCKETS = 20_000
KEPT_URIS = 50_000
LISTED = 100
HOUR = 3600.0
DAY = 86_400.0
BURST = 1 / 6
"""Of an hour's (or a day's) share may come at once."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Something that was not let in."""

    at: datetime
    reason: str
    uri: str


@dataclass
class _State:
    """What is remembered about one relay."""

    relay: Relay
    hour: Bucket | None = None
    day: Bucket | None = None
    refused: deque[Refusal] = field(default_factory=lambda: deque(maxlen=LISTED))


class Admission:
    """The relays as the gate knows them, and their buckets."""

    def __init__(self) -> None:
        self._states: dict[int, _State] = {}
        self._by_domain: dict[str, list[Relay]] = {}
        self._hosts = Buckets(KEPT_BUCKETS)
        self._authors = Buckets(KEPT_BUCKETS)
        self._uris: OrderedDict[str, None] = OrderedDict()
        self._tags: frozenset[str] = frozenset()
        self._known_hosts: frozenset[str] = frozenset()
        self._loaded_at = -RELOADED_AFTER
        self._sets_at = -SETS_RELOADED_AFTER

    def changed(self) -> None:
        """A relay or its rules changed: read them anew before the next one is judged."""
        self._loaded_at = self._sets_at = -SETS_RELOADED_AFTER

    async def load(self, server: Server) -> None:
        """Read the relays, at most every few seconds, and what their rules need."""
        now = server.clock.monotonic()
        if now - self._loaded_at < RELOADED_AFTER:
            return
        self._loaded_at = now
        async with server.read() as tx:
            found = await relays.all_of_them(tx)
            if any(_needs_sets(relay.rules) for relay in found) and now - self._sets_at >= SETS_RELOADED_AFTER:
                await self._load_sets(tx, now)
        self._set(found, now)

    async def followed_tags(self, server: Server) -> frozenset[str]:
        """Tags that somebody here follows, as of a minute ago at most."""
        if server.clock.monotonic() - self._sets_at >= SETS_RELOADED_AFTER:
            async with server.read() as tx:
                await self._load_sets(tx, server.clock.monotonic())
        return self._tags

    def relay(self, id: int) -> Relay | None:
        """The relay with this id, as last read."""
        state = self._states.get(id)
        return state.relay if state is not None else None

    def claimed_by(self, key_id: str, host: str) -> Relay | None:
        """The relay whose key this seems to be; the signature is still to prove it."""
        found = self._by_domain.get(host)
        if not found:
            return None
        if len(found) == 1:
            return found[0]
        named = [relay for relay in found if relay.actor_uri and key_id.startswith(relay.actor_uri)]
        return max(named, key=lambda relay: len(relay.actor_uri or ""), default=None)

    def expects(self, follow_uri: str | None) -> bool:
        """Whether a relay is still to answer this Follow of ours."""
        return follow_uri is not None and any(
            state.relay.follow_uri == follow_uri and state.relay.state != "left" for state in self._states.values()
        )

    def refusals(self, relay_id: int) -> list[Refusal]:
        """The last that were refused in this process, newest first."""
        state = self._states.get(relay_id)
        return list(reversed(state.refused)) if state is not None else []

    # Judging ------------------------------------------------------------------------------------------

    def judge(self, server: Server, relay: Relay, offer: Offer) -> str | None:
        """Why this is not let in, in one word; None where it is. Nothing is taken from any bucket yet.

        Raises `TooMany` where the relay itself is over its quota, and `Busy` where there is no room.
        """
        now, state = server.clock.monotonic(), self._states[relay.id]
        if not relay.takes(server.clock.now()):
            return "paused" if relay.state == "accepted" else "not_accepted"
        if relay.trial_until is not None:
            return None
        why = self._against_rules(relay.rules, offer)
        if why is not None:
            return why
        if not server.room.for_strangers:
            self.refuse(server, relay, "room", offer)
            raise Busy(f"No room for strangers' posts: {server.room.why}", retry_after=300, reason="relay_room")
        for reason, bucket, amount in ((("quota"), state.hour, 1.0), ("bytes", state.day, 1.0)):
            wait = bucket.wait(amount, now) if bucket is not None else 0.0
            if wait > 0:
                self.refuse(server, relay, reason, offer)
                what = "posts an hour" if reason == "quota" else "bytes a day"
                raise TooMany(
                    f"This relay is over its {what} here.",
                    retry_after=min(max(int(wait), 1), 3600),
                    reason=f"relay_{reason}",
                )
        return self._over_share(relay, offer, now)

    def _against_rules(self, rules: RelayRules, offer: Offer) -> str | None:
        if rules.only_known_hosts and offer.host not in self._known_hosts:
            return "unknown_host"
        if offer.announced:
            return None  # the rest is judged when it was fetched
        return self.against_content(rules, offer)

    def against_content(self, rules: RelayRules, offer: Offer) -> str | None:
        """Which rule about its content a status breaks."""
        if rules.only_followed_tags and not (offer.tags or frozenset()) & self._tags:
            return "no_followed_tag"
        if rules.languages and (offer.language or "").partition("-")[0].lower() not in rules.languages:
            return "language"
        if rules.media == "with" and not offer.has_media:
            return "without_media"
        if rules.media == "without" and offer.has_media:
            return "with_media"
        return None

    def _over_share(self, relay: Relay, offer: Offer, now: float) -> str | None:
        host, author = self._shares(relay, offer, now)
        if host is not None and host.wait(1, now) > 0:
            return "host_quota"
        if author is not None and author.wait(1, now) > 0:
            return "author_quota"
        return None

    def _shares(self, relay: Relay, offer: Offer, now: float) -> tuple[Bucket | None, Bucket | None]:
        rules, host, author = relay.rules, None, None
        if rules.host_posts_per_hour is not None:
            most = rules.host_posts_per_hour
            host = self._hosts.of((relay.id, offer.host), most / HOUR, max(most * BURST, 1.0), now)
        if rules.author_posts_per_hour is not None and offer.author is not None:
            most = rules.author_posts_per_hour
            author = self._authors.of((relay.id, offer.author), most / HOUR, max(most * BURST, 1.0), now)
        return host, author

    # Booking ------------------------------------------------------------------------------------------

    def offered(self, server: Server, relay: Relay, offer: Offer) -> None:
        """Count something that a relay brought."""
        server.counters.add(f"relay.{relay.id}.offered")
        server.ledger.book("relay", relay.id, offered=1, bytes=offer.bytes)

    def refuse(self, server: Server, relay: Relay, reason: str, offer: Offer) -> None:
        """Count and list something that was not let in."""
        server.counters.add(f"relay.{relay.id}.refused.{reason}")
        state = self._states.get(relay.id)
        if state is not None:
            state.refused.append(Refusal(server.clock.now(), reason, offer.uri[:300]))

    def admit(self, server: Server, relay: Relay, offer: Offer) -> None:
        """Take what it costs out of the buckets, and remember its id."""
        now, state = server.clock.monotonic(), self._states.get(relay.id)
        if state is not None and state.hour is not None:
            state.hour.take(1, now)
        for bucket in self._shares(relay, offer, now):
            if bucket is not None:
                bucket.take(1, now)
        self.spend(server, relay.id, offer.bytes)
        server.counters.add(f"relay.{relay.id}.admitted")
        server.ledger.book("relay", relay.id, admitted=1)
        self._uris[offer.uri] = None
        if len(self._uris) > KEPT_URIS:
            self._uris.popitem(last=False)

    def spend(self, server: Server, relay_id: int, bytes: int) -> None:
        """Take bytes that a relay costs out of its day."""
        state = self._states.get(relay_id)
        if state is not None and state.day is not None:
            state.day.take(bytes, server.clock.monotonic())

    def was_admitted(self, uri: str) -> bool:
        """Whether the status with this id was let in a while ago."""
        return uri in self._uris

    async def _load_sets(self, tx: Tx, now: float) -> None:
        self._sets_at = now
        self._tags = await followed_tags.names(tx)
        self._known_hosts = await admitting.followed_hosts(tx)

    def _set(self, found: list[Relay], now: float) -> None:
        states, by_domain = {}, dict[str, list[Relay]]()
        for relay in found:
            old = self._states.get(relay.id) or _State(relay)
            rules = relay.rules
            old.hour = _same(old.hour, rules.posts_per_hour, HOUR, now)
            old.day = _same(old.day, rules.bytes_per_day, DAY, now)
            old.relay = relay
            states[relay.id] = old
            if relay.state != "left":
                by_domain.setdefault(relay.domain, []).append(relay)
        self._states, self._by_domain = states, by_domain


def _same(old: Bucket | None, most: int | None, seconds: float, now: float) -> Bucket | None:
    """The bucket for so much in so many seconds; the old one where that did not change."""
    if most is None:
        return None
    rate, capacity = most / seconds, max(most * BURST, 1.0)
    return old if old is not None and (old.rate, old.capacity) == (rate, capacity) else Bucket(rate, capacity, now)


def _needs_sets(rules: RelayRules) -> bool:
    return rules.only_followed_tags or rules.only_known_hosts


admission_of = PerServer(lambda _: Admission())
"""The admission of this running server."""
