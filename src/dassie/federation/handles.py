"""Handles: `@user@domain`, proved by WebFinger (RFC 7033), with host-meta (RFC 6415) where that is all there is.

Domain A is never believed about a handle of domain B.
"""

from __future__ import annotations

from urllib.parse import quote

from msgspec import Struct

from dassie.domain.errors import NotAllowed, NotFound, RemoteFailed
from dassie.federation.origin import Origin
from dassie.federation.vocab.actors import ActorDoc
from dassie.federation.vocab.documents import Malformed
from dassie.federation.vocab.values import host_of
from dassie.federation.vocab.webfinger import Jrd, parse_handle, read_host_meta, read_jrd

ACCEPT_JRD = "application/jrd+json, application/json"
ACCEPT_XRD = "application/xrd+xml, application/xml;q=0.9"


class Handle(Struct, frozen=True):
    """A handle, and whether WebFinger confirmed it."""

    username: str
    domain: str
    proved: bool


class Resolved(Struct, frozen=True):
    """Where a handle leads."""

    username: str
    domain: str
    uris: tuple[str, ...]
    """Actor ids; Lemmy gives two where a user and a group share a name, the user first."""


async def finger(origin: Origin, username: str, domain: str) -> Jrd:
    """What `domain` says about a handle; raises `NotFound`, `NotAllowed` or `RemoteFailed`."""
    resource = f"acct:{username}@{domain}"
    try:
        url = f"https://{domain}/.well-known/webfinger?resource={quote(resource, safe=':@')}"
        answer = await origin.unsigned(url, accept=ACCEPT_JRD)
    except (NotFound, RemoteFailed) as failed:
        if isinstance(failed, RemoteFailed) and failed.code is None:
            raise
        template = await _template(origin, domain)
        if template is None:
            raise
        answer = await origin.unsigned(template.replace("{uri}", quote(resource, safe=":@")), accept=ACCEPT_JRD)
    try:
        return read_jrd(answer.body)
    except Malformed as error:
        raise RemoteFailed(error.safe, kind="malformed", url=answer.url) from error


async def resolve(origin: Origin, username: str, domain: str) -> Resolved:
    """Where `@username@domain` leads.

    A subject that names another handle is asked at its own domain, once; it must name itself there.
    """
    jrd = await finger(origin, username, domain)
    if jrd.handle is not None and not _equal(jrd.handle, (username, domain)):
        username, domain = jrd.handle
        jrd = await finger(origin, username, domain)
        if jrd.handle is None or not _equal(jrd.handle, (username, domain)):
            raise RemoteFailed("The handle changes more than once", kind="malformed")
    links = sorted(jrd.self_links, key=lambda link: link.actor_type == "Group")
    if not links:
        raise NotFound("The handle leads to no actor")
    return Resolved(username, domain, tuple(link.href for link in links))


async def handle_of(origin: Origin, actor: ActorDoc) -> Handle:
    """The handle of an actor; raises `RemoteFailed` where another server or actor has a better claim to it.

    A host that answers no WebFinger is still the authority for the names on it, so its own actors get
    theirs unproved: good for a new row, never to take over a known one.
    """
    claimed = parse_handle(actor.webfinger) if actor.webfinger else None
    username, domain = claimed or (actor.username, actor.domain_of_id)
    if parse_handle(f"{username}@{domain}") is None:
        raise RemoteFailed("The actor has no usable name", kind="malformed", uri=actor.uri)
    try:
        found = await resolve(origin, username, domain)
    except NotAllowed:
        raise
    except (NotFound, RemoteFailed) as failed:
        if domain == host_of(actor.uri) and getattr(failed, "kind", "") != "malformed":
            return Handle(username, domain, proved=False)
        raise RemoteFailed("The handle cannot be proved", kind="malformed", uri=actor.uri) from failed
    if actor.uri not in found.uris:
        raise RemoteFailed("The handle leads to another actor", kind="malformed", uri=actor.uri)
    # The subject's spelling of the name is the domain's own; keep the actor's where only the case differs.
    same_name = found.username.lower() == actor.username.lower()
    return Handle(actor.username if same_name else found.username, found.domain, proved=True)


def on_trust(actor: ActorDoc) -> Handle:
    """The handle of an actor as its own host may give it, asked nobody; raises `RemoteFailed` where there is none."""
    if parse_handle(f"{actor.username}@{actor.domain_of_id}") is None:
        raise RemoteFailed("The actor has no usable name", kind="malformed", uri=actor.uri)
    return Handle(actor.username, actor.domain_of_id, proved=False)


async def _template(origin: Origin, domain: str) -> str | None:
    try:
        answer = await origin.unsigned(f"https://{domain}/.well-known/host-meta", accept=ACCEPT_XRD)
        return read_host_meta(answer.body)
    except (NotFound, RemoteFailed, Malformed):
        return None


def _equal(one: tuple[str, str], other: tuple[str, str]) -> bool:
    return (one[0].lower(), one[1].lower()) == (other[0].lower(), other[1].lower())
