"""The fleet: it answers over TLS by name, its faults are real, its relays accept, and what they send verifies."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import pytest

from dassie.adapters.resolving import Resolver, parse_overrides
from dassie.federation.signatures import SignedRequest, load_public, parse, verify
from dassie.federation.signatures.linked_data import embedded_signature, verify_embedded
from dassie.rehearsal import documents
from dassie.rehearsal.fleet import Fleet
from dassie.rehearsal.fleet_process import FleetProcess
from dassie.rehearsal.keyring import Pairs, key_pairs
from dassie.rehearsal.plan import Fault, Plan
from dassie.rehearsal.pouring import Pour
from dassie.rehearsal.preparing import make_chunk, prepare, prepared, read_plan
from dassie.rehearsal.relays import ADDRESSES, person_of
from net import Peer, reply

PLAN = Plan(seed=3, hosts=14, authors=60, posts=80, friends=8, faulty=0.5, begun=1_750_000_000)
ME = "https://here.test/actor"
AS = "application/activity+json"


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> Pairs:
    return key_pairs(tmp_path_factory.mktemp("keys"))


@dataclass
class Town:
    """The fleet, somebody who asks it, and a server that is flooded."""

    fleet: Fleet
    session: aiohttp.ClientSession
    here: Peer

    async def get(self, url: str) -> tuple[int, bytes]:
        async with self.session.get(url) as response:
            return response.status, await response.read()

    async def json(self, url: str) -> Any:
        async with self.session.get(url) as response:
            assert response.status == 200, url
            return await response.json(content_type=None)

    async def send(self, inbox: str, activity: dict[str, Any]) -> int:
        async with self.session.post(inbox, json=activity) as response:
            return response.status

    async def arrived(self, count: int) -> list[dict[str, Any]]:
        """What the flooded server was sent, once it is so much. Each is signed by the actor's own key."""
        async with asyncio.timeout(10):
            while len(found := [seen for seen in self.here.seen if seen.method == "POST"]) < count:
                await asyncio.sleep(0.01)
        activities = []
        for seen in found:
            request = SignedRequest(
                "POST", seen.target, f"https://here.test{seen.target}", dict(seen.headers), seen.body
            )
            parsed = parse(request, hosts=frozenset({"here.test"}), now=datetime.now(UTC))
            key = await self.key(parsed.key_id)
            verify(parsed, request, load_public(key), datetime.now(UTC))
            activities.append(msgspec.json.decode(seen.body) | {"signed by": parsed.key_id.partition("#")[0]})
        return activities

    async def key(self, key_id: str) -> str:
        doc = await self.json(key_id.partition("#")[0])
        assert doc["publicKey"]["id"] == key_id
        return str(doc["publicKey"]["publicKeyPem"])


@pytest.fixture
async def town(tmp_path: Path, pairs: Pairs) -> AsyncIterator[Town]:
    async with Peer(None, "here.test") as here:
        here.on("/inbox", reply(code=202))
        here.on("/actor", reply(b'{"inbox": "https://here.test/actor/inbox", "endpoints": {"sharedInbox":'
                                b' "https://here.test/inbox"}}', content_type=AS))  # fmt: skip
        async with Fleet(PLAN, tmp_path, pairs, here.port) as fleet:
            trust = ssl.create_default_context(cafile=str(fleet.authority.bundle))
            resolver = Resolver(parse_overrides(fleet.resolver))
            connector = aiohttp.TCPConnector(resolver=resolver, ssl=trust)
            timeout = aiohttp.ClientTimeout(total=0.8)
            async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:
                yield Town(fleet, session, here)
            await resolver.close()


def somebody(fault: Fault | None) -> str:
    """An author on a host with this fault."""
    return next(author.uri for author in map(PLAN.author, range(PLAN.authors)) if PLAN.faults.get(author.host) is fault)


def a_post(fault: Fault | None = None) -> int:
    return next(
        post
        for post in range(PLAN.posts)
        if PLAN.faults.get(PLAN.author(PLAN.author_of(post)).host) is fault and documents.note(PLAN, post)["attachment"]
    )


