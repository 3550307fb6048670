"""What a page's handler gives back, and how it goes out: headers that keep browsers safe, compression."""

from __future__ import annotations

import gzip
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import msgspec

from dassie.door.request import Request

Headers = list[tuple[str, str]]
COMPRESS_FROM = 1_000
GUARDS: Headers = [
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "same-origin"),
    ("permissions-policy", "interest-cohort=(), browsing-topics=()"),
]


@dataclass(slots=True)
class Html:
    """A page, or with htmx a part of one."""

    body: str
    code: int = 200
    headers: Headers = field(default_factory=list)
    form_action: str = ""
    """One more origin that forms of this page may end at: the redirect of an app that asks for consent."""
    fragment: bool = False
    framed: bool = False
    """Other sites may show it in a frame."""


@dataclass(slots=True)
class Go:
    """Done: go on to another page (303), which says what was done."""

    to: str
    said: str = ""
    """A key of notices.SAID."""
    headers: Headers = field(default_factory=list)


@dataclass(slots=True)
class Moved:
    """This address always leads to another (301)."""

    to: str


@dataclass(slots=True)
class Data:
    """A short answer to a script."""

    body: Any
    code: int = 200
    headers: Headers = field(default_factory=list)


@dataclass(slots=True)
class File:
    """Bytes of ours."""

    body: bytes
    content_type: str
    headers: Headers = field(default_factory=list)
    code: int = 200


@dataclass(slots=True)
class Sent:
    """The handler answered by itself."""


POP_UPS = ("/auth/", "/oauth/")
"""Where apps send people in a window that they opened and wait for: it must keep who opened it, on every step."""


Answer = Html | Go | Moved | Data | File | Sent


def policy(form_action: str = "", *, framed: bool = False) -> str:
    """The Content-Security-Policy of a page (ui.md section 2)."""
    frames = "*" if framed else "'none'"
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
        "media-src 'self' blob:; connect-src 'self'; font-src 'self'; manifest-src 'self'; worker-src 'self'; "
        f"form-action 'self'{' ' + form_action if form_action else ''}; base-uri 'none'; "
        f"frame-ancestors {frames}"
    )


def guards(request: Request) -> Headers:
    """What keeps browsers safe, on every answer. Other sites' windows and ours know nothing of each other, except
    where somebody signs in or lets an app in."""
    if request.path.startswith(POP_UPS):
        return GUARDS
    return [*GUARDS, ("cross-origin-opener-policy", "same-origin")]


async def send_html(request: Request, html: Html) -> None:
    """Send a page or fragment."""
    vary = "HX-Request, Cookie, Accept, Accept-Encoding"
    headers = [
        *html.headers,
        *guards(request),
        ("content-security-policy", policy(html.form_action, framed=html.framed)),
        ("vary", vary),
    ]
    if not any(name == "cache-control" for name, _ in html.headers):
        headers.append(("cache-control", "no-store" if html.fragment else "private, no-cache"))
    await _send(request, html.code, html.body.encode("utf-8", "replace"), "text/html; charset=utf-8", headers)


async def send_go(request: Request, to: str, headers: Headers) -> None:
    """Send a browser, or htmx in it, to another page."""
    if request.headers.get("hx-request") == "true":
        sent = [*headers, *guards(request), ("hx-redirect", to), ("vary", "HX-Request")]
        await request.reply(200, b"", "text/plain", sent)
        return
    sent = [*headers, *guards(request), ("location", to), ("cache-control", "no-store")]
    await request.reply(303, b"", "text/plain", sent)


async def send_moved(request: Request, to: str) -> None:
    """Send a browser to the lasting address."""
    headers = [
        ("location", quote(to, safe="/@?=&%.~-_")),
        ("vary", "Accept"),
        ("cache-control", "private, max-age=3600"),
    ]
    await request.reply(301, b"", "text/plain", [*headers, *guards(request)])


async def send_data(request: Request, data: Data) -> None:
    """Send JSON to a script of ours."""
    headers = [*data.headers, *guards(request), ("cache-control", "no-store")]
    await request.reply(data.code, msgspec.json.encode(data.body), "application/json", headers)


async def send_file(request: Request, file: File) -> None:
    """Send bytes, compressed where that helps."""
    await _send(
        request, file.code, file.body, file.content_type, [*file.headers, *guards(request), ("vary", "Accept-Encoding")]
    )


async def _send(request: Request, code: int, body: bytes, kind: str, headers: Headers) -> None:
    squeezes = kind.startswith(("text/", "application/j", "application/manifest", "image/svg"))
    if squeezes and len(body) >= COMPRESS_FROM and "gzip" in request.headers.get("accept-encoding", ""):
        body = gzip.compress(body, 5, mtime=0)
        headers = [*headers, ("content-encoding", "gzip")]
    await request.reply(code, body, kind, headers)
