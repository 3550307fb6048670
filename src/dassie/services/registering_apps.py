"""Client applications register themselves."""

from __future__ import annotations

import secrets
from urllib.parse import urlsplit

from dassie.domain.errors import Invalid
from dassie.domain.redirects import read_redirect_uris
from dassie.domain.scopes import parse_scopes
from dassie.store import apps
from dassie.store.apps import OAuthApp
from dassie.store.tx import Tx

LONGEST_NAME = 60
LONGEST_WEBSITE = 2000


async def register(
    tx: Tx, *, name: str, redirect_uris: list[str], scopes: str, website: str | None
) -> tuple[OAuthApp, str]:
    """A new app and its secret, which is told this once. Raises `Invalid`."""
    name = name.strip()
    if not name:
        raise _problem("name", "Application name", "ERR_BLANK", "can't be blank")
    if len(name) > LONGEST_NAME:
        words = f"is too long (maximum is {LONGEST_NAME} characters)"
        raise _problem("name", "Application name", "ERR_TOO_LONG", words)
    secret = secrets.token_urlsafe(32)
    app = await apps.register(
        tx,
        client_id=secrets.token_urlsafe(32),
        client_secret=secret,
        name=name,
        website=_website(website),
        redirect_uris=read_redirect_uris(redirect_uris),
        scopes=_known(scopes),
    )
    return app, secret


def _website(text: str | None) -> str | None:
    """The app's page. It is shown as a link beside posts, so only web addresses will do."""
    text = (text or "").strip()
    if not text:
        return None
    if len(text) > LONGEST_WEBSITE:
        words = f"is too long (maximum is {LONGEST_WEBSITE} characters)"
        raise _problem("website", "Website", "ERR_TOO_LONG", words)
    try:
        parts = urlsplit(text)
        usable = parts.scheme.lower() in ("http", "https") and bool(parts.hostname)
    except ValueError:
        usable = False
    if not usable:
        raise _problem("website", "Website", "ERR_INVALID", "must be a valid URL")
    return text


def _known(scopes: str) -> str:
    try:
        return " ".join(parse_scopes(scopes))
    except Invalid:
        raise _problem("scopes", "Scopes", "ERR_INVALID", "doesn't match configured on the server.") from None


def _problem(field: str, shown: str, code: str, words: str) -> Invalid:
    return Invalid(f"Validation failed: {shown} {words}", fields={field: [(code, words)]})
