"""A person at a browser who signs in and lets an app in: cookies, forms with their hidden fields, redirects."""

from __future__ import annotations

import urllib.error
import urllib.request
from dataclasses import dataclass
from email.message import Message
from http.cookiejar import CookieJar
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from client_server import PASSWORD, Served


@dataclass
class Seen:
    """A page, or the redirect that leads out of this site."""

    url: str
    code: int
    headers: Message[str, str]
    text: str

    @property
    def forms(self) -> list[LexborNode]:
        return LexborHTMLParser(self.text).css("main form")

    @property
    def answer(self) -> dict[str, str]:
        """What the redirect hands to the app: query or fragment."""
        parts = urlsplit(self.url)
        return dict(parse_qsl(parts.query or parts.fragment))


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


class Person:
    """One browser of one person."""

    def __init__(self, served: Served, name: str) -> None:
        self.base = served.base
        self.name = name
        trust = urllib.request.HTTPSHandler(context=served.trust)
        jar = urllib.request.HTTPCookieProcessor(CookieJar())
        self._opener = urllib.request.build_opener(trust, jar, _NoRedirect)

    def allow(self, address: str, decision: str = "allow") -> Seen:
        """Open an app's address, sign in where asked, decide, and return where that leads."""
        seen = self.open(address)
        if seen.url.startswith(self.base) and "/auth/sign_in" in seen.url:
            seen = self.send(seen, login=self.name, password=PASSWORD)
        if seen.url.startswith(self.base) and urlsplit(seen.url).path.rstrip("/") == "/oauth/authorize":
            assert seen.code == 200, (seen.code, seen.text)
            seen = self.send(seen, decision=decision)
        return seen

    def code_for(self, address: str) -> str:
        """The code that the app at this address gets, shown on a page or handed over."""
        seen = self.allow(address)
        if "code" not in seen.answer:
            raise AssertionError(f"no code: {seen.code} {seen.url} {seen.text[:2000]}")
        return seen.answer["code"]

    def open(self, address: str) -> Seen:
        """Go somewhere."""
        return self._follow(urllib.request.Request(urljoin(self.base, address)))

    def send(self, page: Seen, **typed: str) -> Seen:
        """Fill in the page's form and send it."""
        (form,) = page.forms
        fields = {
            str(field.attributes["name"]): field.attributes.get("value") or ""
            for field in form.css("input[name]")
            if field.attributes.get("type") != "checkbox" or "checked" in field.attributes
        }
        target = urljoin(page.url, form.attributes.get("action") or page.url)
        request = urllib.request.Request(target, urlencode(fields | typed).encode())
        request.add_header("Origin", self.base)
        request.add_header("Sec-Fetch-Site", "same-origin")
        return self._follow(request)

    def _follow(self, request: urllib.request.Request) -> Seen:
        for _ in range(8):
            request.add_header("Accept", "text/html")
            seen = self._once(request)
            if seen.code not in (302, 303, 307):
                return seen
            goes_to = urljoin(seen.url, seen.headers["Location"])
            if not goes_to.startswith(f"{self.base}/"):
                return Seen(goes_to, seen.code, seen.headers, "")
            request = urllib.request.Request(goes_to)
        raise AssertionError(f"redirects without end at {request.full_url}")

    def _once(self, request: urllib.request.Request) -> Seen:
        try:
            with self._opener.open(request, timeout=20) as answer:
                return Seen(request.full_url, answer.status, answer.headers, answer.read().decode())
        except urllib.error.HTTPError as error:
            with error:
                return Seen(request.full_url, error.code, error.headers, error.read().decode())
