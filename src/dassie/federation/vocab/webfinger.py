"""WebFinger (RFC 7033) answers and host-meta (RFC 6415)."""

from __future__ import annotations

from typing import Any
from xml.parsers import expat

from msgspec import Struct

from dassie.federation.vocab.documents import Malformed, decode
from dassie.federation.vocab.tags import is_activity_media_type
from dassie.federation.vocab.values import host_of, http_id, line, objects, refs, text, web_url

MAX_LINKS = 200
MAX_ALIASES = 100
MAX_XML = 100_000
MAX_ELEMENTS = 2000

_SUBSCRIBE = "http://ostatus.org/schema/1.0/subscribe"
_PROFILE_PAGE = "http://webfinger.net/rel/profile-page"
_AVATAR = "http://webfinger.net/rel/avatar"
_ACTOR_TYPE = "https://www.w3.org/ns/activitystreams#type"


class SelfLink(Struct, frozen=True):
    """A link to an actor document. Lemmy says which type, as one name can be a user and a group."""

    href: str
    actor_type: str


class Jrd(Struct, frozen=True):
    """What a server says about a handle. Good for handles of its own domain only."""

    subject: str
    aliases: tuple[str, ...]
    self_links: tuple[SelfLink, ...]
    subscribe_template: str | None
    """Holds `{uri}`."""
    profile_page: str | None
    avatar: str | None

    @property
    def handle(self) -> tuple[str, str] | None:
        """User and host of the subject; None where it is not a handle."""
        return parse_handle(self.subject)


def read_jrd(body: bytes) -> Jrd:
    """The answer to a WebFinger query; raises `Malformed` where it is no JSON object."""
    doc = decode(body)
    links = objects(doc.get("links"), MAX_LINKS)
    own = dict.fromkeys(found for link in links if (found := _self_link(link)))
    subscribe = (text(link.get("template"), 2048) for link in _with_rel(links, _SUBSCRIBE))
    return Jrd(
        subject=line(doc.get("subject"), 2048),
        aliases=refs(doc.get("aliases"), MAX_ALIASES),
        self_links=tuple(own),
        subscribe_template=next((found for found in subscribe if _is_template(found)), None),
        profile_page=_href(links, _PROFILE_PAGE),
        avatar=_href(links, _AVATAR),
    )


def parse_handle(subject: str) -> tuple[str, str] | None:
    """(`user`, `host`) of `acct:user@host`, `@user@host` or `user@host`; the host in lower case."""
    user, _, host = subject.strip().removeprefix("acct:").removeprefix("@").partition("@")
    domain = host_of(f"https://{host}/") if host and "/" not in host else ""
    if not user or not domain or len(user) > 500 or not user.isprintable() or set(user) & set(" /?#"):
        return None
    return user, domain


def read_host_meta(body: bytes) -> str | None:
    """The first usable `lrdd` template (with `{uri}`) of an XRD document, or None.

    Raises `Malformed` where it is no XML. A document type is refused, so no entity is ever expanded.
    """
    if len(body) > MAX_XML:
        raise Malformed("The host-meta is too large")
    found: list[str] = []
    parser = _parser(found)
    try:
        parser.Parse(body.strip(), True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise Malformed("The host-meta is not XML") from error
    return found[0] if found else None


def _parser(found: list[str]) -> expat.XMLParserType:
    parser = expat.ParserCreate(namespace_separator=" ")
    seen = 0

    def on_start(name: str, attributes: dict[str, str]) -> None:
        nonlocal seen
        seen += 1
        if seen > MAX_ELEMENTS:
            raise Malformed("The host-meta has too many elements")
        template = attributes.get("template", "")
        if name.rpartition(" ")[2] == "Link" and attributes.get("rel") == "lrdd" and _is_template(template):
            found.append(template)

    def on_doctype(*_: Any) -> None:
        raise Malformed("The host-meta has a document type")

    parser.StartElementHandler = on_start
    parser.StartDoctypeDeclHandler = on_doctype
    return parser


def _self_link(link: dict[str, Any]) -> SelfLink | None:
    href = http_id(link.get("href"))
    if href is None or link.get("rel") != "self" or not is_activity_media_type(link.get("type")):
        return None
    properties = link.get("properties")
    said = properties.get(_ACTOR_TYPE) if type(properties) is dict else None
    return SelfLink(href, line(said, 100))


def _with_rel(links: list[dict[str, Any]], rel: str) -> list[dict[str, Any]]:
    return [link for link in links if link.get("rel") == rel]


def _href(links: list[dict[str, Any]], rel: str) -> str | None:
    return next((url for link in _with_rel(links, rel) if (url := web_url(link.get("href")))), None)


def _is_template(found: str) -> bool:
    return len(found) <= 2048 and "{uri}" in found and web_url(found) is not None
