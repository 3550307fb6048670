"""People on other servers: actors with keys, put straight into the database, and the signed activities they send."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from dassie.domain.ids import new_id
from dassie.federation.signatures import cavage, generate_rsa, load_private
from dassie.store import accounts, search
from dassie.store.dialect import put, put_once
from dassie.store.tables import account_keys, follows
from dassie.store.tx import Database, Statement

_KEY = Statement(put(account_keys, "key_id", "account_id", "public_key", "fetched_at"))
_FOLLOW = Statement(put_once(follows, "id", "account_id", "target_id", "created_at"))
WORDS = ("stone", "lichen", "koppie", "sun", "shadow", "rain", "river", "aloe", "heath", "basalt", "wind", "kite")


@dataclass
class Actor:
    """Somebody elsewhere."""

    id: int
    uri: str
    name: str
    host: str
    pem: str


async def make_actors(db: Database, count: int, hosts: int, *, followed_by: int | None, first: int = 0) -> list[Actor]:
    """Actors spread over hosts, numbered from `first`; a dozen key pairs are shared, since they take long to make."""
    pairs = [generate_rsa() for _ in range(12)]
    made = []
    async with db.write() as tx:
        for i in range(first, first + count):
            host = f"h{i % hosts}.test"
            name = f"person{i}"
            uri = f"https://{host}/users/{name}"
            private, public = pairs[i % len(pairs)]
            id = new_id(tx.now)
            await accounts.insert(
                tx,
                id=id,
                username=name,
                domain=host,
                uri=uri,
                url=f"https://{host}/@{name}",
                display_name=f"Person {i}",
                note="<p>I am measured.</p>",
                inbox_url=f"{uri}/inbox",
                shared_inbox_url=f"https://{host}/inbox",
                followers_url=f"{uri}/followers",
                created_at=tx.now,
                fetched_at=tx.now,
                discoverable=True,
                indexable=i % 2 == 0,
            )
            await search.index_account(tx, id, f"{name} Person {i}")
            await tx.run(_KEY, key_id=f"{uri}#main-key", account_id=id, public_key=public, fetched_at=tx.now)
            if followed_by is not None:
                await tx.run(_FOLLOW, id=new_id(tx.now), account_id=followed_by, target_id=id, created_at=tx.now)
            made.append(Actor(id, uri, name, host, private))
    return made


def create(actor: Actor, n: int, chance: random.Random, me: str) -> dict[str, Any]:
    """A Create of mixed content: some with pictures, tags, mentions, warnings, emojis."""
    uri = f"{actor.uri}/statuses/{n}"
    at = (datetime.now(UTC) - timedelta(seconds=chance.randrange(3600))).strftime("%Y-%m-%dT%H:%M:%SZ")
    words = " ".join(chance.choices(WORDS, k=chance.randrange(8, 60)))
    content = f"<p>{words}</p>"
    tags: list[dict[str, Any]] = []
    cc = [f"{actor.uri}/followers"]
    if chance.random() < 0.4:
        word = chance.choice(WORDS)
        href = f"https://{actor.host}/tags/{word}"
        tags.append({"type": "Hashtag", "name": f"#{word}", "href": href})
        content += f'<p><a href="{href}" class="mention hashtag" rel="tag">#<span>{word}</span></a></p>'
    if chance.random() < 0.1:
        tags.append({"type": "Mention", "href": me, "name": "@ana@here.test"})
        content = (
            f'<p><span class="h-card"><a href="{me}" class="u-url mention">@<span>ana</span></a></span> {words}</p>'
        )
        cc.append(me)
    attachment = []
    if chance.random() < 0.3:
        attachment.append(
            {
                "type": "Document",
                "mediaType": "image/jpeg",
                "url": f"https://{actor.host}/media/{n}.jpg",
                "name": "A stone in the sun",
                "blurhash": "LEHV6nWB2yk8pyo0adR*.7kCMdnj",
                "width": 1200,
                "height": 800,
            }
        )
    note = {
        "id": uri,
        "type": "Note",
        "summary": "stones" if chance.random() < 0.1 else None,
        "inReplyTo": None,
        "published": at,
        "url": f"https://{actor.host}/@{actor.name}/{n}",
        "attributedTo": actor.uri,
        "to": ["https://www.w3.org/ns/activitystreams#Public"],
        "cc": cc,
        "sensitive": False,
        "conversation": f"tag:{actor.host},2026-01-01:objectId={n}:objectType=Conversation",
        "content": content,
        "contentMap": {"en": content},
        "attachment": attachment,
        "tag": tags,
    }
    return {
        "@context": ["https://www.w3.org/ns/activitystreams", {"sensitive": "as:sensitive", "Hashtag": "as:Hashtag"}],
        "id": f"{uri}/activity",
        "type": "Create",
        "actor": actor.uri,
        "published": at,
        "to": note["to"],
        "cc": cc,
        "object": note,
    }


def signed(actor: Actor, activity: dict[str, Any]) -> tuple[dict[str, str], bytes]:
    """Headers and body of the POST to the shared inbox of here.test."""
    body = msgspec.json.encode(activity)
    key = load_private(actor.pem)
    headers = cavage.sign(f"{actor.uri}#main-key", key, "POST", "https://here.test/inbox", body, datetime.now(UTC))
    headers = {
        "Host": "here.test",
        "Content-Type": "application/activity+json",
        "X-Forwarded-Proto": "https",
        **dict(headers),
    }
    return headers, body