async def test_profiles_posts_and_pictures_are_there_over_tls(town: Town) -> None:
    post = a_post()
    note = await town.json(PLAN.uri_of(post))
    author = await town.json(note["attributedTo"])
    name, host = author["preferredUsername"], note["id"].split("/")[2]
    finger = await town.json(f"https://{host}/.well-known/webfinger?resource=acct:{name}@{host}")
    assert finger["links"][0]["href"] == author["id"] == note["attributedTo"]
    assert (await town.json(author["featured"]))["orderedItems"] == []
    code, picture = await town.get(note["attachment"][0]["url"])
    assert (code, picture[:4]) == (200, b"\x89PNG")
    assert (await town.get(f"https://{host}/users/{name}/statuses/{PLAN.posts}"))[0] == 404
    assert (await town.get(f"https://{PLAN.healthy[-1]}/users/{name}"))[0] == 404  # there it is nobody
    via = PLAN.via(PLAN.author_of(post))
    seen = town.fleet.ledger
    assert seen.fetches[f"actor {via}"] == seen.fetches[f"webfinger {via}"] == seen.fetches[f"media {via}"] == 1
    assert seen.fetches[f"note {via}"] == 2  # with the one that is not there
    assert seen.fetches_for(via) == 6  # with the collection


async def test_each_fault_shows(town: Town) -> None:
    expected: dict[Fault, type[Exception]] = {
        Fault.DEAD: aiohttp.ClientConnectorError,
        Fault.BLACK_HOLE: TimeoutError,
        Fault.SLOW: TimeoutError,
        Fault.RESETTING: aiohttp.ClientError,
        Fault.LYING: aiohttp.ClientPayloadError,
        Fault.WRONG_NAME: aiohttp.ClientConnectorCertificateError,
    }
    for fault, error in expected.items():
        with pytest.raises(error):
            await town.get(somebody(fault))
    assert (await town.get(somebody(Fault.BROKEN)))[0] == 500
    assert set(town.fleet.ledger.faults) == {fault.value for fault in Fault if fault is not Fault.DEAD}


@pytest.mark.parametrize("via", ["mastodon", "litepub"])
async def test_a_relay_accepts_who_follows_it_and_forgets_who_leaves(town: Town, via: Any) -> None:
    relay = await town.json(person_of(via).uri)
    assert relay["type"] == "Application"
    assert ADDRESSES[via] in (relay["inbox"], relay["id"])
    follow = {
        "id": "https://here.test/follows/1",
        "type": "Follow",
        "actor": ME,
        "object": documents.PUBLIC if via == "mastodon" else relay["id"],
    }
    assert await town.send(relay["inbox"], follow) == 202
    accept, *more = await town.arrived(1 if via == "mastodon" else 2)
    assert (accept["type"], accept["object"]["id"], accept["signed by"]) == ("Accept", follow["id"], relay["id"])
    assert [(one["type"], one["object"]) for one in more] == ([] if via == "mastodon" else [("Follow", ME)])
    members = {"mastodon": town.fleet.mastodon, "litepub": town.fleet.litepub}[via].members
    assert members == {ME: "https://here.test/inbox"}
    assert await town.send(relay["inbox"], {"type": "Undo", "actor": ME, "object": follow}) == 202
    assert members == {}
    assert town.fleet.ledger.received[f"Undo {via}"] == 1


async def test_a_follow_of_something_else_is_rejected(town: Town) -> None:
    follow = {"id": "https://here.test/f", "type": "Follow", "actor": ME, "object": "https://here.test/users/ana"}
    await town.send(ADDRESSES["mastodon"], follow)
    (reject,) = await town.arrived(1)
    assert (reject["type"], town.fleet.mastodon.members) == ("Reject", {})


async def test_friends_accept_who_follows_them(town: Town) -> None:
    friend = PLAN.friend(5)
    follow = {"id": "https://here.test/f", "type": "Follow", "actor": "https://here.test/users/ana"}
    assert await town.send(f"{friend.uri}/inbox", follow | {"object": friend.uri}) == 202
    (accept,) = await town.arrived(1)
    assert (accept["type"], accept["actor"], accept["signed by"]) == ("Accept", friend.uri, friend.uri)


