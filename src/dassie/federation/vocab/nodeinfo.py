"""NodeInfo: what software a server runs. Every number in it is a claim."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from dassie.federation.vocab.documents import decode
from dassie.federation.vocab.values import count, http_id, line, many, objects, optional_flag

MAX_LINKS = 50
SCHEMAS = tuple(f"http://nodeinfo.diaspora.software/ns/schema/{version}" for version in ("2.1", "2.0", "1.1", "1.0"))
"""The highest first."""


class NodeInfo(Struct, frozen=True, kw_only=True):
    """The server as it describes itself; empty or None where it says nothing."""

    schema: str
    software: str
    """In lower case."""
    version: str
    protocols: tuple[str, ...]
    open_registrations: bool | None
    users_total: int | None
    active_month: int | None
    active_half_year: int | None
    local_posts: int | None
    node_name: str
    node_description: str


def read_nodeinfo_link(body: bytes) -> str | None:
    """URL of the highest known schema in `/.well-known/nodeinfo`. Raises `Malformed` for no JSON object."""
    links = objects(decode(body).get("links"), MAX_LINKS)
    for schema in SCHEMAS:
        for link in links:
            href = http_id(link.get("href"))
            if href and link.get("rel") in (schema, schema.replace("http:", "https:")):
                return href
    return None


def read_nodeinfo(body: bytes) -> NodeInfo:
    """The NodeInfo document in `body`. Raises `Malformed` for no JSON object."""
    doc = decode(body)
    software, usage = _part(doc, "software"), _part(doc, "usage")
    users, metadata = _part(usage, "users"), _part(doc, "metadata")
    return NodeInfo(
        schema=line(doc.get("version"), 20),
        software=line(software.get("name"), 100).lower(),
        version=line(software.get("version"), 200),
        protocols=tuple(filter(None, (line(name, 50) for name in many(doc.get("protocols"), 20)))),
        open_registrations=optional_flag(doc.get("openRegistrations")),
        users_total=count(users.get("total")),
        active_month=count(users.get("activeMonth")),
        active_half_year=count(users.get("activeHalfyear")),
        local_posts=count(usage.get("localPosts")),
        node_name=line(metadata.get("nodeName"), 500),
        node_description=line(metadata.get("nodeDescription"), 5000),
    )


def _part(doc: dict[str, Any], name: str) -> dict[str, Any]:
    found = doc.get(name)
    return found if type(found) is dict else {}
