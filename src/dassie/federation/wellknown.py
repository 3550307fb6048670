"""How others find us: WebFinger, host-meta and NodeInfo. Pages of other origins may read all of them."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import parse_qs
from xml.sax.saxutils import escape, quoteattr

from msgspec import Struct

from dassie import __version__
from dassie.domain.errors import BadRequest, NotFound
from dassie.domain.ids import INSTANCE_ACCOUNT_ID
from dassie.domain.urls import Urls
from dassie.federation.outbound.terms import Doc, media_type_of
from dassie.federation.owners import owner
from dassie.federation.routing import Document, Visit, get
from dassie.federation.vocab.values import host_of
from dassie.services import keys
from dassie.store import instance_facts, logins, settings
from dassie.store.kept import Kept
from dassie.store.tx import Tx
from dassie.store.views import AccountView

JRD = "application/jrd+json; charset=utf-8"
XRD = "application/xrd+xml; charset=utf-8"
CACHED = [("cache-control", "public, max-age=300")]
SCHEMA = "http://nodeinfo.diaspora.software/ns/schema/"
LONGEST = 500

_HANDLE = re.compile(r"@?([A-Za-z0-9_.-]{1,100})@([A-Za-z0-9.:\[\]-]{1,255})")


# WebFinger -------------------------------------------------------------------------------------------


@get("/.well-known/webfinger")
async def webfinger(visit: Visit) -> Document:
    """Which actor a handle or an address of ours stands for (RFC 7033). 400, 404 or 410 otherwise."""
    try:
        resource = parse_qs(visit.request.query[:4_000], max_num_fields=50).get("resource", [""])[0].strip()
    except ValueError:
        raise BadRequest("There are too many parameters") from None
    if not resource or len(resource) > LONGEST:
        raise BadRequest("The parameter resource is missing or too long")
    username = name_in(resource, visit.server.urls)
    urls = visit.server.urls
    if username.lower() == urls.domain.lower():
        account = await keys.instance_actor(visit.server)
    else:
        async with visit.server.read() as tx:
            account = await owner(tx, username, even_suspended=True)
    return Document(jrd(account, urls), content_type=JRD, headers=CACHED, shows=(account.id,))


def name_in(resource: str, urls: Urls) -> str:
    """The name that a resource means: a handle with or without `acct:` or `@`, an actor id, or a profile page.

    The server itself goes by its domain. Raises `BadRequest` for what is no resource, `NotFound` for others'.
    """
    if resource.startswith(("https://", "http://")):
        return _name_in_address(resource, urls)
    found = _HANDLE.fullmatch(resource.removeprefix("acct:"))
    if found is None:
        raise BadRequest("The resource is neither a handle nor an address")
    if found[2].lower() not in (urls.domain.lower(), host_of(urls.base)):
        raise NotFound
    return urls.domain if found[1].lower() == found[2].lower() else found[1]


def _name_in_address(resource: str, urls: Urls) -> str:
    base, _, path = resource.partition("//")[2].partition("/")
    if base.lower() != urls.base.partition("//")[2].lower():
        raise NotFound
    path = path.rstrip("/")
    if path in ("", "actor"):
        return urls.domain
    for start in ("@", "users/"):
        if path.startswith(start) and "/" not in path[len(start) :]:
            return path[len(start) :]
    raise NotFound


def jrd(account: AccountView, urls: Urls) -> Doc:
    """The description of an account of ours."""
    page = account.url if account.id == INSTANCE_ACCOUNT_ID else urls.profile(account.username)
    links: list[Doc] = [
        {"rel": "http://webfinger.net/rel/profile-page", "type": "text/html", "href": page},
        {"rel": "self", "type": "application/activity+json", "href": account.uri},
        {
            "rel": "http://ostatus.org/schema/1.0/subscribe",
            "template": f"{urls.base}/authorize_interaction?uri={{uri}}",
        },
    ]
    if account.avatar_key:
        picture = urls.media_file(account.avatar_key)
        links.append({"rel": "http://webfinger.net/rel/avatar", "type": media_type_of(picture), "href": picture})
    return {"subject": f"acct:{account.username}@{urls.domain}", "aliases": [page, account.uri], "links": links}


# host-meta -------------------------------------------------------------------------------------------


@get("/.well-known/host-meta")
async def host_meta(visit: Visit) -> Document:
    """Where WebFinger is, for software that begins here (RFC 6415)."""
    if "json" in visit.request.headers.get("accept", ""):
        return await host_meta_json(visit)
    template = quoteattr(_template(visit))
    xrd = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<XRD xmlns="http://docs.oasis-open.org/ns/xri/xrd-1.0">\n'
        f"  <Subject>{escape(visit.server.urls.base)}</Subject>\n"
        f'  <Link rel="lrdd" template={template}/>\n'
        "</XRD>\n"
    )
    return Document(xrd.encode(), content_type=XRD, headers=[*CACHED, ("vary", "Accept")])


@get("/.well-known/host-meta.json")
async def host_meta_json(visit: Visit) -> Document:
    """The same as JSON."""
    doc = {"subject": visit.server.urls.base, "links": [{"rel": "lrdd", "template": _template(visit)}]}
    return Document(doc, content_type=JRD, headers=[*CACHED, ("vary", "Accept")])


def _template(visit: Visit) -> str:
    return f"{visit.server.urls.base}/.well-known/webfinger?resource={{uri}}"


# NodeInfo --------------------------------------------------------------------------------------------


class Usage(Struct, frozen=True):
    """How much this server is used."""

    total: int
    month: int
    half_year: int
    posts: int
    registrations: bool
    title: str
    description: str


async def _count(tx: Tx) -> Usage:
    said = await settings.instance(tx)
    return Usage(
        total=await logins.count(tx),
        month=await logins.active_since(tx, tx.now - timedelta(days=30)),
        half_year=await logins.active_since(tx, tx.now - timedelta(days=180)),
        posts=await instance_facts.statuses_count(tx),
        registrations=said.registrations != "none",
        title=said.title,
        description=said.short_description,
    )


USAGE = Kept(_count, timedelta(minutes=5))


@get("/.well-known/nodeinfo")
async def nodeinfo_links(visit: Visit) -> Document:
    """Where NodeInfo is."""
    base = visit.server.urls.base
    links = [{"rel": f"{SCHEMA}{version}", "href": f"{base}/nodeinfo/{version}"} for version in ("2.0", "2.1")]
    return Document({"links": links}, content_type=JRD, headers=CACHED, shows=())


@get("/nodeinfo/2.0")
async def nodeinfo_20(visit: Visit) -> Document:
    """What runs here and how much it is used."""
    return await _nodeinfo(visit, "2.0")


@get("/nodeinfo/2.1")
async def nodeinfo_21(visit: Visit) -> Document:
    """The same in the later schema."""
    return await _nodeinfo(visit, "2.1")


async def _nodeinfo(visit: Visit, version: str) -> Document:
    usage = await USAGE.get(visit.server.db)
    software = {"name": "dassie", "version": __version__}
    doc = {
        "version": version,
        "software": software,
        "protocols": ["activitypub"],
        "services": {"inbound": [], "outbound": []},
        "openRegistrations": usage.registrations,
        "usage": {
            "users": {"total": usage.total, "activeMonth": usage.month, "activeHalfyear": usage.half_year},
            "localPosts": usage.posts,
        },
        "metadata": {
            "nodeName": usage.title or visit.server.urls.domain,
            "nodeDescription": usage.description,
        },
    }
    kind = f'application/json; charset=utf-8; profile="{SCHEMA}{version}#"'
    return Document(doc, content_type=kind, headers=CACHED, shows=())