async def test_what_relays_send_verifies(town: Town, tmp_path: Path, pairs: Pairs) -> None:
    make_chunk(PLAN, pairs, tmp_path, 0)
    pour = Pour(town.here.port, tmp_path, 0, PLAN.posts, rate=0, lines=3)
    arrived = await town.arrived(PLAN.posts)
    async with asyncio.timeout(5):
        while pour.poured.running:
            await asyncio.sleep(0.01)
    await pour.close()
    assert (pour.poured.codes, set(pour.answered)) == ({202: PLAN.posts}, {2})
    now, signed = datetime.now(UTC), 0
    for activity in arrived:
        by = activity.pop("signed by")
        if activity["type"] == "Announce":
            assert by == activity["actor"] == person_of("litepub").uri
            continue
        assert by == person_of("mastodon").uri != activity["actor"]
        found = embedded_signature(activity)
        if found is not None:
            signed += 1
            person = next(p for p in map(PLAN.author, range(PLAN.authors)) if p.key_id == found.key_id)
            verify_embedded(activity, found, load_public(pairs[person.key][1]), now)
            assert person.uri == activity["actor"]
    forwarded = sum(activity["type"] == "Create" for activity in arrived)
    posts = {str(a["object"]) if a["type"] == "Announce" else a["object"]["id"] for a in arrived}
    assert posts == set(map(PLAN.uri_of, range(PLAN.posts)))
    assert forwarded * 0.7 < signed < forwarded < PLAN.posts


async def test_a_rate_is_kept_to(town: Town, tmp_path: Path, pairs: Pairs) -> None:
    make_chunk(PLAN, pairs, tmp_path, 0)
    pour = Pour(town.here.port, tmp_path, 10, 40, rate=60, lines=4)
    await asyncio.sleep(0.2)
    assert 0 < pour.poured.offered < 30  # a tenth of a second has passed at least; all would take half a second
    await town.arrived(30)
    assert pour.poured.seconds >= 29 / 60
    await pour.close()


def test_the_same_seed_is_the_same_day_and_another_is_another() -> None:
    again = msgspec.structs.replace(PLAN)
    other = msgspec.structs.replace(PLAN, seed=4)
    posts = range(PLAN.posts)
    assert [documents.note(PLAN, n) for n in posts] == [documents.note(again, n) for n in posts]
    assert PLAN.faults == again.faults != other.faults
    assert [PLAN.uri_of(n) for n in posts] != [other.uri_of(n) for n in posts]
    day = Plan()
    assert len({day.author_of(n) for n in range(day.posts)}) == day.authors
    assert len(day.faults) == 150
    assert {list(day.faults.values()).count(kind) for kind in Fault} == {21, 22}
    assert not {day.friend(n).host for n in range(day.friends)} & set(day.faults)


async def test_the_fleet_runs_in_a_process_of_its_own_and_can_fall_silent(tmp_path: Path) -> None:
    plan = await prepare(msgspec.structs.replace(PLAN, posts=20, begun=0), tmp_path, workers=1)
    assert plan == read_plan(tmp_path) == await prepare(plan, tmp_path)
    assert [post for post, _ in prepared(tmp_path, 5, 9)] == [5, 6, 7, 8]
    async with Peer(None, "here.test") as here:
        here.on("/inbox", reply(code=202))
        async with FleetProcess(tmp_path, here.port) as fleet:
            overrides = parse_overrides(fleet.resolver)
            assert await fleet.members() == {"mastodon": {}, "litepub": {}}
            await fleet.pour(0, 20, rate=0, lines=2)
            async with asyncio.timeout(10):
                while (poured := await fleet.poured()).running:
                    await asyncio.sleep(0.02)
            assert (poured.offered, poured.codes) == (20, {202: 20})
            assert await fleet.answered() == b"\x02" * 20
            assert (await fleet.ledger()).fetches == {}
            place, port = overrides["*.flood.test"]
            fleet.stop()
            with pytest.raises(TimeoutError):
                trust = ssl.create_default_context(cafile=fleet.bundle)
                async with asyncio.timeout(0.3):
                    await asyncio.open_connection(place, port, ssl=trust, server_hostname="h001.flood.test")
            fleet.go_on()
            assert (await fleet.poured()).offered == 20
