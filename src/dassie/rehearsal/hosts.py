"""What every host of the fleet answers: profiles, posts, collections, pictures, inboxes."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any
from urllib.parse import unquote

import msgspec

from dassie.rehearsal import documents, pictures
from dassie.rehearsal.http_server import Asked, Told, response
from dassie.rehearsal.ledger import Ledger
from dassie.rehearsal.plan import Fault, Person, Plan

Received = Callable[[str, dict[str, Any]], None]
"""Told of each activity that came to an inbox: host, activity."""

_NAME = re.compile(r"[af][0-9]{3,7}")
_WEBFINGER = "/.well-known/webfinger?"
_NOBODY = response(404, b"")
_TAKEN = response(202)
_BROKEN = response(500, b"it is on fire", "text/plain")
_COLLECTIONS = {"outbox": 120, "followers": 40, "following": 60, "collections/featured": 0}


class Hosts:
    """All hosts but the relays."""

    def __init__(self, plan: Plan, public_keys: list[str], ledger: Ledger, received: Received) -> None:
        self.plan = plan
        self._keys = public_keys
        self._ledger = ledger
        self._received = received
        self._names = frozenset(map(plan.host, range(plan.hosts)))

    def answer(self, asked: Asked) -> Told:
        """What this host says, with its fault."""
        if asked.host not in self._names:
            return Told(_NOBODY)
        kind, via, data = self._right_answer(asked)
        self._ledger.fetched(kind, via, asked.host)
        fault = self.plan.faults.get(asked.host)
        if fault is None:
            return Told(data)
        self._ledger.met(fault.value)
        if fault is Fault.BROKEN:
            return Told(_BROKEN, fault)
        if fault is Fault.SLOW:
            return Told(data, fault, after=2.0 + int(asked.host[1:4]) % 6)
        return Told(_lie(data) if fault is Fault.LYING else data, fault)

    def person(self, name: str, host: str) -> tuple[Person, str] | None:
        """Who has this name on this host, and the relay (or `friend`) by which their posts come."""
        if not _NAME.fullmatch(name):
            return None
        number = int(name[1:])
        if name[0] == "f":
            found, via = self.plan.friend(number), "friend"
            known = number < self.plan.friends
        else:
            found, via = self.plan.author(number), str(self.plan.via(number))
            known = number < self.plan.authors
        return (found, via) if known and found.host == host and found.name == name else None

    def _right_answer(self, asked: Asked) -> tuple[str, str, bytes]:
        """What was asked for, by which relay its author's posts come, and the answer without any fault."""
        path, host = asked.path, asked.host
        if asked.method == "POST":
            return self._inbox(asked)
        if path.startswith("/users/"):
            return self._user(host, path[7:].partition("?")[0])
        if path.startswith(_WEBFINGER):
            return self._webfinger(host, unquote(path[len(_WEBFINGER) :]))
        if path.startswith("/media/"):
            return self._picture(host, path[7:])
        if path == "/.well-known/nodeinfo":
            link = {"rel": "http://nodeinfo.diaspora.software/ns/schema/2.0", "href": f"https://{host}/nodeinfo/2.0"}
            return "nodeinfo", "nobody", _json({"links": [link]})
        if path == "/nodeinfo/2.0":
            return "nodeinfo", "nobody", _json(documents.nodeinfo(host))
        return "other", "nobody", _NOBODY

    def _inbox(self, asked: Asked) -> tuple[str, str, bytes]:
        if asked.path.endswith("/inbox"):
            try:
                activity = msgspec.json.decode(asked.body, type=dict[str, Any])
            except msgspec.DecodeError:
                return "inbox", "nobody", response(400)
            self._ledger.got(str(activity.get("type")), "host")
            if asked.host not in self.plan.faults:
                self._received(asked.host, activity)
        return "inbox", "nobody", _TAKEN

    def _user(self, host: str, rest: str) -> tuple[str, str, bytes]:
        name, _, more = rest.partition("/")
        found = self.person(name, host)
        if found is None:
            return "actor", "nobody", _NOBODY
        person, via = found
        if not more:
            return "actor", via, _json(documents.actor(person, self._keys[person.key]))
        if more in _COLLECTIONS:
            return more, via, _json(documents.collection(f"{person.uri}/{more}", _COLLECTIONS[more]))
        if more.startswith("statuses/") and via != "friend":
            return "note", via, self._note(person, more[9:])
        return "other", via, _NOBODY

    def _note(self, person: Person, rest: str) -> bytes:
        number, _, part = rest.partition("/")
        if not number.isdecimal() or int(number) >= self.plan.posts or part not in ("", "activity"):
            return _NOBODY
        note = documents.note(self.plan, int(number))
        if note["attributedTo"] != person.uri:
            return _NOBODY
        return _json(documents.create(note) if part else {"@context": documents.CONTEXT, **note})

    def _webfinger(self, host: str, query: str) -> tuple[str, str, bytes]:
        match = re.search(r"resource=(?:acct:)?([a-z0-9]+)@", query) or re.search(r"/users/([a-z0-9]+)", query)
        found = self.person(match[1], host) if match else None
        if found is None:
            return "webfinger", "nobody", _NOBODY
        return "webfinger", found[1], _json(documents.webfinger(found[0]), "application/jrd+json")

    def _picture(self, host: str, rest: str) -> tuple[str, str, bytes]:
        first, _, last = rest.partition("/")
        stem = last.removesuffix(".png")
        if first in ("avatar", "header"):
            found = self.person(stem, host)
            return first, found[1] if found else "nobody", _png(int(stem[1:]) if found else 0)
        found = self.person(first, host)
        number = stem.rpartition("-")[2]
        if found is None or not number.isdecimal():
            return "media", "nobody", _NOBODY
        return "media", found[1], _png(int(number))


def _json(doc: dict[str, Any], kind: str = "application/activity+json; charset=utf-8") -> bytes:
    return response(200, msgspec.json.encode(doc), kind)


def _png(number: int) -> bytes:
    return _picture_response(number % documents.PICTURES)


@lru_cache(maxsize=documents.PICTURES)
def _picture_response(number: int) -> bytes:
    return response(200, pictures.picture(number), "image/png")


def _lie(data: bytes) -> bytes:
    head, _, body = data.partition(b"\r\n\r\n")
    return head.replace(b"Length: ", b"Length: 1", 1) + b"\r\n\r\n" + body
