"""The documents of the fleet: actors, posts, collections, and the activities around them."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from typing import Any

from dassie.rehearsal import words
from dassie.rehearsal.plan import HERE, Person, Plan

PUBLIC = "https://www.w3.org/ns/activitystreams#Public"
CONTEXT = [
    "https://www.w3.org/ns/activitystreams",
    "https://w3id.org/security/v1",
    {
        "sensitive": "as:sensitive",
        "Hashtag": "as:Hashtag",
        "toot": "http://joinmastodon.org/ns#",
        "blurhash": "toot:blurhash",
    },
]
PICTURES = 16
"""So many different ones there are."""


def actor(person: Person, public_key: str, *, kind: str | None = None, bio: str = "") -> dict[str, Any]:
    """An actor document as most servers write it."""
    uri, host = person.uri, person.host
    return {
        "@context": CONTEXT,
        "id": uri,
        "type": kind or ("Service" if person.bot else "Person"),
        "preferredUsername": person.name,
        "name": person.name.title(),
        "summary": f"<p>{bio or 'I live in a rehearsal.'}</p>",
        "url": f"https://{host}/@{person.name}",
        "inbox": f"{uri}/inbox",
        "outbox": f"{uri}/outbox",
        "followers": f"{uri}/followers",
        "following": f"{uri}/following",
        "featured": f"{uri}/collections/featured",
        "published": "2024-05-01T00:00:00Z",
        "manuallyApprovesFollowers": False,
        "discoverable": True,
        "endpoints": {"sharedInbox": f"https://{host}/inbox"},
        "icon": {"type": "Image", "mediaType": "image/png", "url": f"https://{host}/media/avatar/{person.name}.png"},
        "image": {"type": "Image", "mediaType": "image/png", "url": f"https://{host}/media/header/{person.name}.png"},
        "publicKey": {"id": person.key_id, "owner": uri, "publicKeyPem": public_key},
    }


def webfinger(person: Person) -> dict[str, Any]:
    link = {"rel": "self", "type": "application/activity+json", "href": person.uri}
    return {"subject": f"acct:{person.name}@{person.host}", "aliases": [person.uri], "links": [link]}


def collection(uri: str, total: int) -> dict[str, Any]:
    """A collection of so many that shows none of them, as many servers do."""
    return {"@context": CONTEXT[0], "id": uri, "type": "OrderedCollection", "totalItems": total, "orderedItems": []}


def note(plan: Plan, post: int) -> dict[str, Any]:
    """A stranger's post."""
    chance = random.Random(f"{plan.seed} post {post}")
    person = plan.author(plan.author_of(post))
    code = words.language(chance)
    made = _note(plan, person, plan.uri_of(post), chance, code, words.sentence(chance, code))
    if chance.random() < 0.35:
        _tag(made, person, chance)
    if chance.random() < 0.15:
        _mention(made, plan.author(chance.randrange(plan.authors)))
    if post and chance.random() < 0.2:
        made["inReplyTo"] = plan.uri_of(chance.randrange(max(0, post - 500), post))
    if chance.random() < plan.media:
        made["attachment"] = [_picture(person, post, chance) for _ in range(1 + (chance.random() < 0.2))]
    return made


def own_note(plan: Plan, own_post: int, at: datetime) -> dict[str, Any]:
    """A friend's post with its marker, written at this moment."""
    chance = random.Random(f"{plan.seed} own {own_post}")
    person = plan.friend(own_post % plan.friends)
    text = f"{plan.marker(own_post)} {words.sentence(chance, 'en')}"
    made = _note(plan, person, f"{person.uri}/statuses/{own_post}", chance, "en", text)
    return made | {"published": at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}


def create(note: dict[str, Any]) -> dict[str, Any]:
    """The activity that brings a post into the world."""
    return {
        "@context": CONTEXT,
        "id": f"{note['id']}/activity",
        "type": "Create",
        "actor": note["attributedTo"],
        "published": note["published"],
        "to": note["to"],
        "cc": note["cc"],
        "object": note,
    }


def announce(relay: str, uri: str, number: int) -> dict[str, Any]:
    """A LitePub relay says that there is a post."""
    return {
        "@context": CONTEXT[0],
        "id": f"{relay}/announces/{number}",
        "type": "Announce",
        "actor": relay,
        "object": uri,
        "to": [f"{relay}/followers"],
        "cc": [PUBLIC],
    }


def answer(kind: str, by: str, follow: dict[str, Any], number: int) -> dict[str, Any]:
    """Accept or Reject of a Follow."""
    return {"@context": CONTEXT[0], "id": f"{by}/answers/{number}", "type": kind, "actor": by, "object": follow}


def follow(by: str, target: str, number: int) -> dict[str, Any]:
    return {
        "@context": CONTEXT[0],
        "id": f"{by}/follows/{number}",
        "type": "Follow",
        "actor": by,
        "object": target,
        "to": [target],
    }


def nodeinfo(host: str) -> dict[str, Any]:
    return {
        "version": "2.0",
        "software": {"name": "rehearsal", "version": "1"},
        "protocols": ["activitypub"],
        "services": {"inbound": [], "outbound": []},
        "openRegistrations": False,
        "usage": {"users": {"total": 40}, "localPosts": 1000},
        "metadata": {"nodeName": host},
    }


def _note(plan: Plan, person: Person, uri: str, chance: random.Random, code: str, text: str) -> dict[str, Any]:
    at = datetime.fromtimestamp(plan.begun - chance.randrange(3600), UTC)
    content = f"<p>{text}</p>"
    return {
        "id": uri,
        "type": "Note",
        "summary": "weather" if chance.random() < 0.06 else None,
        "inReplyTo": None,
        "published": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "url": f"https://{person.host}/@{person.name}/{uri.rpartition('/')[2]}",
        "attributedTo": person.uri,
        "to": [PUBLIC],
        "cc": [f"{person.uri}/followers"],
        "sensitive": False,
        "content": content,
        "contentMap": {code: content},
        "attachment": [],
        "tag": [],
    }


def _tag(note: dict[str, Any], person: Person, chance: random.Random) -> None:
    for name in dict.fromkeys(chance.choices(words.TAGS, k=2)):
        href = f"https://{person.host}/tags/{name}"
        note["tag"].append({"type": "Hashtag", "name": f"#{name}", "href": href})
        _add(note, f'<p><a href="{href}" class="mention hashtag" rel="tag">#<span>{name}</span></a></p>')


def _mention(note: dict[str, Any], other: Person) -> None:
    note["tag"].append({"type": "Mention", "name": f"@{other.name}@{other.host}", "href": other.uri})
    note["cc"].append(other.uri)
    _add(
        note,
        f'<p><a href="https://{other.host}/@{other.name}" class="u-url mention">@<span>{other.name}</span></a></p>',
    )


def _add(note: dict[str, Any], html: str) -> None:
    note["content"] += html
    note["contentMap"] = dict.fromkeys(note["contentMap"], note["content"])


def _picture(person: Person, post: int, chance: random.Random) -> dict[str, Any]:
    number = chance.randrange(PICTURES)
    return {
        "type": "Document",
        "mediaType": "image/png",
        "url": f"https://{person.host}/media/{person.name}/{post}-{number}.png",
        "name": "A stone in the sun" if chance.random() < 0.5 else None,
        "blurhash": "LEHV6nWB2yk8pyo0adR*.7kCMdnj",
        "width": 320,
        "height": 240,
    }


def is_here(uri: str) -> bool:
    """Whether this belongs to the server that is flooded."""
    return uri.startswith(f"https://{HERE}/")
