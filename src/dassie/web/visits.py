"""A request by a person: who is signed in, what they sent, and the page around what they get."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from dassie.domain.errors import NotAuthenticated
from dassie.domain.ids import AccountId, parse_id
from dassie.domain.languages import valid_language
from dassie.domain.paging import Page as Part
from dassie.domain.urls import Urls
from dassie.door.forms import Params
from dassie.door.limits import Limit, Limits
from dassie.door.request import Request
from dassie.server import Server
from dassie.services import watching
from dassie.store import markers, notifications
from dassie.store.logins import Caller, User
from dassie.store.tx import Tx
from dassie.store.views import AccountView
from dassie.web import cookies, notices, sections, sites, texts
from dassie.web.answers import Headers, Html
from dassie.web.rendering import render
from dassie.web.shown import Me, Page

PAGE_SIZE = 20
UNREAD_MOST = 100


@dataclass(slots=True)
class Visit:
    """One request of a browser."""

    server: Server
    request: Request
    params: Params
    caller: Caller | None
    session: str
    """The token of the session; empty for guests."""
    limits: Limits

    @property
    def urls(self) -> Urls:
        return self.server.urls

    @property
    def me(self) -> AccountView:
        """Who is signed in; raises `NotAuthenticated` for guests."""
        if self.caller is None or self.caller.account is None:
            raise NotAuthenticated("Please sign in first.")
        return self.caller.account

    @property
    def user(self) -> User:
        """The login of who is signed in."""
        if self.caller is None or self.caller.user is None:
            raise NotAuthenticated("Please sign in first.")
        return self.caller.user

    @property
    def viewer(self) -> AccountId | None:
        """Who looks, or None for guests."""
        return self.caller.account.id if self.caller is not None and self.caller.account is not None else None

    @property
    def fragment(self) -> bool:
        """Whether htmx asks for a part of the page."""
        return self.request.headers.get("hx-request") == "true"

    def part(self, limit: int = PAGE_SIZE) -> Part:
        """Which part of a list is asked for."""
        sent = {name: parse_id(str(self.params.get(name, ""))) for name in ("max_id", "min_id")}
        return Part(limit=limit, max_id=sent["max_id"], min_id=sent["min_id"])

    def older(self, ids: Sequence[int], limit: int = PAGE_SIZE) -> str | None:
        """The address of the next part; None where this one was the last."""
        if len(ids) < limit:
            return None
        kept = "&".join(f"{name}={self.params[name]}" for name in ("only",) if name in self.params)
        return f"{self.request.path}?{kept}{'&' if kept else ''}max_id={ids[-1]}"

    def back(self, otherwise: str = "/home") -> str:
        """Where the form was: as it says itself, else as the browser says; always a page of ours."""
        said = str(self.params.get("back", ""))
        if is_local(said):
            return said
        parts = urlsplit(self.request.headers.get("referer", ""))
        path = f"{parts.path}?{parts.query}" if parts.query else parts.path
        ours = parts.netloc in (self.request.host, urlsplit(self.urls.base).netloc)
        return path if ours and is_local(path) else otherwise

    def looked(self, statuses: Collection[int] = (), *, thread: int | None = None, profile: int | None = None) -> None:
        """The reader is given these posts, the thread around one, or a profile: said once the page is built."""
        watching.look(self.server, self.viewer, statuses, thread=thread, profile=profile)

    def limit(self, limit: Limit) -> None:
        """Count against a limit of the person; raises `TooMany`."""
        who = str(self.viewer) if self.viewer is not None else self.request.client_group
        self.limits.count(limit, who, self.server.clock.now())

    async def page(self, tx: Tx) -> Page:
        """What every template needs to know."""
        lang = texts.choose(self.request.headers.get("accept-language", ""), self._locale())
        texts.use(lang)
        return Page(
            site=await sites.read(tx, self.server),
            urls=self.urls,
            path=self.request.target,
            now=tx.now,
            me=await self._me(tx),
            notice=notices.of(self.request.cookie("said")),
            lang=lang,
            dir=texts.direction(lang),
            translates_to=self.reads if self.server.translator is not None and self.caller is not None else "",
        )

    def html(
        self, template: str, page: Page, *, http_code: int = 200, headers: Headers | None = None, **values: Any
    ) -> Html:
        """A rendered page or fragment."""
        sent = list(headers or ())
        if page.notice is not None:
            sent.append(cookies.drop_said(self.server.config))
        html = render(template, page, **values)
        return Html(html, http_code, sent, fragment=template.startswith("fragments/"))

    def guest(self) -> tuple[str, Headers]:
        """A form token for somebody who is not signed in, and the cookie it is tied to."""
        known = self.request.cookie("guest")
        value = known if known and len(known) <= 64 else secrets.token_urlsafe(24)
        return cookies.form_token(self.server.secret, value), [cookies.set_guest(self.server.config, value)]

    @property
    def reads(self) -> str:
        """The language somebody reads: the one they write in, or else what their browser asks for first."""
        own = None if self.caller is None or self.caller.user is None else self.caller.user.settings.default_language
        asked = map(valid_language, texts.asked_for(self.request.headers.get("accept-language", "")))
        return own or next(filter(None, asked), None) or self._locale() or "en"

    def _locale(self) -> str | None:
        return None if self.caller is None or self.caller.user is None else self.caller.user.locale

    async def _me(self, tx: Tx) -> Me | None:
        if self.caller is None or self.caller.account is None or self.caller.user is None:
            return None
        return Me(
            account=self.caller.account,
            token=cookies.form_token(self.server.secret, self.session),
            settings=self.caller.user.settings,
            unread=await unread(tx, self.caller.user),
            sections=sections.open_to(self.caller.user.role),
        )


LONGEST_ADDRESS = 8_000
"""Apps that name every scope there is ask for consent at an address of more than a thousand characters."""


def is_local(address: str) -> bool:
    """Whether an address leads to a page of ours and nowhere else."""
    plain = address.isascii() and address.isprintable() and len(address) <= LONGEST_ADDRESS
    return plain and address.startswith("/") and not address.startswith(("//", "/\\")) and "#" not in address


async def unread(tx: Tx, user: User) -> int:
    """How many notifications came after the last one that was read; counted up to a hundred."""
    read = await markers.last_read(tx, user.id, "notifications")
    return await notifications.count_above(tx, user.account_id, notifications.Wanted(), read, UNREAD_MOST)
