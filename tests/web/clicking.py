"""A browser without scripts, for tests: it keeps cookies, follows redirects, fills in forms and presses buttons."""

from __future__ import annotations

import asyncio
import gzip
import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlencode, urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from dassie.app import App

BASE = "https://here.test"


@dataclass
class Page:
    """What the browser shows."""

    url: str
    code: int
    headers: dict[str, str]
    body: bytes
    trail: list[str] = field(default_factory=list)
    """Addresses of the redirects that led here."""

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def tree(self) -> LexborHTMLParser:
        return LexborHTMLParser(self.text)

    @property
    def path(self) -> str:
        parts = urlsplit(self.url)
        return f"{parts.path}?{parts.query}" if parts.query else parts.path

    def one(self, selector: str) -> LexborNode:
        """The only element that fits."""
        found = self.tree.css(selector)
        assert len(found) == 1, f"{len(found)} elements fit {selector} on {self.url}"
        return found[0]

    def words(self, selector: str = "main") -> str:
        """The text of the first element that fits."""
        found = self.tree.css_first(selector)
        assert found is not None, f"nothing fits {selector} on {self.url}"
        return " ".join(found.text().split())


@dataclass
class Browser:
    """One browser of one person."""

    app: App
    host: str = "here.test"
    address: str = "203.0.113.9"
    cookies: dict[str, str] = field(default_factory=dict)

    async def open(self, path: str, **headers: str) -> Page:
        """Go to a page."""
        return await self._follow("GET", urljoin(BASE, path), b"", headers)

    async def fragment(self, path: str) -> Page:
        """What htmx gets there."""
        return await self._once("GET", urljoin(BASE, path), b"", {"hx-request": "true"})

    async def sign_in(self, name: str, password: str = "correct horse battery") -> Page:
        page = await self.open("/auth/sign_in")
        return await self.submit(page, "form[action='/auth/sign_in']", login=name, password=password)

    async def submit(
        self, page: Page, form: str, *, button: str = "", files: dict[str, bytes] | None = None, **fields: Any
    ) -> Page:
        """Fill in a form and send it; `button` chooses one by its text."""
        node = page.one(form)
        pairs = _filled(node, fields)
        if button:
            pressed = next(b for b in node.css("button") if button in b.text())
            if pressed.attributes.get("name"):
                pairs.append((str(pressed.attributes["name"]), str(pressed.attributes.get("value") or "")))
        action = urljoin(page.url, node.attributes.get("action") or page.url)
        if (node.attributes.get("method") or "get").lower() == "get":
            return await self._follow("GET", f"{action}?{urlencode(pairs)}", b"", {})
        multipart = node.attributes.get("enctype") == "multipart/form-data"
        body, kind = _multipart(pairs, files or {}) if multipart else (urlencode(pairs).encode(), FORM)
        return await self._follow("POST", action, body, {"content-type": kind, **_from(page)})

    async def press(self, page: Page, selector: str, *, htmx: bool = False) -> Page:
        """Press an action button (`form="act"`)."""
        target = urljoin(page.url, str(page.one(selector).attributes["formaction"]))
        body = urlencode(_filled(page.one("form#act"), {})).encode()
        headers = {"content-type": FORM, **_from(page)}
        if htmx:
            return await self._once("POST", target, body, {**headers, "hx-request": "true"})
        return await self._follow("POST", target, body, headers)

    async def post(self, path: str, fields: dict[str, str], **headers: str) -> Page:
        """A bare request, as a forger would make it."""
        sent = {"content-type": FORM, **{name.replace("_", "-"): value for name, value in headers.items()}}
        return await self._once("POST", urljoin(BASE, path), urlencode(fields).encode(), sent)

    async def _follow(self, method: str, url: str, body: bytes, headers: dict[str, str]) -> Page:
        trail: list[str] = []
        page = await self._once(method, url, body, headers)
        while page.code == 303 and urljoin(page.url, page.headers["location"]).startswith(BASE) and len(trail) < 5:
            trail.append(page.headers["location"])
            page = await self._once("GET", urljoin(page.url, page.headers["location"]), b"", {})
        page.trail = trail
        return page

    async def _once(self, method: str, url: str, body: bytes, headers: dict[str, str]) -> Page:
        parts = urlsplit(url)
        sent = {"host": self.host, "accept": "text/html", "accept-encoding": "gzip", **headers}
        if self.cookies:
            sent["cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if body:
            sent["content-length"] = str(len(body))
        scope = {
            "type": "http",
            "method": method,
            "path": unquote(parts.path),
            "raw_path": parts.path.encode(),
            "query_string": parts.query.encode(),
            "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in sent.items()],
            "client": (self.address, 50000),
            "scheme": "https",
        }
        page = Page(url, 0, {}, b"")
        waiting = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive() -> Any:
            if waiting:
                return waiting.pop()
            await asyncio.sleep(3600)
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                page.code = message["status"]
                for name, value in message["headers"]:
                    self._take(page, name.decode().lower(), value.decode("latin-1"))
            else:
                page.body += message.get("body", b"")

        await self.app(scope, receive, send)
        if page.headers.get("content-encoding") == "gzip":
            page.body = gzip.decompress(page.body)
        return page

    def _take(self, page: Page, name: str, value: str) -> None:
        page.headers[name] = value
        if name == "set-cookie":
            cookie, _, content = value.partition(";")[0].partition("=")
            if "Max-Age=0" in value:
                self.cookies.pop(cookie, None)
            else:
                self.cookies[cookie] = content


FORM = "application/x-www-form-urlencoded"


def _from(page: Page) -> dict[str, str]:
    return {"origin": BASE, "sec-fetch-site": "same-origin", "referer": page.url}


def _filled(form: LexborNode, given: dict[str, Any]) -> list[tuple[str, str]]:
    """Names and values as a browser would send them, with what the test types."""
    pairs: list[tuple[str, str]] = []
    typed = {name.replace("__", "[]"): value for name, value in given.items()}
    for control in form.css("input, textarea, select"):
        name = control.attributes.get("name")
        if not name or name in typed or control.attributes.get("type") == "file":
            continue
        pairs += [(name, value) for value in _values(control)]
    for name, value in typed.items():
        known = form.css_first(f'[name="{name}"]')
        assert known is not None, f"the form has no field {name}"
        values = value if isinstance(value, list) else [value]
        pairs += [(name, str(one)) for one in values if one is not False and one is not None]
    return pairs


def _values(control: LexborNode) -> list[str]:
    if control.tag == "textarea":
        return [control.text()]
    if control.tag == "select":
        chosen = control.css_first("option[selected]") or control.css_first("option")
        return [] if chosen is None else [str(chosen.attributes.get("value") or "")]
    kind = control.attributes.get("type")
    if kind in ("checkbox", "radio") and "checked" not in control.attributes:
        return []
    return [str(control.attributes.get("value") or "")]


def _multipart(pairs: list[tuple[str, str]], files: dict[str, bytes]) -> tuple[bytes, str]:
    edge = secrets.token_hex(8)
    parts = [
        f'--{edge}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in pairs
    ]
    for name, data in files.items():
        head = f'--{edge}\r\nContent-Disposition: form-data; name="{name}"; filename="a.png"\r\n'
        parts.append(head.encode() + b"Content-Type: image/png\r\n\r\n" + data + b"\r\n")
    parts.append(f"--{edge}--\r\n".encode())
    return b"".join(parts), f"multipart/form-data; boundary={edge}"
